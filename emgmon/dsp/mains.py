"""Mains hum: whether there is any, at which frequency, and how to take it out.

Live, sine and cosine of each harmonic follow the hum and are subtracted (online, no delay, no loss of EMG beside the
line); they hardly move while the muscle is active. Offline: `emgmon.dsp.offline.spectrum_interpolation`.

References
----------
Mewett, Reynolds and Nazeran 2004, doi 10.1007/BF02350994 (frequency that moves).
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from emgmon.model import Array

Spectrum = NDArray[np.complex128]

MAINS_HZ = (50.0, 60.0)
HARMONICS = 3
FARTHEST_HZ = 0.7
"""A line farther from 50 or 60 Hz than this is not the mains."""
UNREAL = 1e12
"""No unit makes a voltage this large."""
MEDIAN_OF_TEN = 0.7456
"""Expected median of ten powers of noise, over their mean; the median does not see the other mains frequency."""


@dataclass(frozen=True, slots=True)
class Hum:
    """Mains hum in a relaxed channel: `f0_hz`, `rms` of all harmonics in the unit of the signal, `prominence_db`."""

    f0_hz: float
    rms: float
    prominence_db: float


@dataclass(frozen=True, slots=True)
class MainsSettings:
    """How hum is looked for and followed.

    Attributes
    ----------
    prominence_db : float
        Lines this far above their neighbourhood are mains.
    follow_s : float
        Time constant of the canceller in a relaxed muscle. Shorter follows changes, longer spares EMG beside the line.
    burst : float
        Above this multiple of the relaxed RMS the canceller slows with the square of the amplitude.
    windows, least : int
        Relaxed windows of 1 s, 0.25 s apart, that are averaged, and how many there must be (4 s).
    plain_db, least_plain : float, int
        A line as prominent as this is believed after so few windows.
    hole, hole_sd, hole_windows : float, float, int
        Power at 50 or 60 Hz, over that beside it, below which the sensor itself has a notch there; by how many standard
        errors it must be lower than 1; and how many windows, relaxed or not, are averaged at most. A notch of quality
        10 shows in a good minute, one of 30 in about six.
    """

    prominence_db: float = 6.0
    follow_s: float = 0.75
    burst: float = 3.0
    windows: int = 16
    least: int = 13
    plain_db: float = 15.0
    least_plain: int = 4
    hole: float = 0.75
    hole_sd: float = 5.0
    hole_windows: int = 2400


@dataclass(slots=True)
class MainsWatch:
    """Finds mains hum in relaxed windows of one second whose starts are a quarter second apart; online.

    Parameters
    ----------
    fs_hz : float
    size : int
        Samples of a window, four steps.
    """

    fs_hz: float
    size: int
    settings: MainsSettings = field(default_factory=MainsSettings)
    _kept: deque[tuple[int, Spectrum]] = field(init=False)
    _count: int = 0
    _depths: dict[float, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._kept = deque(maxlen=self.settings.windows)

    def add(self, spectrum: Spectrum, *, relaxed: bool) -> None:
        """Take the complex spectrum of the next window (mean removed, Hann)."""
        self._count += 1
        if relaxed:
            self._kept.append((self._count, spectrum[: self._bin(HARMONICS * MAINS_HZ[-1]) + 9]))
        for f0_hz in MAINS_HZ:
            at = self._bin(f0_hz)
            near = np.abs(spectrum[at - 8 : at + 9]) ** 2
            ordered = sorted([*near[:5].tolist(), *near[-5:].tolist()])
            beside = (ordered[4] + ordered[5]) / 2.0 / MEDIAN_OF_TEN if len(near) == 17 else 0.0
            depth = min(float(near[8]) / beside, 100.0) if beside > 0.0 else 1.0
            before = self._depths.get(f0_hz, 1.0)
            self._depths[f0_hz] = before + (depth - before) / min(self._count, self.settings.hole_windows)

    def hole_hz(self) -> float:
        """Mains frequency at which the sensor has a notch of its own; NaN when there is none or too little was seen."""
        independent = min(self._count, self.settings.hole_windows) / 3.0
        if independent < 1.0:
            return math.nan
        f0_hz = min(MAINS_HZ, key=lambda line_hz: self._depths[line_hz])
        limit = min(self.settings.hole, 1.0 - self.settings.hole_sd / math.sqrt(independent))
        return f0_hz if self._depths[f0_hz] < limit else math.nan

    def find(self) -> Hum | None:
        """Hum in the relaxed windows of late, None when there is none or too little was seen."""
        if len(self._kept) < self.settings.least_plain:
            return None
        mean = np.mean([np.abs(spectrum) ** 2 for _at, spectrum in self._kept], axis=0)
        found = max((self._hum(mean, f0_hz) for f0_hz in MAINS_HZ), key=lambda hum: hum.prominence_db)
        enough = len(self._kept) >= self.settings.least
        if found.prominence_db < (self.settings.prominence_db if enough else self.settings.plain_db):
            return None
        f0_hz = self._refined_hz(found.f0_hz)
        return None if abs(f0_hz - found.f0_hz) > FARTHEST_HZ else Hum(f0_hz, found.rms, found.prominence_db)

    def _bin(self, frequency_hz: float) -> int:
        return round(frequency_hz * self.size / self.fs_hz)

    def _hum(self, mean: Array, f0_hz: float) -> Hum:
        """Prominence and RMS of a comb with this fundamental; the Hann window spreads a line over five bins."""
        line = floor = total = 0.0
        for harmonic in range(1, HARMONICS + 1):
            at = self._bin(harmonic * f0_hz)
            if harmonic * f0_hz > 0.45 * self.fs_hz or at + 9 > len(mean):
                break
            around = float(np.median(np.concatenate([mean[at - 8 : at - 3], mean[at + 4 : at + 9]])))
            peak = float(mean[at - 1 : at + 2].mean())
            line, floor = line + peak, floor + around
            if peak > 2.0 * around:
                total += max(float(mean[at - 2 : at + 3].sum()) - 5.0 * around, 0.0)
        prominence_db = 10.0 * math.log10(line / floor) if floor > 0.0 and line > 0.0 else -math.inf
        return Hum(f0_hz, math.sqrt(total * 2.0 / (self.size * hann(self.size)[1])), prominence_db)

    def _refined_hz(self, f0_hz: float) -> float:
        """Frequency from the advance of the phase between windows, first near ones, then ever farther ones."""
        at = self._bin(f0_hz)
        values = {when: spectrum[at - 1 : at + 2] for when, spectrum in self._kept}
        for lag in (1, 4, 12):
            pairs = [(values[when], values[when + lag]) for when in values if when + lag in values]
            if not pairs:
                return f0_hz
            turn = complex(sum(np.vdot(earlier, later) for earlier, later in pairs))
            step_s = lag * (self.size / 4) / self.fs_hz
            cycles = math.atan2(turn.imag, turn.real) / (2.0 * math.pi)
            f0_hz = (cycles + round(f0_hz * step_s - cycles)) / step_s
        return f0_hz


@lru_cache(maxsize=16)
def hann(size: int) -> tuple[Array, float]:
    """Return the Hann window and the sum of its squares."""
    window = np.hanning(size)
    return window, float((window * window).sum())


def line_rms(power: Array, bin_hz: float, f0_hz: float) -> float:
    """RMS of a line and its harmonics in the power of a Hann window whose bins add up to its mean square."""
    total = 0.0
    for harmonic in range(1, HARMONICS + 1):
        at = round(harmonic * f0_hz / bin_hz)
        if at + 9 > 0.9 * len(power):
            break
        around = 0.1 * float(power[at - 8 : at - 3].sum() + power[at + 4 : at + 9].sum())
        total += max(float(power[at - 2 : at + 3].sum()) - 5.0 * around, 0.0)
    return math.sqrt(total)


@dataclass(slots=True)
class MainsCanceller:
    """Subtracts a hum of known frequency that may change slowly in amplitude and phase; online, no delay.

    Off until `tune` was called: then samples pass as they are. Within a block of 50 ms the subtracted wave is fixed; at
    its end sine and cosine move by what was left, so the bits do not depend on how the signal was cut.
    """

    fs_hz: float
    settings: MainsSettings = field(default_factory=MainsSettings)
    hum: Hum | None = None
    rest_rms: float = math.inf
    _block: int = field(init=False)
    _wave: Array = field(default_factory=lambda: np.empty(0))
    _basis: Array = field(default_factory=lambda: np.empty((0, 0)))
    _omega: Array = field(default_factory=lambda: np.empty(0))
    _sine_cosine: Array = field(default_factory=lambda: np.empty((2, 0)))
    _left: Array = field(init=False)
    _filled: int = 0

    def __post_init__(self) -> None:
        self._block = max(4, round(0.05 * self.fs_hz))
        self._left = np.zeros(self._block)

    def tune(self, hum: Hum, before: Array) -> None:
        """Follow this hum from the next sample on.

        Parameters
        ----------
        hum : Hum
        before : (n,) array
            Relaxed signal just before, without gaps, from which amplitude and phase start if the canceller was off.
        """
        if self.hum is not None:
            self._turn(self._filled)
        self.hum = hum
        n_lines = sum(k * hum.f0_hz <= 0.45 * self.fs_hz for k in range(1, HARMONICS + 1))
        self._omega = np.arange(1.0, n_lines + 1) * (2.0 * math.pi * hum.f0_hz / self.fs_hz)
        self._basis = _waves(self._omega, np.arange(self._block))
        if self._sine_cosine.shape[1] != n_lines:
            past = _waves(self._omega, np.arange(-len(before), 0))
            fitted = np.linalg.lstsq(past.T, before - before.mean(), rcond=None)[0]
            self._sine_cosine = np.asarray(fitted, np.float64).reshape(2, n_lines)
        self._begin()

    def off(self) -> None:
        """Let samples pass as they are from now on."""
        self.hum, self._sine_cosine = None, np.empty((2, 0))

    def __call__(self, samples: Array) -> Array:
        """Return the next samples without hum, (n,); what is not finite stays so."""
        if self.hum is None:
            return samples
        out = np.empty(len(samples))
        done = 0
        while done < len(samples):
            n = min(self._block - self._filled, len(samples) - done)
            left = samples[done : done + n] - self._wave[self._filled : self._filled + n]
            out[done : done + n] = self._left[self._filled : self._filled + n] = left
            self._filled += n
            done += n
            if self._filled == self._block:
                self._learn()
        return out

    def _learn(self) -> None:
        if (np.abs(self._left) < UNREAL).all():
            left = self._left - self._left.mean()
            rms = math.sqrt(float((left * left).mean()))
            limit = self.settings.burst * self.rest_rms
            calm = 1.0 if rms <= limit else (limit / rms) ** 2
            gain = calm * self._block / (self.settings.follow_s * self.fs_hz)
            self._sine_cosine += gain * (2.0 / self._block) * (self._basis * left).sum(axis=1).reshape(2, -1)
        self._turn(self._block)
        self._begin()

    def _turn(self, n: int) -> None:
        """Count phases from n samples later on."""
        sine, cosine = np.sin(n * self._omega), np.cos(n * self._omega)
        a, b = self._sine_cosine
        self._sine_cosine = np.stack([a * cosine - b * sine, a * sine + b * cosine])

    def _begin(self) -> None:
        self._filled = 0
        self._wave = (self._basis * self._sine_cosine.reshape(-1, 1)).sum(axis=0)


def _waves(omega: Array, index: NDArray[np.int64]) -> Array:
    """Sines, then cosines of each angular frequency (rad/sample), (2 n_lines, n)."""
    angle = omega[:, None] * index
    return np.asarray(np.concatenate([np.sin(angle), np.cos(angle)]), np.float64)
