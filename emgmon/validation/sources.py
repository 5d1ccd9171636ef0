"""Signals whose truth is known: a muscle's EMG from either generator, noise, and the device that samples it.

Nothing here is shared with the estimator. The estimator was tuned on shaped noise; motor units are what it has to stand
up to.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from emgmon.model import Array
from emgmon.validation.sessions import Emg
from firmware_sim.amplifier import Amplifier, digitise
from firmware_sim.emg import BAND_HZ, GENERATORS, EmgTruth, Generator, Source, raw_emg
from firmware_sim.shaped_noise import band_noise

GRID_HZ = 2000.0
DRIVE_HZ = 500.0
MUSCLE_BAND_HZ = (20.0, 450.0)
"""Where noise is measured for a signal-to-noise ratio."""

DEVICES: Mapping[str, Amplifier] = {
    "A": Amplifier(rate_hz=1000.0, bits=16),
    "B": Amplifier(rate_hz=500.0, bits=16),
    "C": Amplifier(rate_hz=200.0, bits=16),
    "D": Amplifier(rate_hz=100.0, bits=12, full_scale_uv=1000.0, envelope_rc_s=0.05),
}
"""Class letter to a device of that class."""
RAW = ("A", "B", "C")
"""Classes that hand out the raw signal; the last one an envelope."""

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
    """Noise on the grid, flat over the amplifier's band, with so much RMS in `MUSCLE_BAND_HZ`, (n,)."""
    share = (MUSCLE_BAND_HZ[1] - MUSCLE_BAND_HZ[0]) / (BAND_HZ[1] - BAND_HZ[0])
    return band_noise(n, GRID_HZ, BAND_HZ, rng) * (rms_uv / math.sqrt(share))


def sampled(on_grid_uv: Array, device: str) -> Array:
    """Return what a device of this class hands out of a potential on the grid, (n,) in µV."""
    return digitise(on_grid_uv, GRID_HZ, DEVICES[device]).samples_uv


def rate_hz(device: str) -> float:
    """Return the sampling rate of the device of this class."""
    return DEVICES[device].rate_hz


def worn(columns: Sequence[Array], device: str, places: tuple[str, ...]) -> Emg:
    """Put what channels of one device hand out together."""
    raw = device in RAW
    samples = np.stack(columns, axis=1)
    return Emg(samples, rate_hz(device), places, "uv" if raw else "a.u.", "emg" if raw else "envelope")


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
