"""One row of the Signals page: a channel filtered as the analysis sees it, and raw as the sensor sent it. No Qt."""

from __future__ import annotations

import math

import numpy as np

from emgmon.live.kept import Kept, Stretch, steady
from emgmon.live.sweep import LEAST_SCALE, Stretched, Sweep, next_scale
from emgmon.model import SignalSeen

STEADY_S = 1.0
"""Time constant of the mean that is taken from raw samples so that they can be shown around zero."""
LOOKS = 50
"""How often the whole sweep is looked at for its largest sample, while one sweep passes."""
MOST_WAITING = 40
"""Blocks that wait while nobody looks, so that they are taken at once: about a second."""


class Row:
    """The columns that are drawn of one channel, and every sample of the last half minute in both forms.

    Parameters
    ----------
    columns : int
    span_s : float
        Of one sweep.
    raw : bool
        Which form is drawn.

    Attributes
    ----------
    sweep : Sweep
        Of the form that is drawn.
    unit : str
    scale : float
        End of the axis.
    dirty : (int, int) or None
        Columns that have to be drawn.
    """

    def __init__(self, columns: int, span_s: float, unit: str, *, raw: bool = False) -> None:
        self.sweep, self.unit, self.scale = Sweep(columns, span_s), unit, LEAST_SCALE
        self.dirty: tuple[int, int] | None = None
        self._raw, self._span_s = raw, span_s
        self._kept = Kept()
        self._mean = math.nan
        self._waiting: list[tuple[SignalSeen, float, int]] = []
        self._peak, self._looked = 0.0, -columns

    def add(self, block: SignalSeen, grade: int) -> None:
        """Take the next samples; they are in the sweep after `settle`, or when many blocks wait."""
        mean = self._follow_mean(block)
        self._kept.add(block, mean)
        self._waiting.append((block, mean, grade))
        if len(self._waiting) >= MOST_WAITING:
            self.settle()

    def settle(self) -> int:
        """Put what waits into the sweep; returns its newest column, -1 before the first."""
        waiting, self._waiting = self._waiting, []
        run: list[Stretched] = []
        end_s, of_grade = 0.0, 0
        for block, mean, grade in waiting:
            drawn = steady(block, mean) if self._raw else block
            if run and (grade != of_grade or drawn.start_s < end_s - 0.5 * drawn.period_s):
                self._put(run, of_grade)
                run = []
            run.append((drawn.start_s, drawn.period_s, drawn.samples))
            end_s, of_grade = drawn.start_s + drawn.period_s * drawn.samples.size, grade
        if run:
            self._put(run, of_grade)
        return self.sweep.head

    def _put(self, run: list[Stretched], grade: int) -> None:
        changed = self.sweep.add_run(run, grade)
        if changed is not None:
            old = self.dirty or changed
            self.dirty = (min(old[0], changed[0]), max(old[1], changed[1]))

    def rescale(self, head: int) -> bool:
        """Choose the axis for the sweep that ends at column `head`; tells whether it is another one.

        What is new is looked at each time, what has left the sweep a few times a second.
        """
        risen = self.sweep.risen()
        if not 0 <= head - self._looked < self.sweep.columns // LOOKS:
            self._peak, self._looked = self.sweep.peak(head), head
        else:
            self._peak = max(self._peak, risen)
        before, self.scale = self.scale, next_scale(self.scale, self._peak)
        return self.scale != before

    def show(self, *, raw: bool) -> None:
        """Draw the other form from now on, with what was seen of it in this sweep."""
        if raw == self._raw:
            return
        self.settle()
        self._raw, before = raw, self.sweep
        self.sweep, self.dirty, self.scale = Sweep(before.columns, self._span_s), None, LEAST_SCALE
        for block in self._kept.blocks(raw=raw):
            self.sweep.add(block.start_s, block.period_s, block.samples)
        self.sweep.grade_as(before)
        self._looked = -before.columns

    def resize(self, columns: int) -> None:
        """Go over to another number of columns."""
        self.settle()
        self.sweep, self.dirty = self.sweep.resized(columns), None
        self._looked = -columns

    def stretch(self) -> Stretch:
        """Return the last half minute of the form that is drawn."""
        return self._kept.stretch(raw=self._raw)

    def _follow_mean(self, block: SignalSeen) -> float:
        """Return the running mean of the raw samples, up to those of a block."""
        raw = block.raw
        if raw is None or not raw.size:
            return self._mean
        total, count = float(np.add.reduce(raw)), raw.size
        if math.isnan(total):  # some were lost
            there = raw[~np.isnan(raw)]
            total, count = float(there.sum()), there.size
        if count:
            keep = 0.0 if math.isnan(self._mean) else math.exp(-count * block.period_s / STEADY_S)
            self._mean = (self._mean * keep if keep else 0.0) + total / count * (1.0 - keep)
        return self._mean
