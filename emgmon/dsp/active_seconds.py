"""The windows of a channel in which its muscle worked, and what must be known of them to judge four in a row."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from emgmon.dsp.shape import (
    AT_ONCE,
    MOTION_HZ,
    Shape,
    ShapeBins,
    median_frequency_hz,
    normal_scores,
    normalities,
    shape_bins,
    shapes_of,
)
from emgmon.dsp.verdict_names import FIRST, KEPT, LOUD_ROW, MEDIAN, NEEDED, NORMAL, SECOND, THIRD
from emgmon.model import Array

if TYPE_CHECKING:
    from emgmon.dsp.seconds import Seconds

_NO_BINS = np.zeros(0)


@dataclass(slots=True)
class ActiveSeconds:
    """The last three windows in a row in which a muscle worked, to be judged with the next one; online.

    Which they are is decided in `emgmon.dsp.row_verdicts`, in whose columns of active windows they are the first.
    """

    fs_hz: float
    size: int
    _power: Array = field(init=False)
    _filtered: Array = field(init=False)
    _columns: Any = field(init=False)

    def __post_init__(self) -> None:
        self._power = np.zeros((KEPT, self.size // 2 + 1))
        self._filtered = np.zeros((KEPT, self.size))
        self._columns = [[0.0] * KEPT, [0.0] * KEPT, [math.nan] * KEPT, [math.nan] * KEPT, [0.0] * KEPT]

    def begin(self, n: int, *, compiled: bool) -> Any:
        """Return columns of these windows and n more."""
        if compiled:
            self._columns = np.asarray(self._columns)
            columns = np.zeros((len(self._columns), KEPT + n))
            columns[:, :KEPT] = self._columns
            return columns
        if not isinstance(self._columns, list):
            self._columns = self._columns.tolist()
        return [column + [0.0] * n for column in self._columns]

    def tell(self, seen: Seconds, out: Any, active: Any, first: int, stop: int, *, even: bool) -> Any:
        """Fill in what is needed of windows `first` to `stop` and those before: median frequency and normality.

        `even` tells whether there is a row whose windows are steady, without which no normality is needed. Returns
        columns of `shapes_of` the mean spectra of rows that are loud.
        """
        bins = shape_bins(self._power.shape[1], seen.bin_hz, self.fs_hz) if self.fs_hz >= 999.0 else None
        if seen.loops:
            return self._told_by(seen.loops, seen, out, active, first, stop, bins, even=even)
        needed = [at for at in (*range(KEPT), *range(KEPT + first, KEPT + stop)) if active[NEEDED][at] > 0.0]
        for column, least, of in (
            (active[MEDIAN], 1.0, lambda rows: median_frequency_hz(rows, seen.bin_hz)),
            (active[NORMAL], 2.0, normalities),
        ):
            new = [at for at in needed if active[NEEDED][at] >= least and math.isnan(column[at])]
            kept, windows = (self._power, seen.power) if least < 2.0 else (self._filtered, seen.filtered)
            for begin in range(0, len(new), AT_ONCE):
                some = new[begin : begin + AT_ONCE]
                rows = np.array([kept[at] if at < KEPT else windows[at - KEPT] for at in some])
                for at, value in zip(some, of(rows).tolist(), strict=True):
                    column[at] = value
        shapes = [[math.nan] * seen.n for _ in Shape._fields]
        loud = [k for k in range(first, stop) if out[FIRST][k] >= 0.0 and out[LOUD_ROW][k] > 0.0]
        for begin in range(0, len(loud) if bins else 0, AT_ONCE):
            some = loud[begin : begin + AT_ONCE]
            means = np.zeros((len(some), seen.power.shape[1]))
            for number, k in enumerate(some):
                for column in (FIRST, SECOND, THIRD):
                    at = int(out[column][k])
                    means[number] += self._power[at] if at < KEPT else seen.power[at - KEPT]
                means[number] += seen.power[k]
            means /= KEPT + 1
            for k, shape in zip(some, shapes_of(means, seen.bin_hz, self.fs_hz).tolist(), strict=True):
                for column, value in zip(shapes, shape, strict=True):
                    column[k] = value
        return shapes

    def _told_by(
        self,
        loops: ModuleType,
        seen: Seconds,
        out: Any,
        active: Any,
        first: int,
        stop: int,
        bins: ShapeBins | None,
        *,
        even: bool,
    ) -> Any:
        shapes = np.empty((len(Shape._fields), seen.n))
        numbers, f_hz = (bins[:5], bins.frequency_hz) if bins else ((0, 0, 0, 0, False), _NO_BINS)
        above = math.ceil(MOTION_HZ / seen.bin_hz)
        rows, floats = out[FIRST : LOUD_ROW + 1], (seen.bin_hz, f_hz)
        loops.active_of(
            seen.power, self._power, active[NEEDED], active[MEDIAN], rows, numbers, floats, above, first, stop, shapes
        )
        if even and len(new := ((active[NEEDED] >= 2.0) & np.isnan(active[NORMAL])).nonzero()[0]):
            ordered = loops.singles_of(seen.signals[2], seen.hop, self._filtered, new)
            ordered.sort(axis=1)
            scores = normal_scores(self.size)
            loops.normals_of(ordered, seen.signals[2], seen.hop, self._filtered, new, scores, active[NORMAL])
        return shapes

    def keep(self, seen: Seconds, active: Any, row: list[int]) -> list[float]:
        """Keep the last windows in the row, at most three; returns where they are kept."""
        free = [slot for slot in range(KEPT) if slot not in row]
        kept = [at if at < KEPT else free.pop() for at in row]
        for slot, at in zip(kept, row, strict=True):
            if at < KEPT:
                continue
            self._power[slot], self._filtered[slot] = seen.power[at - KEPT], seen.filtered[at - KEPT]
        if seen.loops:
            self._columns[:, kept] = active[:, kept] = active[:, row]
        else:
            for mine, column in zip(self._columns, active, strict=True):
                for slot, value in zip(kept, [column[at] for at in row], strict=True):
                    mine[slot] = column[slot] = value
        return [float(slot) for slot in kept]
