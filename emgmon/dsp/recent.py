"""The last few numbers in order of size: quantiles of the past without sorting it anew."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from dataclasses import dataclass, field

import numpy as np

from emgmon.dsp.compiled import kernel
from emgmon.model import Array


@dataclass(slots=True)
class Recent:
    """The last n numbers, of which none is NaN; online."""

    n: int
    _count: int = 0
    _came: list[float] | Array = field(default_factory=list)
    _ordered: list[float] | Array = field(default_factory=list)

    def tenths(self, values: Array) -> Array:
        """Take the next numbers, (m,); returns after each the number below which a tenth of the last ones lies."""
        return self._run(values)[:, 0]

    def medians(self, values: Array) -> Array:
        """Take the next numbers, (m,); returns the median before each, infinite before the first."""
        return self._run(values)[:, 1]

    def saved(self) -> Recent:
        """Return a copy."""
        return Recent(self.n, self._count, self._came.copy(), self._ordered.copy())

    def _run(self, values: Array) -> Array:
        """Tenth after and median before each of some numbers, (m, 2)."""
        loops = kernel()
        if loops is None:
            kept = min(self._count, self.n)
            came = self._came if isinstance(self._came, list) else self._came[:kept].tolist()
            ordered = self._ordered if isinstance(self._ordered, list) else self._ordered[:kept].tolist()
            self._came, self._ordered = came, ordered
            return self._interpreted(values.tolist(), came, ordered)
        if isinstance(self._came, list):
            empty = np.zeros(self.n - len(self._came))
            self._came, self._ordered = np.append(self._came, empty), np.append(self._ordered, empty)
        self._count += len(values)
        return np.asarray(loops.recent_of(values, self._count - len(values), self._came, self._ordered))

    def _interpreted(self, values: list[float], came: list[float], ordered: list[float]) -> Array:
        out, tenth = np.empty((len(values), 2)), min(self._count, self.n) // 10
        for row, value in enumerate(values):
            n = len(ordered)
            half = n // 2
            median = math.inf if not n else ordered[half] if n % 2 else (ordered[half - 1] + ordered[half]) / 2.0
            if n == self.n:
                at = self._count % n
                del ordered[bisect_left(ordered, came[at])]
                came[at] = value
            else:
                came.append(value)
                tenth = (n + 1) // 10
            self._count += 1
            insort(ordered, value)
            out[row] = ordered[tenth], median
        return out
