"""``emgmon demo --weeks N``: weeks of sessions of a virtual person, so that History has something to show.

Days come from the simulator as levels of muscles. They become signals of hops, not of samples: the metrics are the
program's own, filters and detection of reps are left out, which makes eight weeks in seconds. There are no recordings
behind these sessions.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from emgmon import __version__
from emgmon.cli import DONE
from emgmon.cli.console import say
from emgmon.cli.start import watched
from emgmon.dsp.envelope import HOP_S
from emgmon.exercise.catalogue import packaged
from emgmon.metrics import METRICS, HopSeries, RepSignals, set_estimates
from emgmon.model import ChannelQuality, Placement, Reference, Rep, RepSummary, SessionSummary, SetSummary, Value
from emgmon.storage.sessions import Origin, SaidOfSet, Store, listed, open_store, persons, put_session, saying
from emgmon.storage.sessions.writing import DEMO_PERSON
from firmware_sim.cohort import TRIO, Day, Weeks, draw_weeks
from firmware_sim.placing import placings
from firmware_sim.wearer import Site

CHANGES, STAYS = "bridge_2leg", "deadlift_conv"
CHANGE_LN = -math.log(1.9)
DAY_LN = 0.14
"""Scatter of a muscle between days, ln: somebody who places electrodes with care."""
SLIPPED, SLIP_LN = 10, {"gluteus_maximus": -0.9}
"""Session in which the glutes' electrodes come half off, and what that costs."""
SLIP_MDF, SLIP_NOISE = 0.6, 4.0
"""What it does to their median frequency and their noise at rest."""
REPS, NOISE_UV, REFERENCE_UV = 10, 2.0, 150.0
LIFT_S, HOLD_S, LOWER_S, REST_S = 1.2, 2.4, 1.5, 1.9
PHASE_FACTOR = (1.12, 1.0, 0.65)
SIDE_LN = {"left": 0.04, "right": -0.04}
LOAD_KG = 20.0
TITLE = "emgmon: simulated weeks"
SOURCE = "weeks made by emgmon demo: levels, no signals"
SHARES = frozenset(("share_glute", "share_hamstring", "share_back", "sdi", "log_ratio_h", "log_ratio_e"))
TOLD = SHARES | {"level", "symmetry", "sdi_difference", "duration", "range"}
"""Metrics that levels alone can tell."""
PLACES = {(muscle, side): Placement(muscle, side) for muscle in TRIO for side in SIDE_LN}


def run(options: argparse.Namespace) -> int:
    """Fill the store with simulated weeks, say what to do next, and show them where somebody looks on."""
    with open_store(options.store) as store:
        count = fill(store, options.weeks, options.seed, dt.datetime.now(dt.UTC).date())
        where = store.where
    say(f"{count} simulated sessions of {options.weeks} weeks, of the person {DEMO_PERSON!r}, are now in {where}.")
    say("In them the glutes take over more and more of the bridge; the deadlift stays as it was.")
    say("")
    say(f"  emgmon compare --person {DEMO_PERSON}            what changed, and how sure that is")
    say(f"  emgmon sessions list --person {DEMO_PERSON}      the sessions")
    say(f"  emgmon sessions delete --person {DEMO_PERSON}    takes them away again")
    if not options.headless and watched():
        from emgmon.live.review_window import open_history  # noqa: PLC0415 - Qt only when a window is really opened

        open_history(where, DEMO_PERSON, theme=options.theme, title=TITLE)
    return DONE


def fill(store: Store, weeks: int, seed: int, today: dt.date) -> int:
    """Put weeks that end the day before `today` into the store, in place of earlier ones; returns the sessions."""
    if DEMO_PERSON in persons(store):
        for row in listed(store, DEMO_PERSON):
            if row.source == SOURCE:
                saying.forget(store, row.sha256, facts=True)
    first = today - dt.timedelta(days=7 * weeks)
    changing = draw_weeks(seed, "change", 3 * weeks, change_ln=CHANGE_LN, day_ln=DAY_LN)
    steady = draw_weeks(seed + 1, "steady", 3 * weeks, day_ln=DAY_LN)
    rng = np.random.default_rng([seed, 81])
    for bridge, other, placed in zip(changing.days, steady.days, placings(changing), strict=True):
        slipped = bridge.number == SLIPPED
        mdf_hz = {place: placed.mdf_hz[site] * _of_slip(site, SLIP_MDF, slipped) for site, place in PLACES.items()}
        noise_uv = {place: NOISE_UV * _of_slip(site, SLIP_NOISE, slipped) for site, place in PLACES.items()}
        day = replace(bridge, gain_ln={**bridge.gain_ln, **SLIP_LN}) if slipped else bridge
        sets = (_set(1, CHANGES, changing, day, mdf_hz, rng), _set(2, STAYS, steady, other, mdf_hz, rng))
        began = dt.datetime.combine(first + dt.timedelta(days=round(day.at_days)), dt.time(17, 30), dt.UTC)
        name = hashlib.sha256(f"{SOURCE}, {seed}, {day.number}".encode()).hexdigest()
        put_session(
            store, Origin(name, ""), _session(began, sets, noise_uv), _said(day, len(changing.days)), DEMO_PERSON
        )
    return len(changing.days)


