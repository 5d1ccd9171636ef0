"""EMG as the sum of the potentials of motor units: the second, unlike source, and the primary truth.

A pool of 120 to 250 units after the family of Fuglevand: many small units are recruited early, few large ones
late; each fires 8 Hz at recruitment and faster with more drive, with irregular intervals; all share a slow
unsteadiness of the drive. A unit's potential is the first or second derivative of a Gaussian, wider and smaller the
deeper the unit lies. Amplitude against drive comes out concave; nothing sets it.

Covered: recruitment, rate coding, irregularity, common drive, depth, the spectrum's shift with fatigue (potentials
grow wider at equal energy). Not covered: synchrony of single units, end-of-fibre potentials, innervation zones,
rotation of units, amplitude changes of fatigue. A potential is centred on its spike, so EMG begins with the drive.

References
----------
Fuglevand, Winter and Patla 1993, doi:10.1152/jn.1993.70.6.2470; Campbell's theorem for the mean square.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

UNITS = (120, 250)
RECRUITMENT_RANGE = (30.0, 100.0)
LAST_THRESHOLD = (0.70, 0.85)
FIRST_RATE_HZ = 8.0
PEAK_RATE_HZ = (25.0, 35.0)  # of the last and the first unit, at full drive
INTERVAL_CV = (0.15, 0.25)
COMMON_CV = (0.01, 0.03)
COMMON_HZ = 2.5
SIZE_RANGE = 75.0  # twitch of the last unit over that of the first
DEPTH_MM = (4.0, 22.0)
DEPTH_EXPONENT = -1.3
WIDTH_S = (0.0016, 0.0030)
SECOND_DERIVATIVES = 0.25  # share of units
_REACH = 4.0  # widths to either side of a spike that a potential is drawn
_CHUNK = 8192


@dataclass(frozen=True)
class Pool:
    """The motor units under one electrode; arrays of shape (units,).

    Attributes
    ----------
    threshold : ndarray
        Drive at which a unit is recruited, 0 to 1, ascending.
    peak_hz : ndarray
        Rate at full drive, to which it rises in a straight line.
    interval_cv : ndarray
        Coefficient of variation of the intervals between spikes.
    common_cv : float
        Unsteadiness of the drive that all units share.
    peak : ndarray
        Height of the potential, in the pool's own unit, with random sign.
    width_s : ndarray
        Standard deviation of the Gaussian whose derivative the potential is.
    second : ndarray of bool
        Second derivative rather than first.
    """

    threshold: Array
    peak_hz: Array
    interval_cv: Array
    common_cv: float
    peak: Array
    width_s: Array
    second: NDArray[np.bool_]

    def rate_hz(self, unit: int, drive: Array) -> Array:
        """Mean rate of one unit at any drive."""
        threshold = self.threshold[unit]
        above = (drive - threshold) / (1.0 - threshold)
        return np.where(above >= 0.0, FIRST_RATE_HZ + (self.peak_hz[unit] - FIRST_RATE_HZ) * above, 0.0)


def draw_pool(rng: np.random.Generator) -> Pool:
    """Draw the units of one muscle under one electrode."""
    count = int(rng.integers(UNITS[0], UNITS[1] + 1))
    rank = np.arange(1, count + 1) / count
    spread = np.exp(np.log(rng.uniform(*RECRUITMENT_RANGE)) * rank)
    threshold = rng.uniform(*LAST_THRESHOLD) * spread / spread[-1]
    size = np.exp(np.log(SIZE_RANGE) * rank)
    depth_mm = rng.uniform(*DEPTH_MM, count)
    deep = (depth_mm - DEPTH_MM[0]) / (DEPTH_MM[1] - DEPTH_MM[0])
    width_s = (WIDTH_S[0] + (WIDTH_S[1] - WIDTH_S[0]) * deep) * rng.lognormal(0.0, 0.10, count)
    peak = np.sqrt(size) * depth_mm**DEPTH_EXPONENT * rng.lognormal(0.0, 0.25, count)
    return Pool(
        threshold=threshold,
        peak_hz=PEAK_RATE_HZ[1] - (PEAK_RATE_HZ[1] - PEAK_RATE_HZ[0]) * rank,
        interval_cv=rng.uniform(*INTERVAL_CV, count),
        common_cv=float(rng.uniform(*COMMON_CV)),
        peak=peak * rng.choice([-1.0, 1.0], count),
        width_s=width_s,
        second=rng.random(count) < SECOND_DERIVATIVES,
    )


def realised_drive(pool: Pool, drive: Array, drive_hz: float, rng: np.random.Generator) -> Array:
    """Drive with the unsteadiness that all units share: relative, below 2.5 Hz."""
    spectrum = np.fft.rfft(rng.standard_normal(drive.size))
    spectrum[np.fft.rfftfreq(drive.size, 1 / drive_hz) > COMMON_HZ] = 0.0
    spectrum[0] = 0.0
    slow = np.fft.irfft(spectrum, drive.size)
    scale = slow.std()
    unsteady = pool.common_cv * slow / scale if scale else slow
    return np.asarray(np.clip(drive * (1.0 + unsteady), 0.0, 1.0))


def mean_square(pool: Pool, drive: Array, energy: Array) -> Array:
    """Compute the expected square of the signal at any drive: the sum over units of rate times energy of one potential.

    This is exact for independent Poisson trains of zero-mean potentials; intervals more regular than Poisson
    move power between frequencies but hardly change the sum, which a Monte-Carlo test bounds.

    Parameters
    ----------
    pool : Pool
    drive : ndarray, shape (n,)
    energy : ndarray, shape (units,)
        From `potential_energy`.

    Returns
    -------
    ndarray, shape (n,)
        Square of the noise-free envelope, in the pool's own unit squared.
    """
    grid = np.linspace(0.0, 1.0, 2001)
    total = np.zeros_like(grid)
    for unit in range(pool.threshold.size):
        total += pool.rate_hz(unit, grid) * energy[unit]
    return np.interp(drive, grid, total)


def potential_energy(pool: Pool, frequency_hz: Array, power_response: Array, mdf_factor: float = 1.0) -> Array:
    """Energy of each unit's potential behind an amplifier, shape (units,): pool's unit squared times second.

    `power_response` is the amplifier's squared gain at the evenly spaced `frequency_hz`, from 0.
    """
    width_s = pool.width_s[:, None] / mdf_factor
    angular = 2 * np.pi * frequency_hz * width_s
    spectrum = width_s * np.sqrt(2 * np.pi) * np.exp(-0.5 * angular**2)
    spectrum *= np.where(pool.second[:, None], angular**2, angular * np.exp(0.5))
    step_hz = frequency_hz[1] - frequency_hz[0]
    return np.asarray(pool.peak**2 * 2.0 * step_hz * (spectrum**2 @ power_response))


def spikes(pool: Pool, drive: Array, drive_hz: float, rng: np.random.Generator) -> tuple[Array, NDArray[np.intp]]:
    """When each unit fires: times in seconds and unit numbers, unit by unit.

    Intervals are drawn in units of the mean interval and mapped to time through the integral of the rate.
    """
    time_s = np.arange(drive.size) / drive_hz
    times: list[Array] = []
    for unit in range(pool.threshold.size):
        expected = np.cumsum(pool.rate_hz(unit, drive)) / drive_hz
        count = int(expected[-1] * 1.1 + 10)
        if expected[-1] == 0.0:
            times.append(np.empty(0))
            continue
        gaps = np.maximum(1.0 + pool.interval_cv[unit] * rng.standard_normal(count), 0.2)
        gaps[0] *= rng.random()
        events = np.cumsum(gaps)
        times.append(np.interp(events[events < expected[-1]], expected, time_s))
    units = np.repeat(np.arange(pool.threshold.size), [part.size for part in times])
    return np.concatenate(times), units


def superpose(
    times_s: Array, units: NDArray[np.intp], pool: Pool, size: int, rate_hz: float, factors: tuple[Array, Array]
) -> Array:
    """Add up the potentials of all spikes, shape (size,), in the pool's own unit.

    `factors` are, for each spike, the factor on all frequencies and the factor on the potential's height.
    """
    width_s = pool.width_s[units] / factors[0]
    height = pool.peak[units] * factors[1]
    half = int(np.ceil(_REACH * width_s.max(initial=0.0) * rate_hz))
    offset = np.arange(-half, half + 1)
    centre = np.rint(times_s * rate_hz).astype(np.intp)
    total = np.zeros(size + 2 * half + 1)
    for begin in range(0, times_s.size, _CHUNK):
        part = slice(begin, begin + _CHUNK)
        at = centre[part, None] + offset
        u = (at / rate_hz - times_s[part, None]) / width_s[part, None]
        form = np.where(pool.second[units[part], None], u * u - 1.0, -np.exp(0.5) * u)
        form *= np.exp(-0.5 * u * u)
        form *= height[part, None]
        total += np.bincount((at + half).ravel(), form.ravel(), total.size)[: total.size]
    return total[half : half + size]
