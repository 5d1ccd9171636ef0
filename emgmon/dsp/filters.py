"""Band-pass for surface EMG that carries its state and knows what a gap is."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import scipy

from emgmon.dsp.compiled import kernel
from emgmon.dsp.device_class import upper_edge_hz
from emgmon.model import Array


@dataclass(frozen=True, slots=True)
class BandPassSettings:
    """What is kept of a raw EMG channel.

    Attributes
    ----------
    highpass_hz, highpass_order : float, int
        20 Hz, 2nd order; 30 Hz, 4th order over the erector spinae, where the heart is near
        (Drake & Callaghan 2006, doi 10.1016/j.jelekin.2005.07.003).
    lowpass_hz : float
        Upper edge; lowered to what the sampling rate permits (`emgmon.dsp.device_class.upper_edge_hz`).
    hold_s : float
        A gap up to this long is bridged by the last value inside the filter; after a longer one the filter starts anew.
    mask_s : float
        This much after a fresh start is not used.
    """

    highpass_hz: float = 20.0
    highpass_order: int = 2
    lowpass_hz: float = 450.0
    lowpass_order: int = 2
    hold_s: float = 0.010
    mask_s: float = 0.150


ERECTOR_SPINAE = BandPassSettings(highpass_hz=30.0, highpass_order=4)


def design(settings: BandPassSettings, fs_hz: float) -> Array:
    """Second-order sections of the Butterworth band-pass at a sampling rate, (n_sections, 6)."""
    low_hz = min(settings.lowpass_hz, upper_edge_hz(fs_hz))
    return np.concatenate(
        [
            scipy.signal.butter(settings.highpass_order, settings.highpass_hz, "highpass", fs=fs_hz, output="sos"),
            scipy.signal.butter(settings.lowpass_order, low_hz, "lowpass", fs=fs_hz, output="sos"),
        ]
    )


def delay_s(sos: Array, fs_hz: float, at_hz: float = 120.0) -> float:
    """Group delay of the upper half of EMG: between that of a sudden front and that of the mean energy.

    A sudden start passes a little sooner and a slow swell a little later: both are told within 2 ms.
    """
    at = 2 * np.pi * min(at_hz, 0.3 * fs_hz) / fs_hz
    step = at * 1e-3
    _w, response = scipy.signal.freqz_sos(sos, worN=np.array([at - step, at + step]))
    turn = np.angle(response[1] / response[0])
    return float(-turn / (2 * step) / fs_hz)


@lru_cache(maxsize=16)
def _designed(settings: BandPassSettings, fs_hz: float) -> tuple[Array, float, Array]:
    """Sections, delay and the state of a step: a design takes as long as half a minute of a channel."""
    sos = design(settings, fs_hz)
    return sos, delay_s(sos, fs_hz), np.asarray(scipy.signal.sosfilt_zi(sos), np.float64)


class State(NamedTuple):
    """What a band-pass carries from one call to the next."""

    flow: Array
    begun: bool
    missing: int
    masked: int


@dataclass(slots=True)
class BandPass:
    """One channel's band-pass; online, lags its input by `delay_s`.

    Lost samples come out as NaN; so do `mask_s` of samples after the filter had to start anew.

    Attributes
    ----------
    ready : bool
        Whether the next samples, if none is lost, may go through `emgmon.dsp.kernel.chunk`: at a gap they may not, and
        until a fresh start is behind.
    flow : array
        Sections, their state and the last sample, flat, as that takes them: each array handed over costs time.
    """

    fs_hz: float
    settings: BandPassSettings = field(default_factory=BandPassSettings)
    delay_s: float = field(init=False)
    ready: bool = False
    flow: Array = field(init=False)
    _zi_step: Array = field(init=False)
    _begun: bool = False
    _missing: int = 0
    _masked: int = 0

    def __post_init__(self) -> None:
        sos, self.delay_s, zi_step = _designed(self.settings, self.fs_hz)
        self._zi_step = zi_step.copy()
        self.flow = np.concatenate([sos.ravel(), np.zeros(zi_step.size + 1)])

    @property
    def sos(self) -> Array:
        """Second-order sections, (n_sections, 6)."""
        return self.flow[: 3 * self._zi_step.size].reshape(-1, 6)

    @property
    def _zi(self) -> Array:
        return self.flow[3 * self._zi_step.size : -1].reshape(-1, 2)

    def __call__(self, samples: Array) -> Array:
        """Filter the next samples, (n,) in any unit; same shape and unit out."""
        out = self._filtered(samples)
        self.ready = self._begun and not self._masked and not self._missing
        return out

    def _filtered(self, samples: Array) -> Array:
        if math.isfinite(float(np.add.reduce(samples))):
            return self._run(samples)
        lost = ~np.isfinite(samples)
        out = np.full(len(samples), np.nan)
        edges = np.flatnonzero(np.diff(lost.astype(np.int8))) + 1
        for start, stop in zip([0, *edges], [*edges, len(samples)], strict=True):
            if lost[start]:
                self._skip(stop - start)
            else:
                out[start:stop] = self._run(samples[start:stop])
        return out

    def saved(self) -> State:
        """Return what `load` brings back."""
        return State(self.flow.copy(), self._begun, self._missing, self._masked)

    def load(self, state: State) -> None:
        """Go on from where the state was saved; it is used up."""
        self.flow, self._begun, self._missing, self._masked = state
        self.ready = self._begun and not self._masked and not self._missing

    def _skip(self, n: int) -> None:
        """Take n missing samples: hold the last value for a short gap, forget the state after a long one."""
        longest = int(self.settings.hold_s * self.fs_hz)
        held = max(0, min(longest - self._missing, n))
        self._missing += n
        if self._missing > longest:
            self._begun = False
        elif held and self._begun:
            in_sections(np.full(held, self.flow[-1]), self.sos, self._zi)

    def _run(self, samples: Array) -> Array:
        if not len(samples):
            return samples
        zi = self._zi
        if not self._begun:
            zi[:] = self._zi_step * samples[0]
            self._begun, self._masked = True, round(self.settings.mask_s * self.fs_hz)
        self._missing = 0
        self.flow[-1] = samples[-1]
        out = in_sections(samples, self.sos, zi)
        if self._masked:
            masked = min(self._masked, len(out))
            out[:masked] = np.nan
            self._masked -= masked
        return out


def in_sections(samples: Array, sections: Array, state: Array) -> Array:
    """Run second-order sections (n, 6) one by one over samples; `state` (n, 2) moves on.

    `scipy.signal.sosfilt` within rounding, at a third of its cost for a packet.
    """
    loops = kernel()
    if loops is not None:
        out = np.empty(len(samples))
        if loops.filtered_of(np.ascontiguousarray(samples, np.float64), sections, state, out):
            return out
    for k, section in enumerate(sections):
        samples, state[k] = scipy.signal.lfilter(section[:3], section[3:], samples, zi=state[k])
    return samples
