"""EMG of one muscle without a device: from drive to microvolts, with the noise-free envelope as its truth.

`raw_emg` is what validation uses when it needs a signal and no sensor: no noise, no hum, no quantisation; behind
an amplifier's 10 to 450 Hz band only. Two sources without a line in common stand behind it, so that what was tuned
on one can be accepted on the other.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from firmware_sim import amplifier, motor_units, shaped_noise

Array = NDArray[np.float64]
Generator = Literal["shaped_noise", "motor_units"]

GENERATORS: tuple[Generator, ...] = ("shaped_noise", "motor_units")
BAND_HZ = (10.0, 450.0)
SYNTHESIS_HZ = 2000.0  # lowest rate at which a source is computed


@dataclass(frozen=True, slots=True)
class Source:
    """Constants of one muscle under one electrode.

    `mvic_uv` is the RMS amplitude at full drive. `exponent`, `low_hz` and `high_hz` are used by shaped noise only;
    motor units are drawn from a seed and bring their own law and spectrum. `mdf_factor` multiplies all frequencies.
    """

    mvic_uv: float = 200.0
    exponent: float = 1.0
    low_hz: float = 50.0
    high_hz: float = 120.0
    mdf_factor: float = 1.0


@dataclass(frozen=True, slots=True)
class EmgTruth:
    """A noise-free EMG and what it came from; arrays of shape (n,) at `fs_hz`, the first sample at time 0.

    Attributes
    ----------
    samples_uv : ndarray
    envelope_uv : ndarray
        Square root of the expected square at each moment, given the drive that the muscle really had.
    drive : ndarray
        That drive: the one asked for with the unsteadiness of the motor neurons, 0 to 1.
    fs_hz : float
    mvic_uv : float
        Value of `envelope_uv` at a drive of 1.
    generator : str
    """

    samples_uv: Array
    envelope_uv: Array
    drive: Array
    fs_hz: float
    mvic_uv: float
    generator: Generator

    @property
    def activation(self) -> Array:
        """Noise-free envelope as a fraction of its true maximum, shape (n,)."""
        return np.asarray(self.envelope_uv / self.mvic_uv)


def raw_emg(
    drive: Array,
    drive_hz: float,
    fs_hz: float,
    *,
    generator: Generator = "motor_units",
    source: Source | None = None,
    seed: int | tuple[int, ...] = 0,
    pool_seed: int | tuple[int, ...] | None = None,
    tiring: Array | None = None,
) -> EmgTruth:
    """Noise-free EMG of a given drive, in microvolts at any rate, with its true envelope.

    Parameters
    ----------
    drive : ndarray, shape (m,)
        0 (silent) to 1 (maximal), at `drive_hz`; interpolated linearly.
    drive_hz, fs_hz : float
        Rates of drive and result, hertz. Below 900 Hz the result is sampled without an anti-alias filter;
        `firmware_sim.amplifier` has one.
    generator : str
        ``motor_units`` or ``shaped_noise``.
    source : Source, optional
    seed : int or tuple of int
        Noise, or the moments at which motor units fire.
    pool_seed : int or tuple of int, optional
        Which motor units there are: the same person's same muscle. `seed` when absent.
    tiring : ndarray, shape (m,), optional
        Factor on all frequencies over time, such as 1 falling to 0.9; amplitude is not changed by it.

    Returns
    -------
    EmgTruth
        Of ``floor((m - 1) * fs_hz / drive_hz) + 1`` samples. The envelope has no delay; the samples have that
        of the amplifier's band (0.5 ms at 80 Hz) with motor units and none with shaped noise.
    """
    if generator not in GENERATORS:
        raise ValueError(f"generator must be one of {', '.join(GENERATORS)}, not {generator}")
    source = source or Source()
    step = max(1, int(np.ceil(SYNTHESIS_HZ / fs_hz)))
    rate_hz = fs_hz * step
    size = int(np.floor((drive.size - 1) * fs_hz / drive_hz + 1e-9)) * step + 1
    rng = np.random.default_rng([*_words(seed), 21])
    if generator == "shaped_noise":
        made = _from_noise(drive, drive_hz, rate_hz, size, source, tiring, rng)
    else:
        pool = motor_units.draw_pool(np.random.default_rng([*_words(seed if pool_seed is None else pool_seed), 22]))
        made = _from_units(drive, drive_hz, rate_hz, size, source, tiring, pool, rng)
    samples_uv, envelope_uv, had = (part[::step] for part in made)
    return EmgTruth(samples_uv, envelope_uv, had, fs_hz, source.mvic_uv, generator)


def _from_noise(
    drive: Array,
    drive_hz: float,
    rate_hz: float,
    size: int,
    source: Source,
    tiring: Array | None,
    rng: np.random.Generator,
) -> tuple[Array, Array, Array]:
    """Make samples, envelope and drive from shaped noise, each of shape (size,)."""
    time_s = np.arange(size) / rate_hz
    knots_s = np.arange(drive.size) / drive_hz
    had = np.interp(time_s, knots_s, drive)
    corners_hz = source.low_hz * source.mdf_factor, source.high_hz * source.mdf_factor
    if tiring is None:
        noise = shaped_noise.source(had, rate_hz, corners_hz, rng)
    else:
        noise = shaped_noise.tiring_source(had, rate_hz, corners_hz, np.interp(time_s, knots_s, tiring), rng)
    envelope_uv = source.mvic_uv * had**source.exponent
    return envelope_uv * noise, envelope_uv, had


def _from_units(
    drive: Array,
    drive_hz: float,
    rate_hz: float,
    size: int,
    source: Source,
    tiring: Array | None,
    pool: motor_units.Pool,
    rng: np.random.Generator,
) -> tuple[Array, Array, Array]:
    """Make samples, envelope and drive from a pool of motor units, each of shape (size,)."""
    realised = motor_units.realised_drive(pool, drive, drive_hz, rng)
    times_s, units = motor_units.spikes(pool, realised, drive_hz, rng)
    knots_s = np.arange(drive.size) / drive_hz
    factor = np.full(drive.size, source.mdf_factor) if tiring is None else tiring * source.mdf_factor
    frequency_hz = np.arange(0.0, 1000.0)
    power = np.abs(amplifier.band_pass(*BAND_HZ)(frequency_hz, rate_hz)) ** 2
    ends = float(factor.min()), float(factor.max())
    energies = [motor_units.potential_energy(pool, frequency_hz, power, end) for end in ends]
    share = (np.interp(times_s, knots_s, factor) - ends[0]) / max(ends[1] - ends[0], 1e-12)
    energy = (1.0 - share) * energies[0][units] + share * energies[1][units]
    heights = np.sqrt(energies[1][units] / energy)
    raw = motor_units.superpose(times_s, units, pool, size, rate_hz, (np.interp(times_s, knots_s, factor), heights))
    grid = motor_units.mean_square(pool, np.ones(1), energies[1])
    scale_uv = source.mvic_uv / np.sqrt(grid[0])
    envelope = np.sqrt(motor_units.mean_square(pool, realised, energies[1]))
    time_s = np.arange(size) / rate_hz
    samples_uv = scale_uv * amplifier.filtered(raw, rate_hz, amplifier.band_pass(*BAND_HZ))
    return samples_uv, np.interp(time_s, knots_s, scale_uv * envelope), np.interp(time_s, knots_s, realised)


def _words(seed: int | tuple[int, ...]) -> tuple[int, ...]:
    return seed if isinstance(seed, tuple) else (seed,)
