"""Rows about amplitude: the envelope, the mean of a repetition, the reference, and causal against zero phase."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import signal

from emgmon.dsp.envelope import HOP_S, moving_rms
from emgmon.dsp.filters import ERECTOR_SPINAE, BandPassSettings, design
from emgmon.model import Array, Placement, Stream, TimedBlock
from emgmon.pipeline.tracks import EmgTrack
from emgmon.validation.sessions import SPAN, E, G, H, Plan, analysed, entries_of, level
from emgmon.validation.sources import (
    GRID_HZ,
    NAMES,
    RAW,
    generators,
    muscle,
    noise,
    rate_hz,
    sampled,
    trapezoids,
    worn,
)
from emgmon.validation.table import Conditions, Measurement
from firmware_sim.emg import Generator

REST_S, MAXIMUM_S = (0.5, 4.5), (25.0, 30.0)
REFERENCES_S = {"G": (5.5, 10.5), "H": (12.0, 17.0), "E": (18.5, 23.5)}
FIRST_REP_S, REP_S, PERIOD_S, REPS = 32.0, 2.0, 3.5, 8
RAMP_S = 0.3
LEVEL = 0.3
SIDE = "left"
MUSCLES = (G, H, E)

Cell = tuple[str, float]
CELLS: tuple[Cell, ...] = (
    ("A", 30.0),
    ("A", 20.0),
    ("A", 10.0),
    ("A", 5.0),
    ("B", 20.0),
    ("C", 20.0),
    ("C", 10.0),
    ("C", 5.0),
    ("D", 20.0),
)
QUICK_CELLS: tuple[Cell, ...] = (*CELLS[:4], ("C", 20.0))


def conditions(generator: Generator, cell: Cell, **more: float | str) -> Conditions:
    """Conditions of a measurement, as the table names them."""
    return {"generator": NAMES[generator], "device": cell[0], "snr_db": cell[1], **more}


def rep_spans() -> list[tuple[float, float]]:
    """Plateau of each repetition."""
    starts_s = FIRST_REP_S + PERIOD_S * np.arange(REPS)
    return [(start_s, start_s + REP_S) for start_s in starts_s.tolist()]


@dataclass(frozen=True, slots=True)
class Scene:
    """What one session of known plateaus gave, for each of three channels.

    Attributes
    ----------
    found : (3, reps + 1) array
        Level of the maximal contraction, then of each rep, µV.
    true : (3, reps + 1) array
        RMS of the noise-free envelope over the same spans, µV.
    reference, true_reference : (3,) array
        Level of the reference trial as taken, and the noise-free envelope's RMS during it, µV.
    offline : (3, reps + 1) array
        As `found`, from the same samples filtered forwards and backwards; NaN for a device without raw signal.
    """

    found: Array
    true: Array
    reference: Array
    true_reference: Array
    offline: Array


@lru_cache(maxsize=8)
def _muscles(seed: int, generator: Generator) -> tuple[tuple[Array, Array], ...]:
    """Make samples and envelopes of three muscles on the grid, µV."""
    spans = dict.fromkeys((*REFERENCES_S.values(), MAXIMUM_S), 1.0) | dict.fromkeys(rep_spans(), LEVEL)
    drive = trapezoids(FIRST_REP_S + PERIOD_S * REPS + 1.0, spans, RAMP_S)
    made = [muscle(drive, generator, 10 * seed + k) for k in range(3)]
    return tuple((item.samples_uv, item.envelope_uv) for item in made)


@lru_cache(maxsize=256)
def scene(seed: int, generator: Generator, cell: Cell) -> Scene:
    """Run one session through the pipeline."""
    device, snr_db = cell
    spans = [MAXIMUM_S, *rep_spans()]
    samples, true, true_reference = [], [], []
    for k, (muscle_uv, envelope_uv) in enumerate(_muscles(seed, generator)):
        true.append([_root_mean_square(envelope_uv, span) for span in spans])
        true_reference.append(_root_mean_square(envelope_uv, list(REFERENCES_S.values())[k]))
        noise_uv = float(np.mean(true[-1][1:])) * 10.0 ** (-snr_db / 20.0)
        rng = np.random.default_rng([seed, 12, k])
        samples.append(sampled(muscle_uv + noise(len(muscle_uv), noise_uv, rng), device))
    emg = worn(samples, device, tuple(f"{name}/{SIDE}" for name in MUSCLES))
    plan = Plan()
    plan.rest(*REST_S)
    for group, (start_s, stop_s) in REFERENCES_S.items():
        plan.reference(group, start_s - RAMP_S, stop_s + RAMP_S)
    for span in spans:
        plan.set(SPAN, *span)
    summary = analysed(entries_of(plan, emg))
    taken = {str(item.placement): item.level for item in summary.sets[0].references}
    reference = np.array([taken.get(place, math.nan) for place in emg.places])
    found = np.array([[level(summary, k, place) for k in range(len(spans))] for place in emg.places])
    offline = np.full(found.shape, math.nan)
    if device in RAW:
        offline = np.stack([_offline(emg.samples[:, k], emg.fs_hz, name, spans) for k, name in enumerate(MUSCLES)])
    return Scene(found * reference[:, None], np.array(true), reference, np.array(true_reference), offline)


def _root_mean_square(values: Array, span: tuple[float, float]) -> float:
    part = values[round(span[0] * GRID_HZ) : round(span[1] * GRID_HZ)]
    return math.sqrt(float((part * part).mean()))


def _offline(samples: Array, fs_hz: float, name: str, spans: Sequence[tuple[float, float]]) -> Array:
    """Noise-subtracted RMS over each span after the band-pass forwards and backwards, (spans,); of raw signals."""
    sos = design(ERECTOR_SPINAE if name == E else BandPassSettings(), fs_hz)
    filtered = signal.sosfiltfilt(sos, samples - np.median(samples))

    def power(span: tuple[float, float]) -> float:
        part = filtered[round(span[0] * fs_hz) : round(span[1] * fs_hz)]
        return float((part * part).mean())

    return np.sqrt(np.maximum([power(span) - power(REST_S) for span in spans], 0.0))


def _scenes(seeds: range, generator: Generator, cell: Cell) -> list[Scene]:
    return [scene(seed, generator, cell) for seed in seeds]


def rep_mean(seeds: range, quick: bool) -> Sequence[Measurement]:
    """Bias and SD of a rep's share of a maximal contraction against the truth, and reps that have a number, %."""
    out = []
    for generator in generators(quick=quick):
        for cell in QUICK_CELLS if quick else CELLS:
            parts = [
                np.log(s.found[:, 1:] / s.found[:, :1] / (s.true[:, 1:] / s.true[:, :1]))
                for s in _scenes(seeds, generator, cell)
            ]
            every = np.concatenate([part.ravel() for part in parts])
            errors = every[np.isfinite(every)]
            there = conditions(generator, cell)
            given = 100.0 * errors.size / every.size
            out.append(Measurement("given", given, "%", every.size, seeds, there))
            if errors.size < 2:
                continue
            bias, spread = 100.0 * float(np.expm1(errors.mean())), 100.0 * float(errors.std(ddof=1))
            out.append(Measurement("bias", bias, "%", errors.size, seeds, there))
            out.append(Measurement("SD", spread, "%", errors.size, seeds, there))
    return out


