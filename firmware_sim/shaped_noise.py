"""EMG as shaped noise: variance follows the drive, the spectrum belongs to a family with two corners.

P(f) ~ f_h^4 f^2 / ((f^2 + f_l^2) (f^2 + f_h^2)^2), behind an amplifier's second-order band; at low effort a slow
random gain makes it peaky (a Gaussian of exponentially distributed variance is Laplacian). The other source is
`firmware_sim.motor_units`; the two share nothing, so that what is tuned on one can be accepted on the other.

References
----------
Shwedyk 1977, doi:10.1109/TBME.1977.326147; Stulen and De Luca 1981, doi:10.1109/TBME.1981.324738.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

PEAKY_BELOW_DRIVE = 0.15


def source(activation: Array, rate_hz: float, corners_hz: tuple[float, float], rng: np.random.Generator) -> Array:
    """Noise of unit variance at every moment, peaky where the activation is low.

    Parameters
    ----------
    activation : ndarray, shape (n,)
        Drive at `rate_hz`, 0 to 1.
    rate_hz : float
    corners_hz : tuple of float
        f_l and f_h of the spectrum, hertz.
    rng : numpy Generator

    Returns
    -------
    ndarray, shape (n,)
        Multiply by the noise-free envelope to get EMG.
    """
    return np.asarray(_shaped(activation.size, rate_hz, corners_hz, rng) * _peaky(activation, rate_hz, rng))


def tiring_source(
    activation: Array, rate_hz: float, corners_hz: tuple[float, float], mdf_factor: Array, rng: np.random.Generator
) -> Array:
    """Shape noise as `source` does, with all frequencies multiplied by a slowly changing `mdf_factor`, shape (n,).

    Two independent noises, of the lowest and the highest factor, are mixed so that the variance stays one.
    """
    low, high = float(mdf_factor.min()), float(mdf_factor.max())
    slow, fast = (
        _shaped(activation.size, rate_hz, (corners_hz[0] * factor, corners_hz[1] * factor), rng)
        for factor in (low, high)
    )
    share = (mdf_factor - low) / (high - low) if high > low else np.zeros_like(mdf_factor)
    mixed = np.sqrt(1.0 - share) * slow + np.sqrt(share) * fast
    return np.asarray(mixed * _peaky(activation, rate_hz, rng))


def band_noise(size: int, rate_hz: float, band_hz: tuple[float, float], rng: np.random.Generator) -> Array:
    """Gaussian noise of unit variance, flat between two corner frequencies."""
    padded, frequency_hz = _spectrum_axis(size, rate_hz)
    power = ((frequency_hz >= band_hz[0]) & (frequency_hz <= band_hz[1])).astype(np.float64)
    return _noise_of(power, padded, rng)[:size]


def _shaped(size: int, rate_hz: float, corners_hz: tuple[float, float], rng: np.random.Generator) -> Array:
    """Gaussian noise of unit variance with the EMG spectrum within the hardware band."""
    low_hz, high_hz = corners_hz
    padded, frequency_hz = _spectrum_axis(size, rate_hz)
    power = high_hz**4 * frequency_hz**2
    power /= (frequency_hz**2 + low_hz**2) * (frequency_hz**2 + high_hz**2) ** 2
    power *= _hardware_power(frequency_hz)
    return _noise_of(power, padded, rng)[:size]


def _spectrum_axis(size: int, rate_hz: float) -> tuple[int, Array]:
    padded = 1 << (size - 1).bit_length()
    return padded, np.asarray(np.fft.rfftfreq(padded, 1 / rate_hz), np.float64)


def _hardware_power(frequency_hz: Array) -> Array:
    """Power response of an amplifier's second-order corners at 10 and 450 Hz."""
    low_hz, high_hz = 10.0, 450.0
    ratio = np.divide(low_hz, frequency_hz, out=np.full_like(frequency_hz, np.inf), where=frequency_hz > 0)
    return np.asarray(1.0 / (1.0 + ratio**4) / (1.0 + (frequency_hz / high_hz) ** 4))


def _noise_of(power: Array, padded: int, rng: np.random.Generator) -> Array:
    bins = rng.standard_normal(power.size) + 1j * rng.standard_normal(power.size)
    noise = np.fft.irfft(bins * np.sqrt(power), padded)
    return np.asarray(noise / noise.std())


def _peaky(activation: Array, rate_hz: float, rng: np.random.Generator) -> Array:
    """Slow random gain of unit mean square that turns Gaussian into Laplacian noise at low effort.

    The variance moves within about 60 ms, as when few motor units fire, and the effect fades above a drive of 0.15.
    """
    low_pass = [band_noise(activation.size, rate_hz, (0.0, 8.0), rng) for _ in range(2)]
    exponential = (low_pass[0] ** 2 + low_pass[1] ** 2) / 2
    share = np.exp(-activation / PEAKY_BELOW_DRIVE)
    return np.asarray(np.sqrt(1.0 - share + share * exponential))
