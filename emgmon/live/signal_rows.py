"""One row of the Signals page: a channel filtered as the analysis sees it, and raw as the sensor sent it. No Qt."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from emgmon.live.kept import Kept, Stretch
from emgmon.live.sweep import LEAST_SCALE, Sweep
from emgmon.model import SignalSeen

STEADY_S = 1.0
"""Time constant of the mean that is taken from raw samples so that they can be shown around zero."""


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
        self._kept = {False: Kept(), True: Kept()}
        self._mean = math.nan

    def add(self, block: SignalSeen, grade: int) -> int | None:
        """Take the next samples; returns the last column that changed, None without any."""
        raw = self._steady(block)
        self._kept[False].add(block)
        self._kept[True].add(raw)
        drawn = raw if self._raw else block
        changed = self.sweep.add(drawn.start_s, drawn.period_s, drawn.samples, grade)
        if changed is None:
            return None
        old = self.dirty or changed
        self.dirty = (min(old[0], changed[0]), max(old[1], changed[1]))
        return changed[1]

    def show(self, *, raw: bool) -> None:
        """Draw the other form from now on, with what was seen of it in this sweep."""
        if raw == self._raw:
            return
        self._raw, before = raw, self.sweep
        self.sweep, self.dirty, self.scale = Sweep(before.columns, self._span_s), None, LEAST_SCALE
        for block in self._kept[raw].blocks():
            self.sweep.add(block.start_s, block.period_s, block.samples)
        self.sweep.grade_as(before)

    def resize(self, columns: int) -> None:
        """Go over to another number of columns."""
        self.sweep, self.dirty = self.sweep.resized(columns), None

    def stretch(self) -> Stretch:
        """Return the last half minute of the form that is drawn."""
        return self._kept[self._raw].stretch()

    def _steady(self, block: SignalSeen) -> SignalSeen:
        """Return the raw samples without their running mean; the filtered ones where the sensor sends no raw EMG."""
        if block.raw is None or not block.raw.size:
            return block
        there = block.raw[~np.isnan(block.raw)]
        if there.size:
            keep = 0.0 if math.isnan(self._mean) else math.exp(-there.size * block.period_s / STEADY_S)
            self._mean = (self._mean * keep if keep else 0.0) + float(there.mean()) * (1.0 - keep)
        return replace(block, start_s=block.start_s + block.delay_s, samples=block.raw - self._mean, raw=None)
