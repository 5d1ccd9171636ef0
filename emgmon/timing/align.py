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

SURE_BINS = 4


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
        self._bins: deque[tuple[float, float]] = deque(maxlen=int(self.settings.window_s / self.settings.bin_s))
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
        delay = host_s - device_s
        number = int(device_s // self.settings.bin_s)
        if self._open is None:
            self._bin, self._began_s, self._at_s, self._offset_s = number, device_s, device_s, delay
            self._open = (device_s, delay)
            return
        if number > self._bin:
            self._bins.append(self._open)
            self._open, self._bin = (device_s, delay), number
            self._renew(device_s)
        elif number == self._bin and delay < self._open[1]:
            self._open = (device_s, delay)
        if device_s - self._began_s < self.settings.settle_s and delay < self._line(device_s):
            self._at_s, self._offset_s = device_s, delay

    def session_s(self, device_s: float) -> float:
        """Host time, in s, of a moment on the sensor's clock."""
        return device_s + self._line(device_s)

    @property
    def known(self) -> bool:
        """Whether any packet was seen since the beginning or the last `restart`."""
        return self._open is not None

    @property
    def uncertainty_s(self) -> float:
        """How far the published time may be off, s: mean height of the kept least delays above the line.

        Beside it stands what no packet tells: the least delay of the link and of the firmware. NaN until 2 s are seen.
        """
        if len(self._bins) < SURE_BINS:
            return math.nan
        return sum(abs(delay_s - self._line(device_s)) for device_s, delay_s in self._bins) / len(self._bins)

    @property
    def skew_ppm(self) -> float:
        """How much slower than the host's the sensor's clock runs, in parts per million."""
        return self._skew * 1e6

    def _line(self, device_s: float) -> float:
        return self._offset_s + self._skew * (device_s - self._at_s)

    def _renew(self, device_s: float) -> None:
        points = [*self._bins]
        offset_s, skew = _support_line(points, self.settings.skew_ppm * 1e-6)
        target = offset_s + skew * (device_s - points[0][0])
        present = self._line(device_s)
        if device_s - self._began_s >= self.settings.settle_s:
            step = self.settings.slew_s_per_s * max(device_s - self._at_s, 0.0)
            target = min(max(target, present - step), present + step)
        self._at_s, self._offset_s, self._skew = device_s, target, skew


def _support_line(points: list[tuple[float, float]], bound: float) -> tuple[float, float]:
    """Line below all points and nearest to them on average: its height at the first point, and its slope."""
    hull: list[tuple[float, float]] = []
    for x, y in points:
        while len(hull) > 1 and _left_turn_missing(hull[-2], hull[-1], (x, y)):
            hull.pop()
        hull.append((x, y))
    middle = sum(x for x, _y in points) / len(points)
    slope = 0.0
    for (x0, y0), (x1, y1) in pairwise(hull):
        slope = (y1 - y0) / (x1 - x0)
        if x1 >= middle:
            break
    slope = min(max(slope, -bound), bound)
    x_first = points[0][0]
    return min(y - slope * (x - x_first) for x, y in hull), slope


def _left_turn_missing(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) <= 0