def reference(seeds: range, quick: bool) -> Sequence[Measurement]:
    """Level of a reference trial (best half second of five) over the amplitude of the whole trial, %."""
    out = []
    for generator in generators(quick=quick):
        for cell in (("A", 20.0), ("C", 20.0)):
            values = np.concatenate(
                [
                    np.log(s.reference / s.true_reference / (s.found[:, 0] / s.true[:, 0]))
                    for s in _scenes(seeds, generator, cell)
                ]
            )
            there = conditions(generator, cell)
            out.append(Measurement("inflation", 100.0 * float(np.expm1(values.mean())), "%", values.size, seeds, there))
            out.append(Measurement("SD", 100.0 * float(values.std(ddof=1)), "%", values.size, seeds, there))
    return out


def live_offline(seeds: range, quick: bool) -> Sequence[Measurement]:
    """Difference of the set's mean amplitude between the causal chain and zero-phase filters, %."""
    out = []
    for generator in generators(quick=quick):
        for cell in (("A", 20.0), ("B", 20.0), ("C", 20.0)) if not quick else (("A", 20.0), ("C", 20.0)):
            differences = []
            for s in _scenes(seeds, generator, cell):
                live = s.found[:, 1:].mean(axis=1) / s.found[:, 0]
                offline = s.offline[:, 1:].mean(axis=1) / s.offline[:, 0]
                differences += (100.0 * (live / offline - 1.0)).tolist()
            there = conditions(generator, cell)
            worst = float(np.max(np.abs(differences)))
            out.append(Measurement("largest difference", worst, "%", len(differences), seeds, there))
    return out


