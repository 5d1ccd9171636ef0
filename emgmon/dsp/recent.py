"""The last few numbers in order of size: quantiles of the past without sorting it anew."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from dataclasses import dataclass, field


@dataclass(slots=True)
class Recent:
    """The last n numbers, of which none is NaN; online."""

    n: int
    _count: int = 0
    _came: list[float] = field(default_factory=list)
    _ordered: list[float] = field(default_factory=list)

    def tenth(self, value: float) -> float:
        """Take the next number; returns that below which a tenth of the last ones lies."""
        ordered = self._ordered
        if len(ordered) == self.n:
            at = self._count % self.n
            del ordered[bisect_left(ordered, self._came[at])]
            self._came[at] = value
        else:
            self._came.append(value)
        self._count += 1
        insort(ordered, value)
        return ordered[len(ordered) // 10]

    def median(self, value: float) -> float:
        """Take the next number; returns the median before it, infinite before the first."""
        ordered, n = self._ordered, len(self._ordered)
        half = n // 2
        before = math.inf if not n else ordered[half] if n % 2 else (ordered[half - 1] + ordered[half]) / 2.0
        self.tenth(value)
        return before

    def saved(self) -> Recent:
        """Return a copy."""
        return Recent(self.n, self._count, self._came.copy(), self._ordered.copy())
