"""Heart beats in an ECG stream, as of a chest strap: when each R wave was.

Online: a beat is told `RPeaks.lag_s` after it came; its time has the filter's delay taken out. The same beats come out
for any split of the samples.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

import numpy as np
import scipy

from emgmon.model import Array


@dataclass(frozen=True, slots=True)
class RPeakSettings:
    """What counts as an R wave.

    Attributes
    ----------
    low_hz, high_hz : float
        Band in which it is sought; the upper edge is lowered where the rate does not permit it.
    wide_s : float
        Length of the mean over which its energy is taken, so that the lobes of one R wave count as one.
    alone_s : float
        It is the highest within so much before and after.
    usual : float
        Least energy, as a share of the median of the last beats. Lower finds weak beats and takes T waves for them.
    floor : float
        Least energy over the median of the last seconds.
    recall_s : float
        Length of these seconds.
    """

    low_hz: float = 5.0
    high_hz: float = 25.0
    wide_s: float = 0.10
    alone_s: float = 0.20
    usual: float = 0.30
    floor: float = 6.0
    recall_s: float = 2.0


@dataclass(slots=True)
class RPeaks:
    """R waves of one ECG channel; online.

    Attributes
    ----------
    fs_hz : float
        From 60 Hz on; a Polar H10 gives 130.
    delay_s : float
        Of band-pass and mean for an R wave, which is about 40 ms wide; already taken out of the times.
    """

    fs_hz: float
    settings: RPeakSettings = field(default_factory=RPeakSettings)
    delay_s: float = field(init=False)
    _sos: Array = field(init=False)
    _zi: Array | None = None
    _last: float = 0.0
    _wide: Array = field(init=False)
    _wide_zi: Array = field(init=False)
    _energy: Array = field(default_factory=lambda: np.empty(0))
    _first: int = 0
    _heights: deque[float] = field(default_factory=lambda: deque(maxlen=8))

    def __post_init__(self) -> None:
        high_hz = min(self.settings.high_hz, 0.4 * self.fs_hz)
        self._sos = np.asarray(
            scipy.signal.butter(2, [self.settings.low_hz, high_hz], "bandpass", fs=self.fs_hz, output="sos"), np.float64
        )
        n = max(2, round(self.settings.wide_s * self.fs_hz))
        self._wide, self._wide_zi = np.full(n, 1.0 / n), np.zeros(n - 1)
        self.delay_s = _delay_s(self._sos, self._wide, self.fs_hz)

    @property
    def lag_s(self) -> float:
        """How long after an R wave it is told at the latest."""
        return self.settings.alone_s + self.delay_s + 1.0 / self.fs_hz

    def __call__(self, samples: Array) -> list[float]:
        """Take the next samples, (n,) in any unit, NaN where lost; returns R waves in samples since the first one."""
        if not len(samples):
            return []
        values = self._held(samples)
        if self._zi is None:
            self._zi = scipy.signal.sosfilt_zi(self._sos) * values[0]
        slow, self._zi = scipy.signal.sosfilt(self._sos, values, zi=self._zi)
        energy, self._wide_zi = scipy.signal.lfilter(self._wide, [1.0], slow * slow, zi=self._wide_zi)
        fresh = len(self._energy)
        self._energy = np.concatenate([self._energy, energy])
        alone = max(2, round(self.settings.alone_s * self.fs_hz))
        beats = [
            found
            for at in range(max(fresh - alone, alone), len(self._energy) - alone)
            if (found := self._beat(at, alone))
        ]
        keep = math.ceil(self.settings.recall_s * self.fs_hz) + 2 * alone
        if len(self._energy) > 2 * keep:
            self._first += len(self._energy) - keep
            self._energy = self._energy[-keep:].copy()
        return beats

    def restart(self) -> None:
        """Begin anew after a reconnection; what a beat looks like is kept."""
        self._zi, self._energy, self._first = None, np.empty(0), 0
        self._wide_zi[:] = 0.0

    def _held(self, samples: Array) -> Array:
        """Lost samples as the one before."""
        there = np.isfinite(samples) & (np.abs(samples) < 1e12)
        index = np.maximum.accumulate(np.where(there, np.arange(len(samples)), -1))
        held = np.where(index >= 0, samples[np.maximum(index, 0)], self._last)
        self._last = float(held[-1])
        return held

    def _beat(self, at: int, alone: int) -> float | None:
        """Place of the R wave, if the filtered sample `at` is the top of one."""
        height = float(self._energy[at])
        around = self._energy[at - alone : at + alone + 1]
        if around.argmax() != alone:
            return None
        recall = math.ceil(self.settings.recall_s * self.fs_hz)
        if at < recall or not height > self.settings.floor * float(np.median(self._energy[at - recall : at])):
            return None
        if len(self._heights) > 2 and height < self.settings.usual * float(np.median(self._heights)):
            self._heights.append(0.5 * float(np.median(self._heights)))
            return None
        self._heights.append(height)
        return self._first + at + _top(*self._energy[at - 1 : at + 2].tolist()) - self.delay_s * self.fs_hz


def _top(before: float, top: float, after: float) -> float:
    """Place of a parabola's top, in samples from the middle one."""
    bend = before - 2.0 * top + after
    return 0.5 * (before - after) / bend if bend else 0.0


def _delay_s(sos: Array, wide: Array, fs_hz: float) -> float:
    """How much later than a pulse of 10 ms standard deviation the top of its energy is."""
    time_s = np.arange(round(0.6 * fs_hz)) / fs_hz
    slow = scipy.signal.sosfilt(sos, np.exp(-0.5 * ((time_s - 0.1) / 0.010) ** 2))
    energy = scipy.signal.lfilter(wide, [1.0], slow * slow)
    at = int(energy.argmax())
    return float((at + _top(*energy[at - 1 : at + 2].tolist())) / fs_hz - 0.1)
