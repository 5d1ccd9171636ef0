"""Hum while a channel is worn: how much there is, and when it is to be taken out. Decided once a second.

`emgmon.dsp.mains` finds it in relaxed seconds; here is told which those are, and what is left of it.
"""

from __future__ import annotations

import math
import statistics
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from emgmon.dsp.mains import HARMONICS, MAINS_HZ, Hum, MainsWatch
from emgmon.dsp.seconds import HOPS, MANY, Seconds

RELAXED = 2.0
"""A second below this multiple of rest is relaxed."""
LATE = 25.0
"""Hum that comes later than rest is hum up to this multiple of rest; more is an electrode that came off."""


class HumSeen(NamedTuple):
    """Mains in n windows, (n,) each.

    Attributes
    ----------
    line_rms, line_share : list of float
        Before the canceller, and its share of all power above 20 Hz.
    hum_rms, left_rms : list of float
        In the relaxed channel, before and after the canceller.
    """

    line_rms: list[float]
    line_share: list[float]
    hum_rms: list[float]
    left_rms: list[float]


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
        self, seen: Seconds, hops: int, rest: Sequence[float], limit: Sequence[float], *, cancelling: bool
    ) -> tuple[HumSeen, int, bool]:
        """Take the next windows, up to that in which the canceller is to be switched.

        Parameters
        ----------
        seen : Seconds
        hops : int
            Quarter seconds up to the end of the first window, counted since the chain began.
        rest, limit : (n,) sequence of float
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
        out = HumSeen(*([0.0] * seen.n for _ in HumSeen._fields))
        lines, looked_for = out.line_rms, None
        lines_hz: tuple[float, ...] = ()
        for k, known in enumerate(seen.known):
            if not known:
                continue
            if not lines_hz or self.hum is not looked_for:
                looked_for, lines_hz = self.hum, (self.hum.f0_hz,) if self.hum else MAINS_HZ
                lines = _largest([seen.line_rms(f0_hz, HARMONICS, cleaned=False) for f0_hz in lines_hz])
            out.line_rms[k] = line = lines[k]
            if seen.all_total[k] > 0.0:
                out.line_share[k] = line * line / seen.all_total[k]
            relaxed = not math.sqrt(seen.total[k]) > RELAXED * rest[k]
            self.watch.take(seen.lines, k, relaxed=relaxed or self._hums(seen, k, line, rest[k], lines_hz))
            change = False
            if (hops + k) % HOPS == 0:
                self.hum = self.watch.find()
                change = self._switches(limit[k], cancelling)
            if self.hum:
                left = seen.line_rms(self.hum.f0_hz, HARMONICS)[k]
                if relaxed:
                    self._left.append(left)
                out.hum_rms[k] = out.left_rms[k] = self.hum.rms
                if self._left and cancelling and not change:
                    out.left_rms[k] = statistics.median(self._left)
            if change:
                return out, k + 1, True
        return out, seen.n, False

    def _hums(self, seen: Seconds, at: int, line: float, rest: float, lines_hz: tuple[float, ...]) -> bool:
        """Whether what exceeds rest in window `at` is hum."""
        if not line < LATE * rest:
            return False
        most = max([seen.line_rms(f0_hz, MANY)[at] for f0_hz in lines_hz])
        if math.sqrt(max(seen.total[at] - most * most, 0.0)) < RELAXED * rest:
            return True
        return self.watch.prominence_db(seen.lines, at) > self.watch.settings.plain_db

    def _switches(self, limit: float, cancelling: bool) -> bool:
        """Whether the canceller is to be switched on, above the limit, or off, below half of it."""
        if self.hum is None or self.hum.rms < 0.5 * limit:
            return cancelling
        if cancelling or not self.hum.rms > limit:
            return False
        self._left.clear()
        return True


def _largest(lines: list[list[float]]) -> list[float]:
    """Larger of one or two lines in each window."""
    return list(map(max, *lines)) if len(lines) > 1 else lines[0]
