"""The last half minute of one channel's signal, every sample of it, for looking at it closely. No Qt."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from emgmon.model import Array, SignalSeen

KEPT_S = 30.0
"""Eight channels of 2000 Hz are 4 MB."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A channel's signal as it was at one moment.

    Attributes
    ----------
    times_s, samples : ndarray, shape (n,)
        Session time, and the signal in `unit`; NaN where samples were lost and at each jump in time.
    period_s : float
        Between two samples.
    unit : str
    """

    times_s: Array
    samples: Array
    period_s: float
    unit: str

    def at(self, time_s: float) -> tuple[float, float] | None:
        """Return time and value of the sample nearest to a time; None where there is none, or it was lost."""
        if not self.times_s.size:
            return None
        after = int(np.searchsorted(self.times_s, time_s))
        near = min(range(max(0, after - 1), min(after + 1, self.times_s.size)), key=lambda k: self._off_s(k, time_s))
        value = float(self.samples[near])
        if np.isnan(value) or self._off_s(near, time_s) > self.period_s:
            return None
        return float(self.times_s[near]), value

    def _off_s(self, index: int, time_s: float) -> float:
        return abs(float(self.times_s[index]) - time_s)

    def gaps(self) -> list[tuple[float, float]]:
        """Return begin and end of each stretch without samples, session time."""
        there = ~np.isnan(self.samples)
        if not there.any():
            return []
        times_s = self.times_s[there]
        ends = np.flatnonzero(np.diff(times_s) > 1.5 * self.period_s)
        return [(float(times_s[end]), float(times_s[end + 1])) for end in ends]


def steady(block: SignalSeen, mean: float) -> SignalSeen:
    """Return a block of raw samples without their mean; the filtered ones where the sensor sends no raw EMG."""
    if block.raw is None or not block.raw.size:
        return block
    return replace(block, start_s=block.start_s + block.delay_s, samples=block.raw - mean, raw=None)


class Kept:
    """Keeps the blocks of one channel for `KEPT_S`."""

    def __init__(self) -> None:
        self._blocks: deque[tuple[SignalSeen, float]] = deque()

    def add(self, block: SignalSeen, mean: float = 0.0) -> None:
        """Keep a block, with the mean to be taken from its raw samples, and drop what is older than `KEPT_S`."""
        self._blocks.append((block, mean))
        while self._blocks[0][0].start_s < block.start_s - KEPT_S:
            self._blocks.popleft()

    def blocks(self, *, raw: bool = False) -> list[SignalSeen]:
        """Return all blocks that are kept and hold samples, in the order of time and in one of both forms."""
        blocks = (steady(block, mean) if raw else block for block, mean in self._blocks)
        return sorted((block for block in blocks if block.samples.size), key=lambda block: block.start_s)

    def stretch(self, *, raw: bool = False) -> Stretch:
        """Return all that is kept, in the order of time and in one of both forms."""
        blocks = self.blocks(raw=raw)
        if not blocks:
            return Stretch(np.empty(0), np.empty(0), 0.001, "")
        period_s = blocks[-1].period_s
        times: list[Array] = []
        samples: list[Array] = []
        end_s = blocks[0].start_s
        for block in blocks:
            if block.start_s - end_s > 0.5 * period_s:
                times.append(np.array([end_s]))
                samples.append(np.array([np.nan]))
            times.append(block.start_s + block.period_s * np.arange(block.samples.size, dtype=np.float64))
            samples.append(block.samples)
            end_s = block.start_s + block.period_s * block.samples.size
        return Stretch(np.concatenate(times), np.concatenate(samples), period_s, blocks[-1].unit)
