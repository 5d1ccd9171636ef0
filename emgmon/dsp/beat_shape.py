"""What a heart beat looks like in a channel, and what its removal leaves: medians and means over the last beats.

Online; the numbers are those of sorting anew at each beat.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import scipy

from emgmon.model import Array

BEAT_S = 0.8
"""Usual length of a beat at rest."""


@dataclass(slots=True)
class BeatShape:
    """Median of the last beats in a relaxed channel, led to zero at both ends.

    Attributes
    ----------
    beats, least : int
        Beats in it, and how many there must be before `ratio` is known.
    wave : (n,) array or None
        The median; None before the first beat.
    square : float
        Sum of its squares.
    ratio : float
        RMS of the wave over that of rest, NaN while there are too few beats.
    """

    beats: int
    least: int
    wave: Array | None = None
    square: float = math.nan
    ratio: float = math.nan
    _came: deque[Array] = field(default_factory=deque)
    _ordered: Array = field(default_factory=lambda: np.empty((0, 0)))

    def learn(self, piece: Array, rest_rms: float) -> None:
        """Take a beat, (n,) finite samples, of a channel whose relaxed RMS is given."""
        rows = self._ordered if self._came else np.empty((0, len(piece)))
        if len(self._came) == self.beats:
            rows = np.where(rows[:-1] < self._came.popleft(), rows[:-1], rows[1:])
        self._came.append(piece.copy())
        n = len(self._came)
        self._ordered = ordered = np.empty((n, len(piece)))
        np.minimum(rows, piece, out=ordered[:-1])
        ordered[-1] = piece
        np.maximum(ordered[1:], rows, out=ordered[1:])
        middle = ordered[n // 2] if n % 2 else (ordered[n // 2 - 1] + ordered[n // 2]) / 2.0
        self.wave = middle * _edges(len(piece))
        self.square = float(self.wave @ self.wave)
        if n >= self.least:
            left = float((self.wave**2).mean()) - 1.57 * rest_rms**2 / n
            self.ratio = math.sqrt(max(left, 0.0)) / rest_rms


@dataclass(slots=True)
class Remains:
    """What is left of the last beats that were taken out of a relaxed channel."""

    fs_hz: float
    least: int
    _pieces: deque[Array] = field(default_factory=lambda: deque(maxlen=16))
    _rms: float = math.nan

    def add(self, piece: Array) -> None:
        """Take what is around a beat that was taken out, (n,)."""
        self._pieces.append(piece)
        self._rms = math.nan

    def rms(self) -> float:
        """RMS of the mean of them, less what chance gives, spread over a whole beat; NaN while there are too few."""
        n = len(self._pieces)
        if n < self.least:
            return math.nan
        if math.isnan(self._rms):
            beats = np.array(self._pieces)
            mean = beats.mean(axis=0)
            beats -= mean
            beats *= beats
            chance = float((beats.sum(axis=0) / (n - 1)).mean()) / n
            share = len(mean) / (BEAT_S * self.fs_hz)
            self._rms = math.sqrt(share * max(float((mean**2).mean()) - chance, 0.0))
        return self._rms


@lru_cache(maxsize=8)
def _edges(n: int) -> Array:
    """Window that leads a wave to zero at both ends."""
    return np.asarray(scipy.signal.windows.tukey(n, 0.3))
