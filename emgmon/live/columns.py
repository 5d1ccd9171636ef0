"""Columns of a sweep as pixels: trace, middle line, seconds, what is lost, and how good the signal was. No Qt.

Quality has a shape beside its colour: along the foot of a row dashes where the signal is doubtful, a bar where it
cannot be used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emgmon.live.sweep import Sweep
from emgmon.model import Array

GOOD, AMBER, RED = 0, 1, 2
GRADES = {"good": GOOD, "amber": AMBER, "red": RED}
"""Grade of a column by the state of `emgmon.model.QualityChanged`."""
FOOT, DASH = 4, 10
"""Lines of the foot that tells quality, and columns of a dash with its gap."""
HALF_LINE = 0.7
"""A trace reaches so many lines beyond its smallest and largest sample: it is never thinner than a line."""

Pixels = NDArray[np.uint32]
"""(lines, columns), as 0xffRRGGBB."""


@dataclass(frozen=True, slots=True)
class Inks:
    """Colours of one row, as 0xffRRGGBB."""

    ground: int
    lost: int
    second: int
    middle: int
    trace: int
    amber: int
    red: int


def paint_columns(row: Pixels, sweep: Sweep, first: int, last: int, scale: float, inks: Inks, column_hz: float) -> None:
    """Paint columns `first` to `last` of one channel into its row.

    Parameters
    ----------
    row : ndarray, shape (lines, columns)
        Written into; column n stands at n modulo the number of columns.
    sweep : Sweep
    first, last : int
        Numbers of columns; room ahead of the newest is cleared.
    scale : float
        Value at the upper edge, in the unit of the signal.
    inks : Inks
    column_hz : float
        Columns per second, for the lines at whole seconds.
    """
    low, high, lost = sweep.read(first - 1, last)
    # joined to the column before, so that a steep slope is a line and not two dots
    low, high = np.fmin(low[1:], _where(low[1:], high[:-1])), np.fmax(high[1:], _where(high[1:], low[:-1]))
    middle = (len(row) - 1) / 2
    reach = middle / scale
    lines = np.arange(len(row))[:, None]
    numbers = np.arange(first, last + 1)
    block = np.full((len(row), numbers.size), inks.ground, np.uint32)
    block[:, lost[1:]] = inks.lost
    seconds = np.floor(np.arange(first - 1, last + 1) / column_hz + 1e-9)
    block[:, seconds[1:] != seconds[:-1]] = inks.second
    block[round(middle)] = inks.middle
    grades = sweep.grades(first, last)
    if grades.any():
        block[-FOOT:, (grades == AMBER) & (numbers % DASH < 0.6 * DASH)] = inks.amber
        block[-FOOT:, grades == RED] = inks.red
    with np.errstate(invalid="ignore"):
        trace = (lines >= middle - high * reach - HALF_LINE) & (lines <= middle - low * reach + HALF_LINE)
    block[trace] = inks.trace
    row[:, numbers % sweep.columns] = block


def _where(wanted: Array, values: Array) -> Array:
    """Return values where `wanted` is a number, NaN elsewhere."""
    return np.where(np.isnan(wanted), np.nan, values)
