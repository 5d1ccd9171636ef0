"""The last few numbers in order of size: quantiles of the past without sorting it anew."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class Recent:
    """The last n numbers; online. NaN has no place in the order and is not taken."""

    n: int
    _came: deque[float] = field(default_factory=deque)
    _ordered: list[float] = field(default_factory=list)

    def add(self, value: float) -> None:
        """Take the next number."""
        if math.isnan(value):
            return
        if len(self._came) == self.n:
            del self._ordered[bisect_left(self._ordered, self._came.popleft())]
        self._came.append(value)
        insort(self._ordered, value)

    @property
    def tenth(self) -> float:
        """The number below which a tenth lies; there is at least one."""
        return self._ordered[len(self._ordered) // 10]

    @property
    def median(self) -> float:
        """The middle one or the mean of both; infinite without any."""
        half = len(self._ordered) // 2
        if not half:
            return self._ordered[0] if self._ordered else math.inf
        return self._ordered[half] if len(self._ordered) % 2 else (self._ordered[half - 1] + self._ordered[half]) / 2.0
