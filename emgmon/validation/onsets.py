"""Rows about when a muscle starts: the error of one onset, and what is said of the order of two muscles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from emgmon.dsp.filters import BandPass
from emgmon.dsp.onset import onset_near
from emgmon.metrics import METRICS, RepSignals, starts_of
from emgmon.metrics.base import HopSeries, Stretch
from emgmon.metrics.onset import order_of
from emgmon.model import Array, Placement, Rep
from emgmon.validation.sources import NAMES, generators, muscle, noise, rate_hz, sampled, trapezoids
from emgmon.validation.table import Conditions, Measurement
from firmware_sim.emg import Generator

LEVEL = 0.35
BURST_S, PERIOD_S, FIRST_S = 1.6, 4.2, 3.0
RISES_S = (0.1, 0.4)
SNRS_DB = (10.0, 20.0, 30.0)
EARLY_S = 0.150
REPS = 8
DELAYS_S = (0.0, 0.05, 0.10)
SNR_PAIR_DB = (10.0, 20.0)
"""Glutes, under more fat, and hamstrings: the mismatch that makes an order out of nothing."""
GLUTE, HAMSTRING = Placement("gluteus_maximus", "left"), Placement("biceps_femoris", "left")


class Bursts(NamedTuple):
    """EMG on the grid (µV), its RMS on the plateaus (µV), and the true starts (s)."""

    samples_uv: Array
    plateau_uv: float
    starts_s: Array


def _starts_s(seed: int, count: int) -> Array:
    """Draw the true starts of the bursts of one recording, s."""
    jitter_s = np.random.default_rng([seed, 21]).uniform(-0.2, 0.2, count)
    return np.asarray(FIRST_S + PERIOD_S * np.arange(count) + jitter_s)


def _bursts(generator: Generator, muscle_seed: int, starts_s: Array, rise_s: float) -> Bursts:
    """One muscle whose drive rises along straight lines."""
    spans = {(start_s + rise_s, start_s + BURST_S): LEVEL for start_s in starts_s.tolist()}
    made = muscle(trapezoids(FIRST_S + PERIOD_S * len(starts_s), spans, rise_s), generator, muscle_seed)
    active = made.envelope_uv > 0.7 * made.envelope_uv.max()
    return Bursts(made.samples_uv, float(np.sqrt(np.mean(made.envelope_uv[active] ** 2))), starts_s)


def _filtered(on_grid_uv: Array, device: str) -> tuple[Array, float]:
    """Band-passed as the chain does it, and the delay of that, s."""
    band_pass = BandPass(rate_hz(device))
    return band_pass(sampled(on_grid_uv, device)), band_pass.delay_s


def onset(seeds: range, quick: bool) -> Sequence[Measurement]:
    """Median, robust SD, share of early alarms and of misses of onsets near a movement."""
    out: list[Measurement] = []
    count = 10 if quick else 12
    for generator in generators(quick=quick):
        for rise_s in RISES_S:
            bursts = {seed: _bursts(generator, seed, _starts_s(seed, count), rise_s) for seed in seeds}
            for device in ("A",) if quick else ("A", "C"):
                for snr_db in SNRS_DB:
                    errors = np.concatenate(
                        [_onset_errors(seed, made, device, snr_db) for seed, made in bursts.items()]
                    )
                    rise = "fast" if rise_s < 0.2 else "slow"
                    where: Conditions = {
                        "generator": NAMES[generator],
                        "device": device,
                        "snr_db": snr_db,
                        "rise": rise,
                    }
                    out += _onset_figures(errors, seeds, where)
    return out


def _onset_errors(seed: int, made: Bursts, device: str, snr_db: float) -> Array:
    """Found less true start of each burst, s; NaN where none was found."""
    rng = np.random.default_rng([seed, 22, round(snr_db)])
    noise_uv = made.plateau_uv * 10.0 ** (-snr_db / 20.0)
    filtered, delay_s = _filtered(made.samples_uv + noise(len(made.samples_uv), noise_uv, rng), device)
    fs_hz = rate_hz(device)
    errors = []
    for start_s in made.starts_s.tolist():
        moves_s = start_s + rng.uniform(-0.1, 0.2)
        first = round((moves_s - 2.2) * fs_hz)
        part = filtered[max(first, 0) : round((moves_s + 1.2) * fs_hz)]
        found = onset_near(part, fs_hz, moves_s - max(first, 0) / fs_hz, noise=noise_uv)
        errors.append(found.onset_s + max(first, 0) / fs_hz - delay_s - start_s)
    return np.array(errors)


def _onset_figures(errors: Array, seeds: range, where: Conditions) -> list[Measurement]:
    found = errors[np.isfinite(errors)]
    middle = float(np.median(found)) if len(found) else math.nan
    spread = 1.4826 * float(np.median(np.abs(found - middle))) if len(found) else math.nan
    figures = (
        ("median", 1e3 * middle, "ms"),
        ("robust SD", 1e3 * spread, "ms"),
        ("early", 100.0 * float(np.mean(found < -EARLY_S)) if len(found) else math.nan, "%"),
        ("missed", 100.0 * float(np.mean(~np.isfinite(errors))), "%"),
    )
    return [Measurement(name, value, unit, len(errors), seeds, where) for name, value, unit in figures]


def order(seeds: range, quick: bool) -> Sequence[Measurement]:
    """How often a set of reps makes the program say that the glutes start later, %."""
    out = []
    for generator in generators(quick=quick):
        for rise_s in RISES_S if generator == "motor_units" and not quick else RISES_S[:1]:
            for delay_s in DELAYS_S:
                words = [_said(generator, seed, rise_s, delay_s) for seed in seeds]
                rise = "fast" if rise_s < 0.2 else "slow"
                where: Conditions = {
                    "generator": NAMES[generator],
                    "delay_ms": 1e3 * delay_s,
                    "rise": rise,
                    "mismatch_db": 10.0,
                }
                for measure, word in (("said later", "later"), ("said earlier", "earlier")):
                    share = 100.0 * float(np.mean([said == word for said in words]))
                    out.append(Measurement(measure, share, "%", len(words), seeds, where))
    return out


def _said(generator: Generator, seed: int, rise_s: float, delay_s: float) -> str:
    """Return the word that the program finds for one set."""
    lift_s = 0.8 if rise_s < 0.2 else 1.4
    starts_s = _starts_s(seed, REPS)
    reps = _reps(seed, starts_s, lift_s)
    stretches: list[dict[Placement, Stretch]] = [{} for _ in reps]
    levels: dict[Placement, float] = {}
    for place, snr_db, shift_s, other in ((GLUTE, SNR_PAIR_DB[0], delay_s, 0), (HAMSTRING, SNR_PAIR_DB[1], 0.0, 1)):
        made = _bursts(generator, seed + 1_000_000 * other, starts_s + shift_s, rise_s)
        rng = np.random.default_rng([seed, 23, other])
        levels[place] = made.plateau_uv * 10.0 ** (-snr_db / 20.0)
        filtered, lag_s = _filtered(made.samples_uv + noise(len(made.samples_uv), levels[place], rng), "A")
        time_s = np.arange(len(filtered)) / rate_hz("A") - lag_s
        for rep, stretch in zip(reps, stretches, strict=True):
            inside = slice(*np.searchsorted(time_s, (rep.start_s - 2.2, rep.start_s + 1.2)))
            stretch[place] = Stretch(time_s[inside], filtered[inside], rate_hz("A"))
    delays: dict[str, list[float]] = {"onset_delay_h": [], "rise10": []}
    for rep, stretch in zip(reps, stretches, strict=True):
        _add_delays(delays, rep, stretch, levels)
    return order_of(delays["onset_delay_h"], delays["rise10"], lift_s).word


def _reps(seed: int, starts_s: Array, lift_s: float) -> list[Rep]:
    """Movements that begin about 60 ms after the hamstrings, known to 20 ms."""
    moves_s = starts_s + 0.06 + np.random.default_rng([seed, 24]).normal(0.0, 0.02, len(starts_s))
    return [
        Rep(k, s, s + lift_s, s + BURST_S - 0.2, s + BURST_S + 0.3) for k, s in enumerate(moves_s.tolist(), start=1)
    ]


def _add_delays(
    delays: dict[str, list[float]], rep: Rep, stretches: dict[Placement, Stretch], noise_uv: dict[Placement, float]
) -> None:
    """Add what the metrics say of one rep: the delay at equal SNR, and that of a tenth of the plateau."""
    signals = RepSignals(
        rep=rep,
        phases=("con",),
        series={place: HopSeries(stretch.time_s[:0], stretch.samples[:0]) for place, stretch in stretches.items()},
        units=dict.fromkeys(stretches, "uv"),
        noise=noise_uv,
        references={},
        groups=("G", "H"),
        sdi_scored=True,
        range_deg=math.nan,
        starts=starts_of(stretches, rep, noise_uv),
    )
    values = {
        (value.metric, value.where): value.value
        for metric in METRICS
        if metric.name in {"onset_delay_h", "rise10"}
        for value in metric.compute(signals)
    }
    matched = values.get(("onset_delay_h", "both"), math.nan)
    tenth = values.get(("rise10", str(GLUTE)), math.nan) - values.get(("rise10", str(HAMSTRING)), math.nan)
    if math.isfinite(matched):
        delays["onset_delay_h"].append(matched)
    if math.isfinite(tenth):
        delays["rise10"].append(tenth)
