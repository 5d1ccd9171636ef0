"""The heart in an EMG channel of the trunk: what its beats leave after the high-pass, learnt and subtracted.

Online with delay: a beat is known 0.3 to 0.6 s after it came, so the live view shows it and the numbers of a finished
repetition do not. Beats are found in the channel's own slow part, or told from an ECG stream where there is one
(`emgmon.dsp.beats`); the template is the median of beats at rest.
"""

from __future__ import annotations

import math
import statistics
from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import scipy

from emgmon.dsp.contact import median_of
from emgmon.model import Array

BEAT_S = 0.8
"""Usual length of a beat at rest."""


@dataclass(frozen=True, slots=True)
class HeartSettings:
    """How beats are found and subtracted.

    Attributes
    ----------
    before_s, after_s : float
        What of a beat is subtracted, around its R wave.
    refractory_s : float
        No two beats are nearer.
    beats, least : int
        Beats in the template, and how many there must be before anything is subtracted.
    recall_s : float
        Beats this old are still subtracted when the template becomes known.
    ratio : float
        RMS of the template over that of rest from which on it is subtracted.
    scale : (float, float)
        Limits of the factor by which a single beat may differ from the template.
    told_s : float
        A beat that was told from outside is used when it is this old. Longer waits for slower links; the numbers do not
        depend on when it was told, as long as that was before.
    silent_s : float
        After so long without a told beat the channel's own are sought again.
    """

    before_s: float = 0.10
    after_s: float = 0.16
    refractory_s: float = 0.30
    beats: int = 30
    least: int = 8
    recall_s: float = 12.0
    ratio: float = 0.3
    scale: tuple[float, float] = (0.5, 1.5)
    told_s: float = 1.5
    silent_s: float = 5.0


class Revision(NamedTuple):
    """A beat was taken out: these are the filtered samples from index `first` on, counted since the start."""

    first: int
    samples: Array


