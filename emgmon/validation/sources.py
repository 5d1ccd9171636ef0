"""Signals whose truth is known: a muscle's EMG from either generator, noise, and the device that samples it.

Nothing here is shared with the estimator. The estimator was tuned on shaped noise; motor units are what it has to stand
up to.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from emgmon.model import Array
from firmware_sim.amplifier import Amplifier, digitise
from firmware_sim.emg import GENERATORS, EmgTruth, Generator, Source, raw_emg

GRID_HZ = 2000.0
DRIVE_HZ = 500.0
MUSCLE_BAND_HZ = (20.0, 450.0)
"""Where noise is measured for a signal-to-noise ratio."""

DEVICES: Mapping[str, Amplifier] = {
    "A": Amplifier(rate_hz=1000.0, bits=16),
    "B": Amplifier(rate_hz=500.0, bits=16),
    "C": Amplifier(rate_hz=200.0, bits=16),
}
"""Class letter to a device of that class; class D hands out envelopes, which no driver gives yet."""

NAMES: Mapping[Generator, str] = {"shaped_noise": "shaped noise", "motor_units": "motor units"}


def generators(*, quick: bool) -> tuple[Generator, ...]:
    """Both generators; the one that decides when it has to be quick."""
    return ("motor_units",) if quick else GENERATORS


def muscle(drive: Array, generator: Generator, seed: int, *, mvic_uv: float = 200.0) -> EmgTruth:
    """EMG on the grid for a drive at `DRIVE_HZ`; spectrum, law and motor units are drawn from the seed."""
    rng = np.random.default_rng([seed, 11])
    source = Source(
        mvic_uv=mvic_uv,
        exponent=float(rng.uniform(0.8, 1.4)),
        low_hz=float(rng.uniform(30.0, 60.0)),
        high_hz=float(rng.uniform(80.0, 160.0)),
        mdf_factor=float(rng.lognormal(0.0, 0.08)),
    )
    return raw_emg(drive, DRIVE_HZ, GRID_HZ, generator=generator, source=source, seed=seed)


def noise(n: int, rms_uv: float, rng: np.random.Generator) -> Array:
    """White noise on the grid with so much RMS in `MUSCLE_BAND_HZ`, (n,)."""
    low_hz, high_hz = MUSCLE_BAND_HZ
    return np.asarray(rng.standard_normal(n) * rms_uv * np.sqrt(0.5 * GRID_HZ / (high_hz - low_hz)))


def sampled(on_grid_uv: Array, device: str) -> Array:
    """Return what a device of this class hands out of a potential on the grid, (n,) in µV."""
    return digitise(on_grid_uv, GRID_HZ, DEVICES[device]).samples_uv


def rate_hz(device: str) -> float:
    """Return the sampling rate of the device of this class."""
    return DEVICES[device].rate_hz


def trapezoids(total_s: float, spans: Mapping[tuple[float, float], float], ramp_s: float) -> Array:
    """Drive at `DRIVE_HZ` that rises to a level before each span, holds it, and falls after it.

    Parameters
    ----------
    total_s : float
    spans : mapping of (start_s, stop_s) to level
        The plateaus; the ramps lie outside of them.
    ramp_s : float
    """
    time_s = np.arange(round(total_s * DRIVE_HZ) + 1) / DRIVE_HZ
    drive = np.zeros(len(time_s))
    for (start_s, stop_s), level in spans.items():
        drive += np.interp(time_s, [start_s - ramp_s, start_s, stop_s, stop_s + ramp_s], [0.0, level, level, 0.0])
    return drive
