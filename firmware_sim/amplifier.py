"""What stands between skin and number: corners, anti-alias filter, on-board notch, envelope circuit, converter.

A circuit is written down as its gain over frequency and applied to a whole recording at once. Each keeps the delay
that its circuit has.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Response = NDArray[np.complex128]
Circuit = Callable[[Array, float], Response]  # complex gain at frequencies, for a signal of some rate; both in hertz

NOTCH_Q = 30.0
_PAD_S = 1.0  # silence behind the signal, in which the circuits ring out


@dataclass(frozen=True, slots=True)
class Amplifier:
    """A sensor's way from potential to number.

    Attributes
    ----------
    rate_hz : float
        Samples per second handed out.
    gain : float
        Factor on the potential that the sensor does not tell; 1 when calibrated.
    bits : int
        8 to 24.
    full_scale_uv : float
        Largest value of either sign, µV at the converter's input.
    anti_alias : bool
        Second-order low-pass at 0.4 of `rate_hz`.
    notch_hz : float, optional
        Centre of an on-board mains notch.
    envelope_rc_s : float, optional
        Time constant of an analogue envelope: rectified, then smoothed, 0.03 to 0.1 s. Nothing else is handed out.
    """

    rate_hz: float = 1000.0
    gain: float = 1.0
    bits: int = 16
    full_scale_uv: float = 8192.0
    anti_alias: bool = True
    notch_hz: float | None = None
    envelope_rc_s: float | None = None

    @property
    def step_uv(self) -> float:
        """Least difference that the converter sees."""
        return float(self.full_scale_uv / 2 ** (self.bits - 1))


@dataclass(frozen=True, slots=True)
class Digital:
    """What a sensor hands out: `samples_uv` and `clipped`, both of shape (n,) at `rate_hz`."""

    samples_uv: Array
    clipped: NDArray[np.bool_]
    rate_hz: float


def digitise(samples_uv: Array, grid_hz: float, amplifier: Amplifier) -> Digital:
    """Run a potential on a dense grid through an amplifier.

    Parameters
    ----------
    samples_uv : ndarray, shape (n,)
        At `grid_hz`, which should be 2000 Hz or more and at least `amplifier.rate_hz`.
    grid_hz : float
    amplifier : Amplifier

    Returns
    -------
    Digital
        Values stay in µV of the converter's input, in steps of `Amplifier.step_uv`.

    Raises
    ------
    ValueError
        When the grid is coarser than the sensor's own rate.
    """
    if grid_hz < amplifier.rate_hz:
        raise ValueError(f"a grid of {grid_hz:g} Hz cannot feed a sensor of {amplifier.rate_hz:g} Hz")
    signal = amplifier.gain * samples_uv
    if amplifier.notch_hz is not None:
        signal = filtered(signal, grid_hz, notch(amplifier.notch_hz))
    if amplifier.envelope_rc_s is not None:
        signal = filtered(np.abs(signal), grid_hz, resistor_capacitor(amplifier.envelope_rc_s))
    if amplifier.anti_alias:
        signal = filtered(signal, grid_hz, low_pass(0.4 * amplifier.rate_hz))
    count = int(np.floor((signal.size - 1) * amplifier.rate_hz / grid_hz + 1e-9)) + 1
    taken = np.interp(np.arange(count) * grid_hz / amplifier.rate_hz, np.arange(signal.size), signal)
    top = 2 ** (amplifier.bits - 1) - 1
    counts = np.rint(taken / amplifier.step_uv)
    clipped = (counts >= top) | (counts <= -top - 1)
    return Digital(np.clip(counts, -top - 1, top) * amplifier.step_uv, clipped, amplifier.rate_hz)


def filtered(samples: Array, rate_hz: float, circuit: Circuit) -> Array:
    """Apply a circuit to a signal that was zero before it begins; what comes out never precedes its cause."""
    size = 1 << int(np.ceil(np.log2(samples.size + _PAD_S * rate_hz)))
    gain = circuit(np.asarray(np.fft.rfftfreq(size, 1 / rate_hz), np.float64), rate_hz)
    return np.asarray(np.fft.irfft(np.fft.rfft(samples, size) * gain, size)[: samples.size])


def low_pass(corner_hz: float) -> Circuit:
    """Second-order maximally flat low-pass."""

    def gain(frequency_hz: Array, rate_hz: float) -> Response:
        s = _s(frequency_hz, corner_hz, rate_hz)
        return np.asarray(1.0 / (s * s + np.sqrt(2.0) * s + 1.0))

    return gain


def band_pass(low_hz: float, high_hz: float) -> Circuit:
    """High-pass and low-pass in a row, both of second order and maximally flat."""

    def gain(frequency_hz: Array, rate_hz: float) -> Response:
        s = _s(frequency_hz, low_hz, rate_hz)
        return np.asarray(s * s / (s * s + np.sqrt(2.0) * s + 1.0)) * low_pass(high_hz)(frequency_hz, rate_hz)

    return gain


def notch(centre_hz: float) -> Circuit:
    """Second-order notch of quality `NOTCH_Q`."""

    def gain(frequency_hz: Array, rate_hz: float) -> Response:
        s = _s(frequency_hz, centre_hz, rate_hz)
        return np.asarray((s * s + 1.0) / (s * s + s / NOTCH_Q + 1.0))

    return gain


def resistor_capacitor(time_constant_s: float) -> Circuit:
    """First-order low-pass."""

    def gain(frequency_hz: Array, rate_hz: float) -> Response:
        return np.asarray(1.0 / (1.0 + _s(frequency_hz, 1.0 / (2.0 * np.pi * time_constant_s), rate_hz)))

    return gain


def _s(frequency_hz: Array, corner_hz: float, rate_hz: float) -> Response:
    """Laplace variable relative to a circuit's corner, bent so that half the rate stands for infinity.

    The bend is exact at 0 and at the corner. Without it a response that has not vanished at half the rate would
    ring before its cause.
    """
    bent = np.tan(np.pi * np.minimum(frequency_hz / rate_hz, 0.5)) / np.tan(np.pi * corner_hz / rate_hz)
    return np.asarray(1j * bent)