@dataclass(slots=True)
class HeartCanceller:
    """Finds beats in one channel and takes them out of what was filtered; takes quarter seconds.

    Attributes
    ----------
    hop : int
        Samples of a quarter second.
    began : int
        Index of the first sample that it is given.
    ratio : float
        RMS of the template over that of rest, NaN while there are too few beats.
    slow_zi : array
        State of the filter of the slow part, in which beats are sought.
    """

    fs_hz: float
    hop: int
    began: int = 0
    settings: HeartSettings = field(default_factory=HeartSettings)
    ratio: float = math.nan
    _count: int = 0
    slow_zi: Array = field(init=False)
    _slow_sos: Array = field(init=False)
    _slow: Array = field(init=False)
    _filtered: Array = field(init=False)
    _heights: deque[float] = field(default_factory=lambda: deque(maxlen=8))
    _quiet: deque[Array] = field(init=False)
    _template: Array | None = None
    _left: deque[Array] = field(default_factory=lambda: deque(maxlen=16))
    _left_rms: float = math.nan
    _newest: int = -(10**9)
    _waiting: deque[int] = field(default_factory=lambda: deque(maxlen=64))
    _told: list[int] = field(default_factory=list)
    _told_newest: int = -(10**9)

    def __post_init__(self) -> None:
        self._slow_sos = _slow_part(self.fs_hz)
        self.slow_zi = np.zeros((len(self._slow_sos), 2))
        self._count = self.began
        length = math.ceil(self.settings.recall_s * self.fs_hz / self.hop) * self.hop
        self._slow, self._filtered = np.zeros(8 * self.hop), np.full(length, np.nan)
        self._quiet = deque(maxlen=self.settings.beats)

    def tell(self, at: int) -> None:
        """Take an R wave that an ECG stream showed at sample `at`, counted since the start; within 40 ms will do."""
        self._told.append(at)

    def slow_of(self, clean: Array) -> Array:
        """Return the slow part of the next quarter seconds, (n, hop), for `step` to take one by one."""
        slow, self.slow_zi = scipy.signal.sosfilt(self._slow_sos, clean.reshape(-1), zi=self.slow_zi)
        return np.asarray(slow.reshape(-1, self.hop))

    def step(self, clean: Array, filtered: Array, rest_rms: float, slow: Array | None = None) -> list[Revision]:
        """Take the next quarter second.

        Parameters
        ----------
        clean : (hop,) array
            Before the band-pass, without gaps.
        filtered : (hop,) array
            After it, NaN where lost.
        rest_rms : float
            RMS of `filtered` in a relaxed channel, NaN while unknown.
        slow : (hop,) array, optional
            Of `slow_of`, when that was given `clean` already.

        Returns
        -------
        list of Revision
            Beats that were taken out of what came before.
        """
        if slow is None:
            slow = self.slow_of(clean)[0]
        for kept, newest in ((self._slow, slow), (self._filtered, filtered)):
            kept[: -self.hop] = kept[self.hop :]  # NumPy moves what overlaps rightly
            kept[-self.hop :] = newest
        self._count += self.hop
        if not rest_rms > 0.0 or self._count < self.began + 8 * self.hop:
            return []
        for beat in self._beats():
            self._learn(beat, rest_rms)
        if not self.ratio > self.settings.ratio:
            return []
        revisions = [revision for at in self._waiting if (revision := self._without(at, rest_rms))]
        self._waiting.clear()
        return revisions

    def _index(self, at: int) -> int:
        """Place in the buffers of a sample counted since the start."""
        return at - self._count + len(self._filtered)

    def _beats(self) -> list[int]:
        """R waves to look at now: those told that are old enough, or the channel's own while nobody tells any."""
        limit = self._count - round(self.settings.told_s * self.fs_hz)
        due = sorted(at for at in self._told if at <= limit)
        if due:
            self._told = [at for at in self._told if at > limit]
            self._told_newest = due[-1]
        if limit - self._told_newest < self.settings.silent_s * self.fs_hz:
            return due
        own = self._beat()
        return [] if own is None else [own]

    def _beat(self) -> int | None:
        """R wave in the quarter second that lies far enough back, None when there is none."""
        around, after = round(0.15 * self.fs_hz), math.ceil((self.settings.after_s + 0.05) * self.fs_hz)
        energy = self._slow * self._slow
        stop = len(energy) - max(after, around)
        start = stop - self.hop
        at = start + int(energy[start:stop].argmax())
        height = float(energy[at])
        if height < float(energy[max(0, at - around) : at + around].max()) or height < 12.0 * median_of(energy):
            return None
        usual = statistics.median(self._heights) if len(self._heights) > 2 else math.nan
        if self._count - self._newest > 5 * self.fs_hz:
            self._heights.clear()
        elif not math.isnan(usual) and not 0.25 * usual < height < 4.0 * usual:
            return None
        found = self._count - len(energy) + at
        if found - self._newest < self.settings.refractory_s * self.fs_hz:
            return None
        self._newest = found
        self._heights.append(height)
        return found

    def _cut(self, at: int) -> Array | None:
        """Return what was filtered around a beat, None when some of it is missing."""
        first = self._index(at) - round(self.settings.before_s * self.fs_hz)
        stop = self._index(at) + round(self.settings.after_s * self.fs_hz)
        if first < 0 or stop > len(self._filtered):
            return None
        piece = self._filtered[first:stop]
        return piece if np.isfinite(piece).all() else None

    def _aligned(self, at: int) -> int:
        """Move a beat to where the template fits best."""
        if self._template is None:
            return at
        reach = round(0.040 * self.fs_hz)
        first = self._index(at) - round(self.settings.before_s * self.fs_hz) - reach
        around = self._filtered[max(first, 0) : first + 2 * reach + len(self._template)]
        if first < 0 or len(around) < 2 * reach + len(self._template) or not np.isfinite(around).all():
            return at
        return at - reach + int(np.correlate(around, self._template, "valid").argmax())

    def _learn(self, beat: int, rest_rms: float) -> None:
        """Remember a beat, and let the template follow when the muscle is at rest."""
        beat = self._aligned(beat)
        self._waiting.append(beat)
        piece = self._cut(beat)
        outer = self._filtered[max(0, self._index(beat) - self.hop) : self._index(beat) + self.hop]
        if piece is None or not float(np.nanmedian(np.abs(outer))) < 2.0 * 0.6745 * rest_rms:
            return
        self._quiet.append(piece.copy())
        n = len(self._quiet)
        self._template = np.median(np.stack(self._quiet), axis=0) * _edges(len(piece))
        if n >= self.settings.least:
            left = float((self._template**2).mean()) - 1.57 * rest_rms**2 / n
            self.ratio = math.sqrt(max(left, 0.0)) / rest_rms

    def _without(self, at: int, rest_rms: float) -> Revision | None:
        """Take one beat out of the buffer."""
        at = self._aligned(at)
        piece = self._cut(at)
        if piece is None or self._template is None:
            return None
        fit = float(piece @ self._template) / float(self._template @ self._template)
        if fit < 0.5 * self.settings.scale[0] or not float(np.median(np.abs(piece))) < 6.0 * rest_rms:
            return None
        piece -= min(max(fit, self.settings.scale[0]), self.settings.scale[1]) * self._template
        if float(np.median(np.abs(piece))) < 2.0 * 0.6745 * rest_rms:
            self._left.append(piece.copy())
            self._left_rms = math.nan
        return Revision(at - round(self.settings.before_s * self.fs_hz), piece.copy())

    def left(self, rest_rms: float) -> float:
        """RMS of what is left of the mean beat, over that of rest; NaN while there are too few beats."""
        if len(self._left) < self.settings.least or not rest_rms > 0.0:
            return math.nan
        if math.isnan(self._left_rms):
            beats = np.stack(self._left)
            chance = float(beats.var(axis=0, ddof=1).mean()) / len(beats)
            share = beats.shape[1] / (BEAT_S * self.fs_hz)
            self._left_rms = math.sqrt(share * max(float((beats.mean(axis=0) ** 2).mean()) - chance, 0.0))
        return self._left_rms / rest_rms


@lru_cache(maxsize=8)
def _slow_part(fs_hz: float) -> Array:
    """Sections of the band-pass in which beats are sought."""
    return np.asarray(scipy.signal.butter(2, [5.0, min(30.0, 0.4 * fs_hz)], "bandpass", fs=fs_hz, output="sos"))


@lru_cache(maxsize=8)
def _edges(n: int) -> Array:
    """Window that leads a template to zero at both ends."""
    return np.asarray(scipy.signal.windows.tukey(n, 0.3))
