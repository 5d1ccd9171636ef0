"""Row of negative controls: what must not change the index, and what must not go unnoticed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from emgmon.exercise.catalogue import packaged
from emgmon.model import Event, Notice, QualityChanged, SessionSummary
from emgmon.validation.sessions import E, Emg, G, H, Imu, Plan, entries_of, grid, told
from emgmon.validation.sources import GRID_HZ, NAMES, generators, rate_hz, sampled
from emgmon.validation.table import Conditions, Measurement
from firmware_sim.body import Body, all_doubled, draw_body, gain_only, no_dysfunction, noise_only, swapped
from firmware_sim.emg import Generator
from firmware_sim.physiology import body_signals
from firmware_sim.wearer import Script

LEAD_S, IMU_HZ, REPS = 2.0, 100.0, 6
SITES = ((G, "left"), (H, "left"), (E, "left"))
GAIN, NOISE = 2.0, 2.0
PHASE, SIDE = "hold", "left"
Session = tuple[list[tuple[int, Event]], SessionSummary]


def _session(script: Script, body: Body, seed: int, *, references: bool = True) -> Session:
    """One side of a wearer through the pipeline, class A."""
    shown = {site: body_signals(script, site, seed=seed, body=body) for site in SITES}
    grid_s = grid(int((script.duration_s + LEAD_S) * GRID_HZ), GRID_HZ) - LEAD_S
    columns = [sampled(shown[site].emg_uv.at(grid_s)[:, 0], "A") for site in SITES]
    emg = Emg(np.stack(columns, axis=1), rate_hz("A"), tuple("/".join(site) for site in SITES))
    imu_s = grid(int((script.duration_s + LEAD_S) * IMU_HZ), IMU_HZ) - LEAD_S
    imu = Imu(shown[H, SIDE].imu.at(imu_s), IMU_HZ, f"{H}/{SIDE}")
    plan = Plan()
    for cue in script.cues:
        if references or not cue.kind.startswith("reference"):
            plan.add(cue.t_s + LEAD_S, cue.kind, **cue.data)
    return told(entries_of(plan, emg, [imu], packaged()["bridge_2leg"].table()))


def _index(session: Session) -> float:
    """Index of the only set, ln."""
    estimate = session[1].sets[0].estimate("sdi", PHASE, SIDE) if session[1].sets else None
    return estimate.mean if estimate else math.nan


def _within(session: Session) -> float:
    """Change of the index from the first half of the set to the second, ln."""
    estimate = session[1].sets[0].estimate("sdi", PHASE, SIDE) if session[1].sets else None
    return estimate.last - estimate.first if estimate else math.nan


def _noticed(session: Session) -> bool:
    """Whether anything that the program says is about sensors on the wrong muscle."""
    events, summary = session
    codes = {event.code for _ns, event in events if isinstance(event, QualityChanged)}
    codes |= {flag.code for channel in summary.channels for flag in channel.flags}
    texts = [event.text for _ns, event in events if isinstance(event, Notice)] + list(summary.notes)
    texts += [note for done in summary.sets for note in done.notes]
    return "SITE" in codes or any("swap" in text.lower() for text in texts)


def controls(seeds: range, quick: bool) -> Sequence[Measurement]:
    """Largest change of the index that a control makes, ln, and how often swapped sensors are noticed, %."""
    out = []
    for generator in generators(quick=quick):
        changes: dict[str, list[float]] = {}
        noticed: list[bool] = []
        accused: list[bool] = []
        for seed in seeds:
            found, swap, right = _controls_of(generator, seed, quick=quick or generator != "motor_units")
            for name, change in found.items():
                changes.setdefault(name, []).append(change)
            noticed.append(swap)
            accused.append(right)
        for name, values in changes.items():
            where: Conditions = {"generator": NAMES[generator], "control": name}
            out.append(Measurement("change", float(np.max(np.abs(values))), "ln", len(values), seeds, where))
        for control, told_of in (("electrodes swapped", noticed), ("nothing swapped", accused)):
            where = {"generator": NAMES[generator], "control": control}
            out.append(Measurement("noticed", 100.0 * float(np.mean(told_of)), "%", len(told_of), seeds, where))
    return out


def _controls_of(generator: Generator, seed: int, *, quick: bool) -> tuple[dict[str, float], bool, bool]:
    """Find the changes of the index by control, whether a swap is noticed, and whether one is where there is none."""
    script, body = no_dysfunction(REPS, seed=seed), draw_body(seed, generator=generator)
    usual = _session(script, body, seed)
    more = gain_only(body, SITES[0], GAIN)
    changes = {"gain ×2, new reference": _index(_session(script, more, seed)) - _index(usual)}
    if not quick:
        changes |= {
            "noise ×2": _index(_session(script, noise_only(body, NOISE), seed)) - _index(usual),
            "all muscles ×2": _index(_session(script, all_doubled(body), seed)) - _index(usual),
            "gain ×2, no reference, within the set": _within(_session(script, more, seed, references=False))
            - _within(_session(script, body, seed, references=False)),
        }
    wrong = _session(script, swapped(body, SITES[0], SITES[1]), seed)
    return changes, _noticed(wrong), _noticed(usual)