def envelope(seeds: range, quick: bool) -> Sequence[Measurement]:
    """Root mean square error of the 250 ms RMS against the noise-free envelope, % of the plateau."""
    out = []
    starts_s = [5.0, 9.5, 14.0]
    spans = {(start_s, start_s + 3.0): LEVEL for start_s in starts_s}
    drive = trapezoids(30.0, spans | {(22.0, 28.0): 1.0}, RAMP_S)
    for generator in generators(quick=quick):
        made = {seed: muscle(drive, generator, seed) for seed in seeds}
        for device in ("A",) if quick else RAW:
            for snr_db in (30.0, 20.0, 10.0, 5.0):
                errors = []
                for seed, item in made.items():
                    plateau_uv = _root_mean_square(item.envelope_uv, (5.0, 8.0))
                    rng = np.random.default_rng([seed, 13])
                    noisy = item.samples_uv + noise(len(item.samples_uv), plateau_uv * 10.0 ** (-snr_db / 20.0), rng)
                    errors.append(
                        _envelope_error(sampled(noisy, device), device, item.envelope_uv, starts_s, plateau_uv)
                    )
                value = 100.0 * math.sqrt(float(np.mean(np.square(errors))))
                out.append(
                    Measurement("NRMSE", value, "%", 3 * len(made), seeds, conditions(generator, (device, snr_db)))
                )
    return out


def _envelope_error(samples: Array, device: str, true_uv: Array, starts_s: Sequence[float], plateau_uv: float) -> float:
    """NRMSE over the active parts of one recording, its gain taken from the long maximal contraction."""
    fs_hz = rate_hz(device)
    track = EmgTrack(Placement(G, SIDE), "uv", fs_hz)
    stream = Stream("emg", "emg", "uv", fs_hz, (track.placement,))
    step = round(fs_hz)
    for first in range(0, len(samples), step):
        track.add(TimedBlock(stream, samples[first : first + step, None], first / fs_hz, 1.0 / fs_hz), 0)
    series = track.series
    rest = math.sqrt(float(np.nanmean(series.between(1.0, 4.5))))
    gain = track_level(series.between(22.0, 28.0), rest) / _root_mean_square(true_uv, (22.0, 28.0))
    n = round(0.25 / HOP_S)
    moving = moving_rms(series.power, n, rest) / gain
    middle_s = series.time_s[: len(moving)] + 0.5 * (n - 1) * HOP_S
    inside = np.zeros(len(moving), bool)
    for start_s in starts_s:
        inside |= (middle_s >= start_s - RAMP_S) & (middle_s < start_s + 3.0 + RAMP_S)
    true = np.interp(middle_s[inside], np.arange(len(true_uv)) / GRID_HZ, true_uv)
    return math.sqrt(float(np.mean((moving[inside] - true) ** 2))) / plateau_uv


def track_level(power: Array, rest: float) -> float:
    """Noise-subtracted RMS of hops."""
    return math.sqrt(max(float(np.nanmean(power)) - rest * rest, 0.0))
