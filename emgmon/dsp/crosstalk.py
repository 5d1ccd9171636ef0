"""Whether two channels say the same: their correlation while both muscles work.

Two muscles that work together have signals that do not correlate: each has its own motor units. What correlates came
through a bridge of gel or sweat, a common reference electrode, or from one muscle under both.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from emgmon.model import Array


@dataclass(frozen=True, slots=True)
class CrosstalkSettings:
    """How the correlation is taken.

    Attributes
    ----------
    active : float
        Both channels are above this multiple of their relaxed RMS.
    seconds : int
        Seconds that are judged together. More lowers what chance gives (0.1 for four) and is later.
    lag_s : float
        Two sensors' clocks agree within this; channels of one sensor are compared at zero lag alone.
    lost : float
        A second of which more is missing is not judged.
    """

    active: float = 4.0
    seconds: int = 4
    lag_s: float = 0.010
    lost: float = 0.05


@dataclass(slots=True)
class PairWatch:
    """Correlation of two channels over the last seconds in which both worked; online, a value covers `seconds`.

    Attributes
    ----------
    fs_hz : float
        Common rate of what is handed in.
    one_clock : bool
        Whether both channels belong to one sensor.
    """

    fs_hz: float
    one_clock: bool = False
    settings: CrosstalkSettings = field(default_factory=CrosstalkSettings)
    _kept: deque[tuple[Array, float, float]] = field(init=False)

    def __post_init__(self) -> None:
        self._kept = deque(maxlen=self.settings.seconds)

    def add(self, first: Array, second: Array, rest_first: float, rest_second: float) -> float:
        """Take the next second of both channels.

        Parameters
        ----------
        first, second : (n,) array
            Band-passed, sampled at the same moments, NaN where lost; any unit each.
        rest_first, rest_second : float
            RMS of the relaxed channels, NaN while unknown.

        Returns
        -------
        float
            Largest correlation in magnitude over the lags, 0 to 1; NaN while there are too few seconds.
        """
        there = np.isfinite(first) & np.isfinite(second)
        n = len(there)
        if n and np.count_nonzero(there) >= (1.0 - self.settings.lost) * n:
            a, b = (first, second) if there.all() else (np.where(there, each, 0.0) for each in (first, second))
            power_a, power_b = float(a @ a) / n, float(b @ b) / n
            loud_a = math.sqrt(power_a) > self.settings.active * rest_first
            if loud_a and math.sqrt(power_b) > self.settings.active * rest_second:
                reach = 0 if self.one_clock else round(self.settings.lag_s * self.fs_hz)
                around = np.zeros(n + 2 * reach)
                around[reach : n + reach] = a
                self._kept.append((np.correlate(around, b, "valid") / n, power_a, power_b))
        return self._largest()

    def _largest(self) -> float:
        if len(self._kept) < self.settings.seconds:
            return math.nan
        products = sum(row for row, _a, _b in self._kept)
        scale = math.sqrt(sum(a for _row, a, _b in self._kept) * sum(b for _row, _a, b in self._kept))
        return float(np.abs(products).max()) / scale if scale > 0.0 else math.nan
