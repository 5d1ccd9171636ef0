"""What waits of a channel, and what is kept of it: rows with times that grow at the end."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from emgmon.model import Array


@dataclass(slots=True)
class Growing:
    """Rows with ascending times that grow at the end and are forgotten at the start."""

    width: int
    n: int = 0
    newest_s: float = -math.inf
    _time_s: Array = field(default_factory=lambda: np.empty(4096))
    _rows: Array = field(init=False)

    def __post_init__(self) -> None:
        self._rows = np.empty((4096, self.width))

    def append(self, time_s: Array, rows: Array) -> None:
        """Add rows (m, width) with their times (m,), made not to go back."""
        if len(time_s):
            times_there, rows_there = self.room(len(time_s))
            np.maximum.accumulate(np.maximum(time_s, self.newest_s), out=times_there)
            rows_there[:] = rows
            self.grew(len(time_s))

    def room(self, n: int) -> tuple[Array, Array]:
        """Where the next n times, (n,), and rows, (n, width), are to be put; `grew` then adds them."""
        need = self.n + n
        if need > len(self._time_s):
            grown = max(need, 2 * len(self._time_s))
            self._time_s = np.concatenate([self._time_s[: self.n], np.empty(grown - self.n)])
            self._rows = np.concatenate([self._rows[: self.n], np.empty((grown - self.n, self.width))])
        return self._time_s[self.n : need], self._rows[self.n : need]

    def grew(self, n: int) -> None:
        """Add what was put there; its times do not go back."""
        self.n += n
        if n:
            self.newest_s = float(self._time_s[self.n - 1])

    def forget_before(self, time_s: float, ahead: int = 0) -> int:
        """Drop rows that are older, once they are the greater part; so many `ahead` of the last stay behind it.

        Returns how many were dropped.
        """
        first = int(np.searchsorted(self.time_s, time_s))
        if first <= self.n // 2:
            return 0
        end = self.n + ahead
        self._time_s[: end - first] = self._time_s[first:end].copy()
        self._rows[: end - first] = self._rows[first:end].copy()
        self.n -= first
        return first

    @property
    def time_s(self) -> Array:
        """Times, (n,)."""
        return self._time_s[: self.n]

    @property
    def rows(self) -> Array:
        """Rows, (n, width)."""
        return self._rows[: self.n]


@dataclass(slots=True)
class Moment:
    """Up to which entry of the session its tracks are looked at; every one that came, unless ticks are made up for."""

    entry: float = math.inf


@dataclass(slots=True)
class Came:
    """Samples as they came: for each block the number of its entry, when its first sample was taken, and how many."""

    entries: list[int]
    start_s: list[float]
    lengths: list[int]
    period_s: float
    samples: Array

    def split(self, entry: float) -> Came:
        """Take out what came up to an entry; the rest stays."""
        n = bisect_right(self.entries, entry)
        at = sum(self.lengths[:n])
        ready = Came(self.entries[:n], self.start_s[:n], self.lengths[:n], self.period_s, self.samples[:at])
        del self.entries[:n], self.start_s[:n], self.lengths[:n]
        self.samples = self.samples[at:]
        return ready


def each_from(first_s: Sequence[float], counts: Sequence[int], step_s: float) -> Array:
    """Return times that begin anew at each of `first_s` and go on for so many steps."""
    if len(first_s) == 1:
        return np.asarray(first_s[0] + np.arange(counts[0], dtype=np.float64) * step_s)
    if len(set(counts)) == 1:
        same = np.array(first_s)[:, None] + np.arange(counts[0], dtype=np.float64) * step_s
        return np.asarray(same.reshape(-1), np.float64)
    each = np.array(counts)
    before = (each.cumsum() - each).repeat(each)
    return np.asarray(np.array(first_s).repeat(each) + (np.arange(len(before)) - before) * step_s, np.float64)
