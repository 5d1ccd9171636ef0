"""Fits each sensor's clock to the host's, so that every stream stands on the session's clock.

A packet can be late, never early: of all pairs (device time, arrival) those with the least delay tell the truth. The
fit is a line under all pairs that touches the lowest ones (the edge of their lower convex hull below the middle of the
window), its slope bounded by what the sensor's oscillator may be off. What is left is the least delay of the link
itself, the same for all sensors of one kind.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from emgmon.model import Array

SURE_BINS = 4

_Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class ClockSettings:
    """How a clock is followed.

    Attributes
    ----------
    bin_s : float
        One least-delay pair is kept for each stretch of this length; also how often the fit is renewed.
    window_s : float
        Memory. Longer is steadier, shorter follows a warming oscillator.
    skew_ppm : float
        Largest rate error believed: 100 for crystals of unknown kind.
    slew_s_per_s : float
        Fastest change of the published offset once the first `settle_s` are over, so that time never jumps.
    """

    bin_s: float = 0.5
    window_s: float = 300.0
    skew_ppm: float = 100.0
    slew_s_per_s: float = 0.0005
    settle_s: float = 5.0


class ClockFit:
    """Clock of one sensor against the host's; online, bounded memory."""

    def __init__(self, settings: ClockSettings | None = None) -> None:
        self.settings = settings or ClockSettings()
        self._kept = _Lowest(int(self.settings.window_s / self.settings.bin_s))
        self._open: tuple[float, float] | None = None
        self._bin = 0
        self._began_s = 0.0
        self._at_s = 0.0
        self._offset_s = 0.0
        self._skew = 0.0

    def restart(self) -> None:
        """Begin anew after a reconnection: the sensor's clock may have started again."""
        self.__init__(self.settings)  # type: ignore[misc]

    def add(self, device_s: float, host_s: float) -> None:
        """Take the times of one packet: `device_s` when its last sample was taken, `host_s` when it arrived."""
        settings, delay = self.settings, host_s - device_s
        number = int(device_s // settings.bin_s)
        if self._open is None:
            self._bin, self._began_s, self._at_s, self._offset_s = number, device_s, device_s, delay
            self._open = (device_s, delay)
            return
        if number > self._bin:
            self._kept.add(self._open)
            self._open, self._bin = (device_s, delay), number
            self._renew(device_s)
        elif number == self._bin and delay < self._open[1]:
            self._open = (device_s, delay)
        if device_s - self._began_s < settings.settle_s and delay < self._line(device_s):
            self._at_s, self._offset_s = device_s, delay

    def late_s(self, device_s: Array, host_s: Array) -> tuple[Array, Array] | None:
        """Bounds of how late packets, (n,), will turn out to be when their turn comes; None before that can be told.

        None is not given once `add_many` may take the packets: not before the first seconds are over.
        """
        settings = self.settings
        if self._open is None or float(device_s.min()) - self._began_s < settings.settle_s:
            return None
        late_s = host_s - (device_s + (self._offset_s + self._skew * (device_s - self._at_s)))
        away_s = np.maximum.accumulate(np.abs(device_s - self._at_s))
        moves_s = (settings.slew_s_per_s + 4e-6 * settings.skew_ppm) * away_s + 1e-6  # slopes differ there and back
        return late_s - moves_s, late_s + moves_s

    def add_many(self, device_s: Array, host_s: Array) -> tuple[Array, Array, Array]:
        """Take the times of many packets, (n,), after the first seconds: the same as `add` one by one.

        Returns
        -------
        at_s, offset_s, skew : (n,) arrays
            The line after each: `session_s` of a moment is then that plus ``offset + skew * (moment - at)``.
        """
        number = device_s // self.settings.bin_s
        newest = np.maximum.accumulate(np.maximum(number, float(self._bin)))
        delay = np.where(number == newest, host_s - device_s, math.inf).tolist()
        starts = np.flatnonzero(np.diff(newest, prepend=float(self._bin)))
        lines = [(self._at_s, self._offset_s, self._skew)]
        lowest = self._open or (0.0, math.inf)
        first = 0
        for start in [*starts.tolist(), len(delay)]:
            if start > first and (least := min(delay[first:start])) < lowest[1]:
                lowest = float(device_s[delay.index(least, first)]), least
            if start < len(delay):
                self._kept.add(lowest)
                lowest = moment_s, _delay = float(device_s[start]), delay[start]
                self._renew(moment_s)
                lines.append((self._at_s, self._offset_s, self._skew))
            first = start
        self._open, self._bin = lowest, int(newest[-1])
        line = np.repeat(lines, np.diff([0, *starts, len(delay)]), axis=0)
        return line[:, 0], line[:, 1], line[:, 2]

    def session_s(self, device_s: float) -> float:
        """Host time, in s, of a moment on the sensor's clock."""
        return device_s + (self._offset_s + self._skew * (device_s - self._at_s))

    @property
    def known(self) -> bool:
        """Whether any packet was seen since the beginning or the last `restart`."""
        return self._open is not None

    @property
    def uncertainty_s(self) -> float:
        """How far the published time may be off, s: mean height of the kept least delays above the line.

        Beside it stands what no packet tells: the least delay of the link and of the firmware. NaN until 2 s are seen.
        """
        kept = self._kept.points
        if len(kept) < SURE_BINS:
            return math.nan
        return sum(abs(delay_s - self._line(device_s)) for device_s, delay_s in kept) / len(kept)

    @property
    def skew_ppm(self) -> float:
        """How much slower than the host's the sensor's clock runs, in parts per million."""
        return self._skew * 1e6

    def _line(self, device_s: float) -> float:
        return self._offset_s + self._skew * (device_s - self._at_s)

    def _renew(self, device_s: float) -> None:
        offset_s, skew = self._kept.support_line(self.settings.skew_ppm * 1e-6)
        target = offset_s + skew * (device_s - self._kept.points[0][0])
        present = self._line(device_s)
        if device_s - self._began_s >= self.settings.settle_s:
            step = self.settings.slew_s_per_s * max(device_s - self._at_s, 0.0)
            target = min(max(target, present - step), present + step)
        self._at_s, self._offset_s, self._skew = device_s, target, skew


class _Lowest:
    """The newest points of a course, and the lower edge of their convex hull, kept up as points come and go."""

    def __init__(self, most: int) -> None:
        self.points: deque[_Point] = deque()
        self._most = most
        self._hull: deque[_Point] = deque()
        self._sum_x = 0.0

    def add(self, point: _Point) -> None:
        """Take a point to the right of all others; the oldest goes when there are too many."""
        if len(self.points) == self._most:
            self._drop()
        self.points.append(point)
        self._sum_x += point[0]
        while len(self._hull) > 1 and _left_turn_missing(self._hull[-2], self._hull[-1], point):
            self._hull.pop()
        self._hull.append(point)

    def _drop(self) -> None:
        """Forget the oldest point; what it hid is between it and the next point of the edge."""
        self._sum_x -= self.points.popleft()[0]
        self._hull.popleft()
        uncovered: list[_Point] = []
        for point in self.points:
            while len(uncovered) > 1 and _left_turn_missing(uncovered[-2], uncovered[-1], point):
                uncovered.pop()
            if not self._hull or point[0] >= self._hull[0][0]:
                break
            uncovered.append(point)
        self._hull.extendleft(reversed(uncovered))

    def support_line(self, bound: float) -> _Point:
        """Line below all points and nearest to them on average: its height at the first point, and its slope."""
        middle = self._sum_x / len(self.points)
        slope = 0.0
        for (x0, y0), (x1, y1) in pairwise(self._hull):
            slope = (y1 - y0) / (x1 - x0)
            if x1 >= middle:
                break
        slope = min(max(slope, -bound), bound)
        x_first = self.points[0][0]
        return min([y - slope * (x - x_first) for x, y in self._hull]), slope


def _left_turn_missing(a: _Point, b: _Point, c: _Point) -> bool:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) <= 0
