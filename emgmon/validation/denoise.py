"""Rows about what is not muscle: how much mains hum and the heart change a small amplitude."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from emgmon.model import Array
from emgmon.validation.amplitude import RAMP_S, SIDE
from emgmon.validation.sessions import SPAN, E, Emg, G, H, Plan, analysed, entries_of, level
from emgmon.validation.sources import GRID_HZ, NAMES, generators, muscle, noise, rate_hz, sampled, trapezoids
from emgmon.validation.table import Conditions, Measurement
from firmware_sim import artefacts
from firmware_sim.emg import Generator

MVIC_UV, NOISE_UV = 100.0, 2.0
REST_S, REFERENCE_S = (6.0, 12.0), (15.0, 20.0)
"""Hum and beats are learnt while the muscle rests."""
FIRST_REP_S, REP_S, PERIOD_S, REPS = 24.0, 3.0, 5.0, 6
MAINS_UV, R_UV = 20.0, 50.0
HUM_SHARE, QUIET_SHARE = 0.10, 0.05
"""Amplitude of the reps as shares of the maximum: with hum, and of the quiet back."""
WANDER_HZ = {"mains of a large grid, wandering": 0.003, "mains of a generator, wandering": 0.03}
"""Change of the frequency within a second (SD)."""
HARMONICS = {1: 1.0, 2: 0.3, 3: 0.4}


def _spans() -> list[tuple[float, float]]:
    starts_s = FIRST_REP_S + PERIOD_S * np.arange(REPS)
    return [(start_s, start_s + REP_S) for start_s in starts_s.tolist()]


@lru_cache(maxsize=16)
def _clean(generator: Generator, seed: int, share: float) -> Array:
    """Muscle and noise on the grid: a maximal contraction, then reps of `share` of its amplitude, µV."""
    total_s = FIRST_REP_S + PERIOD_S * REPS
    loud = muscle(trapezoids(total_s, {REFERENCE_S: 1.0}, RAMP_S), generator, seed, mvic_uv=MVIC_UV)
    trial = muscle(trapezoids(total_s, dict.fromkeys(_spans(), 0.1), RAMP_S), generator, seed + 1, mvic_uv=MVIC_UV)
    held = trial.envelope_uv[round((FIRST_REP_S + 1.0) * GRID_HZ)]
    quiet_uv = trial.samples_uv * (share * MVIC_UV / held)
    return np.asarray(loud.samples_uv + quiet_uv + noise(len(quiet_uv), NOISE_UV, np.random.default_rng([seed, 41])))


def _levels(name: str, on_grid_uv: Array, device: str) -> Array:
    """Amplitude of each rep as the program gives it, fraction of the reference, (reps,)."""
    place = f"{name}/{SIDE}"
    emg = Emg(sampled(on_grid_uv, device)[:, None], rate_hz(device), (place,))
    plan = Plan()
    plan.rest(*REST_S)
    plan.reference({G: "G", H: "H", E: "E"}[name], REFERENCE_S[0] - RAMP_S, REFERENCE_S[1] + RAMP_S)
    for span in _spans():
        plan.set(SPAN, *span)
    summary = analysed(entries_of(plan, emg))
    return np.array([level(summary, k, place) for k in range(REPS)])


@lru_cache(maxsize=64)
def _clean_levels(generator: Generator, seed: int, share: float, name: str, device: str) -> Array:
    """Amplitude of each rep without any artefact, (reps,)."""
    return _levels(name, _clean(generator, seed, share), device)


def _mains(samples_uv: Array, f0_hz: float, seed: int) -> Array:
    """Hum of `MAINS_UV` RMS with harmonics, of one steady frequency."""
    rng = np.random.default_rng([seed, 42])
    time_s = np.arange(len(samples_uv)) / GRID_HZ
    wave = np.zeros(len(samples_uv))
    for harmonic, height in HARMONICS.items():
        wave += height * np.sin(2.0 * np.pi * harmonic * f0_hz * time_s + rng.uniform(0.0, 2.0 * np.pi))
    return samples_uv + MAINS_UV * wave / math.sqrt(float(np.mean(wave**2)))


def _spoilt(kind: str, samples_uv: Array, seed: int) -> Array:
    if kind == "mains 50 Hz":
        return _mains(samples_uv, 50.0, seed)
    if kind == "mains 50.5 Hz":
        return _mains(samples_uv, 50.5, seed)
    if kind in WANDER_HZ:
        peak_uv = MAINS_UV * math.sqrt(2.0)
        return artefacts.mains(
            samples_uv, GRID_HZ, amplitude_uv=peak_uv, wander_hz=WANDER_HZ[kind], seed=seed
        ).samples_uv
    rate_bpm = float(np.random.default_rng([seed, 43]).uniform(60.0, 150.0))
    return artefacts.ecg(samples_uv, GRID_HZ, r_uv=R_UV, heart_rate_bpm=rate_bpm, seed=seed).samples_uv


def residual(seeds: range, quick: bool) -> Sequence[Measurement]:
    """RMS and mean of the relative error that an artefact leaves in a rep's amplitude, against the clean session, %."""
    out = []
    kinds = (("mains 50 Hz", H), ("mains 50.5 Hz", H), *((kind, H) for kind in WANDER_HZ), ("heart, quiet back", E))
    for generator in generators(quick=quick):
        for kind, name in kinds:
            share = QUIET_SHARE if name == E else HUM_SHARE
            for device in ("A",) if quick else ("A", "C"):
                errors: list[float] = []
                for seed in seeds:
                    clean_uv = _clean(generator, 10 * seed, share)
                    clean = _clean_levels(generator, 10 * seed, share, name, device)
                    spoilt = _levels(name, _spoilt(kind, clean_uv, seed), device)
                    errors += (100.0 * (spoilt / clean - 1.0)).tolist()
                where: Conditions = {"generator": NAMES[generator], "device": device, "artefact": kind}
                values = np.array([error for error in errors if math.isfinite(error)])
                given = 100.0 * len(values) / len(errors)
                rms = float(np.sqrt(np.mean(values**2))) if len(values) else math.nan
                out.append(Measurement("RMS error", rms, "%", len(values), seeds, where))
                mean = float(values.mean()) if len(values) else math.nan
                out.append(Measurement("mean", mean, "%", len(values), seeds, where))
                out.append(Measurement("given", given, "%", len(errors), seeds, where))
    return out