def _of_slip(site: Site, factor: float, slipped: bool) -> float:
    return factor if slipped and site[0] in SLIP_LN else 1.0


def _said(day: Day, days: int) -> list[SaidOfSet]:
    """Pain and hamstring tension that ease with the weeks."""
    left = 1.0 - day.number / days
    tension = round(2.0 + 4.0 * left)
    pain = round(2.0 * left)
    return [SaidOfSet(pain, tension), SaidOfSet(pain, tension, LOAD_KG)]


def _session(began: dt.datetime, sets: tuple[SetSummary, ...], noise_uv: Mapping[Placement, float]) -> SessionSummary:
    quality = "emg", "uv", 1000.0, 1000.0, 120_000, 0, "index", 0
    channels = tuple(
        ChannelQuality(f"DEMO-{place}", place, *quality, noise, None, device_class="A")
        for place, noise in noise_uv.items()
    )
    return SessionSummary(
        began.isoformat(timespec="seconds"),
        f"emgmon {__version__}",
        SOURCE,
        simulated=True,
        duration_s=sets[-1].stop_s + 10.0,
        sets=sets,
        channels=channels,
        settings={},
        notes=(),
    )


def _set(
    number: int,
    exercise: str,
    weeks: Weeks,
    day: Day,
    mdf_hz: Mapping[Placement, float],
    rng: np.random.Generator,
) -> SetSummary:
    start_s = 60.0 * number
    references = {place: Reference(place, "T1", REFERENCE_UV, "uv", trials=3) for place in PLACES.values()}
    reps = tuple(
        _rep(index, start_s + (index - 1) * (LIFT_S + HOLD_S + LOWER_S + REST_S) + REST_S, levels_ln, references, rng)
        for index, levels_ln in enumerate(weeks.reps_ln(day, REPS, number).tolist(), start=1)
    )
    reps = tuple(replace(rep, values=(*rep.values, *_frequencies(mdf_hz))) for rep in reps)
    title = packaged()[exercise].title
    known = tuple(references.values())
    stop_s = reps[-1].rep.end_s + 2.0
    return SetSummary(
        number, exercise, title, start_s, stop_s, REPS, None, reps, set_estimates(reps), known, notes=(), count="met"
    )


def _rep(
    index: int, start_s: float, levels_ln: list[float], references: dict[Placement, Reference], rng: np.random.Generator
) -> RepSummary:
    slow = float(np.exp(0.08 * rng.standard_normal()))
    ends_s = np.cumsum([start_s, slow * LIFT_S, slow * HOLD_S, slow * LOWER_S]).tolist()
    rep = Rep(index, *ends_s)
    time_s = np.arange(start_s - 0.5, ends_s[-1] + 0.5, HOP_S)
    course = np.interp(time_s, ends_s, (0.3, *PHASE_FACTOR[:2], 0.1))
    for phase, factor in zip(range(3), PHASE_FACTOR, strict=True):
        course[(time_s >= ends_s[phase]) & (time_s < ends_s[phase + 1])] = factor
    series = {
        place: HopSeries(
            time_s,
            (REFERENCE_UV * math.exp(levels_ln[TRIO.index(muscle)] + SIDE_LN[side]) * course) ** 2
            * rng.gamma(4.0, 0.25, len(time_s))
            + NOISE_UV**2,
        )
        for (muscle, side), place in PLACES.items()
    }
    noise = dict.fromkeys(PLACES.values(), NOISE_UV)
    units = dict.fromkeys(PLACES.values(), "uv")
    range_deg = 32.0 + 2.0 * float(rng.standard_normal())
    phases = ("con", "hold", "ecc", "act")
    signals = RepSignals(rep, phases, series, units, noise, references, ("G", "H", "E"), True, range_deg)
    return RepSummary(rep, tuple(_values(signals)), (), valid=True, target="unknown")


def _frequencies(mdf_hz: Mapping[Placement, float]) -> Iterator[Value]:
    for place, frequency_hz in mdf_hz.items():
        yield Value("mdf", "hold", str(place), frequency_hz, "hz")


def _values(signals: RepSignals) -> Iterator[Value]:
    for metric in METRICS:
        if metric.name in TOLD:
            yield from metric.compute(signals)
