"""The heart in an EMG channel of the trunk: what its beats leave after the high-pass, learnt and subtracted.

Online with delay: a beat is known 0.3 to 0.6 s after it came, so the live view shows it and the numbers of a finished
repetition do not. Beats are found in the channel's own slow part, or told from an ECG stream where there is one
(`emgmon.dsp.beats`); the template is the median of beats at rest.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from emgmon.dsp.beat_shape import BeatShape, Remains
from emgmon.dsp.own_beats import HOPS, OwnBeats, Tops
from emgmon.model import Array

REACH_S = 0.040
"""A beat is moved by at most this to where the shape fits best."""
SPARE = 64
"""Quarter seconds for which there is room behind what is remembered, before it is moved to the front."""


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

    The numbers do not depend on how many quarter seconds come at once.

    Attributes
    ----------
    hop : int
        Samples of a quarter second.
    began : int
        Index of the first sample that it is given.
    shape : BeatShape
    """

    fs_hz: float
    hop: int
    began: int = 0
    settings: HeartSettings = field(default_factory=HeartSettings)
    shape: BeatShape = field(init=False)
    _count: int = field(init=False)
    _own: OwnBeats = field(init=False)
    _length: int = field(init=False)
    _filtered: Array = field(init=False)
    _ahead: int = field(init=False)
    _before: int = field(init=False)
    _after: int = field(init=False)
    _reach: int = field(init=False)
    _lag: int = field(init=False)
    _remains: Remains = field(init=False)
    _waiting: deque[int] = field(default_factory=lambda: deque(maxlen=64))
    _told: list[int] = field(default_factory=list)
    _told_newest: int = -(10**9)

    def __post_init__(self) -> None:
        settings = self.settings
        self.shape = BeatShape(settings.beats, settings.least)
        self._remains = Remains(self.fs_hz, settings.least)
        self._own = OwnBeats(self.fs_hz, self.hop, settings.after_s + 0.05, settings.refractory_s)
        self._count = self.began
        self._length = math.ceil(settings.recall_s * self.fs_hz / self.hop) * self.hop
        self._filtered = np.full(self._length + SPARE * self.hop, np.nan)
        self._ahead = self._length - self._count
        n_of = (round(each * self.fs_hz) for each in (settings.before_s, settings.after_s, REACH_S, settings.told_s))
        self._before, self._after, self._reach, self._lag = n_of

    @property
    def ratio(self) -> float:
        """RMS of a beat's shape over that of rest, NaN while there are too few beats."""
        return self.shape.ratio

    def tell(self, at: int) -> None:
        """Take an R wave that an ECG stream showed at sample `at`, counted since the start; within 40 ms will do."""
        self._told.append(at)

    def take(
        self, clean: Array, filtered: Array, rest_rms: Sequence[float], known_rms: Sequence[float]
    ) -> tuple[list[tuple[Revision, ...]], list[float]]:
        """Take the next n quarter seconds.

        Parameters
        ----------
        clean : (n, hop) array
            Before the band-pass, NaN where lost.
        filtered : (n, hop) array
            After it, NaN where lost.
        rest_rms, known_rms : (n,) sequence of float
            RMS of `filtered` in a relaxed channel, with and without what the quarter second says of it; NaN while
            unknown.

        Returns
        -------
        revised : (n,) list
            Beats that each quarter second let be taken out of what came before.
        left : (n,) list of float
            RMS of what was left of the mean beat before that, over `known_rms`; NaN while there are too few beats.
        """
        tops = self._own.tops(clean, self._count)
        self._keep(filtered)
        revised: list[tuple[Revision, ...]] = []
        left: list[float] = []
        for k, (rest, known) in enumerate(zip(rest_rms, known_rms, strict=True)):
            left.append(self._remains.rms() / known if known > 0.0 else math.nan)
            self._count += self.hop
            revised.append(())
            if not rest > 0.0 or self._count < self.began + HOPS * self.hop:
                continue
            for beat in self._beats(tops, k):
                self._learn(beat, rest)
            if self.ratio > self.settings.ratio:
                found = [self._without(at, rest) for at in self._waiting]
                revised[k] = tuple(revision for revision in found if revision)
                self._waiting.clear()
        return revised, left

    def _keep(self, filtered: Array) -> None:
        """Remember what was filtered, behind what came so far."""
        first, n = self._count + self._ahead, filtered.size
        if first + n > len(self._filtered):
            past = self._filtered[first - self._length : first].copy()
            if self._length + n > len(self._filtered):
                self._filtered = np.empty(self._length + n)
            self._filtered[: self._length] = past
            first = self._length
            self._ahead = first - self._count
        self._filtered[first : first + n] = filtered.reshape(-1)

    def _between(self, first: int, stop: int) -> Array | None:
        """Return what was filtered between two samples counted since the start, None where not all is remembered."""
        if first < self._count - self._length or stop > self._count:
            return None
        return self._filtered[first + self._ahead : stop + self._ahead]

    def _beats(self, tops: Tops, k: int) -> list[int]:
        """R waves to look at now: those told that are old enough, or the channel's own while nobody tells any."""
        limit = self._count - self._lag
        due = sorted(at for at in self._told if at <= limit) if self._told else []
        if due:
            self._told = [at for at in self._told if at > limit]
            self._told_newest = due[-1]
        if limit - self._told_newest < self.settings.silent_s * self.fs_hz:
            return due
        return [tops.at[k]] if tops.alone[k] and self._own.beat(tops, k, self._count) else []

    def _cut(self, at: int) -> Array | None:
        """Return what was filtered around a beat, None when some of it is missing."""
        piece = self._between(at - self._before, at + self._after)
        return piece if piece is not None and math.isfinite(float(piece @ piece)) else None

    def _aligned(self, at: int) -> int:
        """Move a beat to where the shape fits best."""
        wave = self.shape.wave
        if wave is None:
            return at
        first = at - self._before - self._reach
        around = self._between(first, first + 2 * self._reach + len(wave))
        if around is None:
            return at
        fits = np.correlate(around, wave, "valid")
        best = int(fits.argmax())
        return at - self._reach + best if math.isfinite(float(fits[best])) else at

    def _learn(self, beat: int, rest_rms: float) -> None:
        """Remember a beat, and let the shape follow when the muscle is at rest."""
        beat = self._aligned(beat)
        self._waiting.append(beat)
        piece = self._cut(beat)
        if piece is None:
            return
        outer = self._between(max(beat - self.hop, self._count - self._length), min(beat + self.hop, self._count))
        if outer is not None and _median_below(np.abs(outer), 2.0 * 0.6745 * rest_rms):
            self.shape.learn(piece, rest_rms)

    def _without(self, at: int, rest_rms: float) -> Revision | None:
        """Take one beat out of what is remembered."""
        at = self._aligned(at)
        piece, wave = self._cut(at), self.shape.wave
        if piece is None or wave is None:
            return None
        low, high = self.settings.scale
        fit = float(piece @ wave) / self.shape.square
        if fit < 0.5 * low or not _median_below(np.abs(piece), 6.0 * rest_rms):
            return None
        piece -= min(max(fit, low), high) * wave
        revised = piece.copy()
        if _median_below(np.abs(piece), 2.0 * 0.6745 * rest_rms):
            self._remains.add(revised)
        return Revision(at - self._before, revised)


def _median_below(values: Array, limit: float) -> bool:
    """Whether the median of what is not NaN lies below a limit; counted, which is quicker than to find it."""
    below = 2 * int(np.count_nonzero(values < limit))
    if below > len(values):
        return True
    there = int(np.count_nonzero(values == values))  # noqa: PLR0124 NaN
    return below > there if below != there else bool(np.nanmedian(values) < limit)
