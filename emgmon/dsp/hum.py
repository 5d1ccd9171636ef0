"""Hum while a channel is worn: how much there is, and when it is to be taken out. Decided once a second.

`emgmon.dsp.mains` finds it in relaxed seconds; here is told which those are, and what is left of it.
"""

from __future__ import annotations

import statistics
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgmon.dsp.mains import HARMONICS, MAINS_HZ, Hum, MainsWatch, line_bins
from emgmon.dsp.seconds import HOPS, MANY, Seconds
from emgmon.model import Array

Flags = NDArray[np.bool_]

RELAXED = 2.0
"""A second below this multiple of rest is relaxed."""
LATE = 25.0
"""Hum that comes later than rest is hum up to this multiple of rest; more is an electrode that came off."""


class HumSeen(NamedTuple):
    """Mains in n windows, (n,) each.

    Attributes
    ----------
    line_rms, line_share : array
        Before the canceller, and its share of all power above 20 Hz.
    hum_rms, left_rms : array
        In the relaxed channel, before and after the canceller.
    """

    line_rms: Array
    line_share: Array
    hum_rms: Array
    left_rms: Array


@dataclass(slots=True)
class HumWatch:
    """Follows hum in one channel; online.

    Attributes
    ----------
    watch : MainsWatch
    hum : Hum or None
        What was found last.
    """

    watch: MainsWatch
    hum: Hum | None = None
    _left: deque[float] = field(default_factory=lambda: deque(maxlen=16))

    def look(
        self, seen: Seconds, hops: int, rest: Array, limit: Array, *, cancelling: bool
    ) -> tuple[HumSeen, int, bool]:
        """Take the next windows, up to that in which the canceller is to be switched.

        Parameters
        ----------
        seen : Seconds
        hops : int
            Quarter seconds up to the end of the first window, counted since the chain began.
        rest, limit : (n,) array
            RMS at rest, NaN while unknown, and that from which on hum is taken out.
        cancelling : bool
            Whether it is taken out now.

        Returns
        -------
        HumSeen
        n : int
            How many windows were taken.
        change : bool
            Whether the canceller is to be switched after these, on or off.
        """
        out = HumSeen(*np.zeros((4, seen.n)))
        at, change = seen.known.nonzero()[0], False
        while len(at) and not change:
            n, change = self._round(out, seen, at, hops, rest, limit, cancelling)
            stop, at = int(at[n - 1]) + 1, at[n:]
        np.divide(out.line_rms**2, seen.all_total, where=seen.all_total > 0.0, out=out.line_share)
        return out, stop if change else seen.n, change

    def _round(
        self,
        out: HumSeen,
        seen: Seconds,
        at: NDArray[np.int64],
        hops: int,
        rest: Array,
        limit: Array,
        cancelling: bool,
    ) -> tuple[int, bool]:
        """Take windows `at` as long as hum is looked for in the same bins; returns how many, and whether to switch."""
        bins = self._bins(seen, self.hum)
        lines_hz = (self.hum.f0_hz,) if self.hum else MAINS_HZ
        line = np.maximum.reduce([seen.line_rms(f0_hz, HARMONICS, cleaned=False)[at] for f0_hz in lines_hz])
        relaxed = ~(np.sqrt(seen.total[at]) > RELAXED * rest[at])
        takes = relaxed | self._hums(seen, at, line, rest[at], lines_hz) if not relaxed.all() else relaxed
        due = ((hops + at) % HOPS == 0).nonzero()[0]
        n, filled, change = len(at), 0, False
        hums = self.watch.ahead(seen.lines, at, takes, due + 1) if len(due) else []
        for end, hum in zip((due + 1).tolist(), hums, strict=True):
            self._fill(out, seen, at[filled : end - 1], relaxed[filled : end - 1], cancelling)
            self.hum, filled = hum, end - 1
            change = self._switches(float(limit[at[end - 1]]), cancelling)
            if change or self._bins(seen, hum) != bins:
                n = end
                break
        self._fill(out, seen, at[filled:n], relaxed[filled:n], cancelling and not change)
        out.line_rms[at[:n]] = line[:n]
        self.watch.take(seen.lines, at[:n], takes[:n])
        return n, change

    @staticmethod
    def _bins(seen: Seconds, hum: Hum | None) -> tuple[int, ...] | None:
        return line_bins(seen.bin_hz, hum.f0_hz, MANY) if hum else None

    def _hums(
        self, seen: Seconds, at: NDArray[np.int64], line: Array, rest: Array, lines_hz: tuple[float, ...]
    ) -> Flags:
        """Where what exceeds rest is hum."""
        most = np.maximum.reduce([seen.line_rms(f0_hz, MANY)[at] for f0_hz in lines_hz])
        beside = np.sqrt(np.maximum(seen.total[at] - most * most, 0.0))
        plain = self.watch.prominence_db(seen.lines)[at] > self.watch.settings.plain_db
        found: Flags = (line < LATE * rest) & ((beside < RELAXED * rest) | plain)
        return found

    def _switches(self, limit: float, cancelling: bool) -> bool:
        """Whether the canceller is to be switched on, above the limit, or off, below half of it."""
        if self.hum is None or self.hum.rms < 0.5 * limit:
            return cancelling
        if cancelling or not self.hum.rms > limit:
            return False
        self._left.clear()
        return True

    def _fill(
        self,
        out: HumSeen,
        seen: Seconds,
        at: NDArray[np.int64],
        relaxed: Flags,
        cancelling: bool,
    ) -> None:
        """Tell of hum in windows `at` after which it was not looked for again."""
        if self.hum is None or not len(at):
            return
        out.hum_rms[at] = self.hum.rms
        lines = seen.line_rms(self.hum.f0_hz, HARMONICS)[at].tolist()
        for k, line, counts in zip(at.tolist(), lines, relaxed.tolist(), strict=True):
            if counts:
                self._left.append(line)
            out.left_rms[k] = statistics.median(self._left) if self._left and cancelling else self.hum.rms
