"""The last ten seconds of one channel as smallest and largest value per pixel column, and how good it was. No Qt.

Adding costs as much as there are new samples and drawing as much as there are new columns, whatever the sampling
rate. Columns are numbered on the session clock, so all channels share them; a column number modulo the number of
columns is a place on the screen, where the newest second overwrites the oldest (a sweep).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emgmon.model import Array

Numbers = NDArray[np.int64]
Stretched = tuple[float, float, Array]
"""A block: time of its first sample, period, samples."""

STEPS = (1.0, 2.0, 5.0)
LEAST_SCALE = 10.0


class Sweep:
    """Smallest and largest sample per column of one channel.

    Parameters
    ----------
    columns : int
        Columns of one sweep.
    span_s : float
        Length of one sweep.
    """

    def __init__(self, columns: int, span_s: float) -> None:
        self.columns, self.column_s = columns, span_s / columns
        self._low = np.full(columns, np.nan)
        self._high = np.full(columns, np.nan)
        self._number = np.full(columns, -1, dtype=np.int64)
        self._grade = np.zeros(columns, dtype=np.uint8)
        self._end_s = float("nan")
        self._last = float("nan")
        self._newest = -1
        self._risen = 0.0
        self.graded = False
        """Some column was not good."""

    def add(self, start_s: float, period_s: float, samples: Array, grade: int = 0) -> tuple[int, int] | None:
        """Add samples, the first at `start_s`; lost ones are NaN, and `grade` is kept with their columns.

        Returns
        -------
        (int, int) or None
            First and last column that changed.
        """
        if not samples.size:
            return None
        times: Array = start_s + period_s * np.arange(samples.size, dtype=np.float64)
        joined = abs(start_s - self._end_s) < 0.5 * period_s  # no jump in time since the last block
        self._end_s = start_s + period_s * samples.size
        last, self._last = (self._last if joined else float("nan")), float(samples[-1])
        if period_s > self.column_s:  # fewer samples than columns: a value for each column in between
            if joined:
                times, samples = np.r_[times[0] - period_s, times], np.r_[last, samples]
            middles = self.column_s * (np.arange(*np.ceil(times[[0, -1]] / self.column_s - 0.5).astype(int)) + 0.5)
            if middles.size:
                samples = np.interp(middles, times, samples)
                times = np.asarray(middles, dtype=np.float64)
        return self._merge(times, samples, grade)

    def add_run(self, blocks: Sequence[Stretched], grade: int = 0) -> tuple[int, int] | None:
        """Add blocks of which none begins before the last one ended, as `add` does one by one, but all at once."""
        if len(blocks) == 1 or any(period_s > self.column_s for _start_s, period_s, _samples in blocks):
            changed = [found for block in blocks if (found := self.add(*block, grade)) is not None]
            return (min(first for first, _ in changed), max(last for _, last in changed)) if changed else None
        sizes = [samples.size for _start_s, _period_s, samples in blocks]
        within = np.concatenate([np.arange(size) for size in sizes])
        starts = np.repeat([start_s for start_s, _period_s, _samples in blocks], sizes)
        periods = np.repeat([period_s for _start_s, period_s, _samples in blocks], sizes)
        samples = np.concatenate([samples for _start_s, _period_s, samples in blocks])
        if not samples.size:
            return None
        start_s, period_s, _samples = blocks[-1]
        self._end_s, self._last = start_s + period_s * sizes[-1], float(samples[-1])
        return self._merge(starts + periods * within, samples, grade)

    def _merge(self, times: Array, samples: Array, grade: int) -> tuple[int, int] | None:
        """Merge samples into their columns; times do not fall."""
        numbers = np.floor(times / self.column_s + 1e-9).astype(np.int64)
        starts = np.concatenate(([0], np.flatnonzero(numbers[1:] != numbers[:-1]) + 1))
        low, high, numbers = np.fmin.reduceat(samples, starts), np.fmax.reduceat(samples, starts), numbers[starts]
        if numbers.size > self.columns:
            low, high, numbers = low[-self.columns :], high[-self.columns :], numbers[-self.columns :]
        place = numbers % self.columns
        if numbers[0] <= self._newest:
            fresh = numbers >= self._number[place]  # never write the past over the present
            low, high, numbers, place = low[fresh], high[fresh], numbers[fresh], place[fresh]
            if not numbers.size:
                return None
            same = self._number[place] == numbers
            low = np.where(same, np.fmin(low, self._low[place]), low)
            high = np.where(same, np.fmax(high, self._high[place]), high)
        self._low[place], self._high[place] = low, high
        self._number[place], self._grade[place] = numbers, grade
        self._risen = max(self._risen, float(np.fmax.reduce(high)), -float(np.fmin.reduce(low)))  # NaN is no larger
        self.graded |= grade > 0
        first, last = int(numbers[0]), int(numbers[-1])
        self._newest = max(self._newest, last)
        return first, last

    def read(self, first: int, last: int) -> tuple[Array, Array, NDArray[np.bool_]]:
        """Return smallest and largest value of columns `first` to `last`, NaN where there is none.

        The third array is true where samples were expected and lost.
        """
        numbers = np.arange(first, last + 1)
        return self.at(numbers, numbers % self.columns)

    def at(self, numbers: Numbers, place: Numbers) -> tuple[Array, Array, NDArray[np.bool_]]:
        """`read` for who knows which columns these are, and where they stand: their numbers modulo `columns`."""
        here = self._number[place] == numbers
        low = np.where(here, self._low[place], np.nan)
        return low, np.where(here, self._high[place], np.nan), here & np.isnan(low)

    def grades(self, first: int, last: int) -> NDArray[np.uint8]:
        """Return the grades of columns `first` to `last`, 0 where there is none."""
        numbers = np.arange(first, last + 1)
        place = numbers % self.columns
        return np.where(self._number[place] == numbers, self._grade[place], 0).astype(np.uint8)

    def grade_as(self, other: Sweep) -> None:
        """Take the grades of the same columns from another sweep with as many."""
        same = self._number == other._number
        self._grade[same] = other._grade[same]
        self.graded |= other.graded

    @property
    def head(self) -> int:
        """Number of the newest column, -1 before the first."""
        return self._newest

    def resized(self, columns: int) -> Sweep:
        """Return the same seconds in another number of columns; exact again after one sweep."""
        other = Sweep(columns, self.columns * self.column_s)
        if self.head >= 0:
            last = int(self.head * self.column_s / other.column_s)
            numbers = np.arange(max(0, last - columns + 1), last + 1)
            old = ((numbers + 0.5) * other.column_s / self.column_s).astype(np.int64)
            here = self._number[old % self.columns] == old
            numbers, old = numbers[here], old[here] % self.columns
            place = numbers % columns
            other._low[place], other._high[place], other._number[place] = self._low[old], self._high[old], numbers
            other._grade[place] = self._grade[old]
        other._end_s, other._last = self._end_s, self._last
        other.graded = self.graded
        other._newest = int(other._number.max())
        return other

    def risen(self) -> float:
        """Return the largest absolute value that was added since this was asked last, at least 0."""
        risen, self._risen = self._risen, 0.0
        return risen

    def peak(self, head: int) -> float:
        """Return the largest absolute value within one sweep that ends at column `head`; 0 when there is none."""
        here = self._number > head - self.columns
        low, high = self._low[here], self._high[here]
        ends = np.concatenate((low, high))
        ends = ends[~np.isnan(ends)]
        return float(np.abs(ends).max()) if ends.size else 0.0


def next_scale(scale: float, peak: float) -> float:
    """Return the end of the axis for a peak: 1, 2 or 5 times a power of ten.

    It grows as soon as the peak leaves the axis and shrinks only when the peak has stayed below two fifths of it, so
    that it does not flicker.
    """
    if 0.4 * scale <= peak <= scale:
        return scale
    return max(LEAST_SCALE, _step_above(1.1 * peak))


def _step_above(value: float) -> float:
    if value <= 0.0:
        return 0.0
    decade = 10.0 ** np.floor(np.log10(value))
    return float(next(step * decade for step in (*STEPS, 10.0) if step * decade >= value))
