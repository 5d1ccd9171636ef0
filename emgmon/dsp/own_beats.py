"""R waves in an EMG channel's own slow part, below the band of most EMG; online, told 0.2 to 0.5 s after they came."""

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
from emgmon.dsp.filters import in_sections
from emgmon.dsp.seconds import bridged
from emgmon.model import Array

HOPS = 8
"""Beats are sought in the slow part of so many quarter seconds."""
LOUD = 12.0
"""A beat's energy is at least so many times the median around it."""


class Tops(NamedTuple):
    """The highest energy of the slow part in each of n quarter seconds, a while before the newest.

    Attributes
    ----------
    at : (n,) list of int
        Which sample it is, counted since the start.
    height : (n,) list of float
    alone : (n,) list of bool
        Whether nothing within 150 ms is higher.
    energy : ((n + 7) · hop,) array
        In which quarter second k sees 8 · hop values from k · hop on.
    """

    at: list[int]
    height: list[float]
    alone: list[bool]
    energy: Array


@dataclass(slots=True)
class OwnBeats:
    """Finds R waves in one channel; takes quarter seconds, any number at once.

    Attributes
    ----------
    fs_hz : float
    hop : int
        Samples of a quarter second.
    after_s : float
        A top is looked at when it is this old.
    refractory_s : float
        No two beats are nearer.
    """

    fs_hz: float
    hop: int
    after_s: float
    refractory_s: float
    _slow_zi: Array = field(init=False)
    _energy: Array = field(init=False)
    _heights: deque[float] = field(default_factory=lambda: deque(maxlen=8))
    _newest: int = -(10**9)

    def __post_init__(self) -> None:
        self._slow_zi = np.zeros((len(_slow_part(self.fs_hz)), 2))
        self._energy = np.zeros((HOPS - 1) * self.hop)

    def tops(self, clean: Array, count: int) -> Tops:
        """Filter the slow part of the next quarter seconds, and find its tops.

        Parameters
        ----------
        clean : (n, hop) array
            Before the band-pass, NaN where lost.
        count : int
            Samples that came before.
        """
        if not np.isfinite(clean).all():
            clean = np.stack([bridged(row) if np.isfinite(row).any() else np.zeros(self.hop) for row in clean])
        slow = in_sections(clean.reshape(-1), _slow_part(self.fs_hz), self._slow_zi)
        energy = np.concatenate([self._energy, slow * slow])
        self._energy = energy[-len(self._energy) :]
        around, after = round(0.15 * self.fs_hz), math.ceil(self.after_s * self.fs_hz)
        n, first = len(clean), (HOPS - 1) * self.hop - max(after, around)
        parts = energy[first : first + n * self.hop].reshape(n, self.hop)
        at = parts.argmax(axis=1) + np.arange(first, first + n * self.hop, self.hop)
        height = energy[at]
        alone = energy[at[:, None] + np.arange(-around, around)].max(axis=1) <= height
        since = count - len(self._energy)
        return Tops((at + since).tolist(), height.tolist(), alone.tolist(), energy)

    def beat(self, tops: Tops, k: int, count: int) -> bool:
        """Whether a top is as high as the last beats, and high above all; `count` samples came with it."""
        height, found = tops.height[k], tops.at[k]
        paused = count - self._newest > 5 * self.fs_hz
        if not paused and len(self._heights) > 2:
            usual = statistics.median(self._heights)
            if not 0.25 * usual < height < 4.0 * usual:
                return False
        if found - self._newest < self.refractory_s * self.fs_hz:
            return False
        energy = tops.energy[k * self.hop : (k + HOPS) * self.hop]
        higher = 2 * int(np.count_nonzero(energy > height / LOUD)) - len(energy)
        if higher > 0 or (higher == 0 and median_of(energy) > height / LOUD):
            return False
        if paused:
            self._heights.clear()
        self._newest = found
        self._heights.append(height)
        return True


@lru_cache(maxsize=8)
def _slow_part(fs_hz: float) -> Array:
    """Sections of the band-pass in which beats are sought."""
    return np.asarray(scipy.signal.butter(2, [5.0, min(30.0, 0.4 * fs_hz)], "bandpass", fs=fs_hz, output="sos"))
