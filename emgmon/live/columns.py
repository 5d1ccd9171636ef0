"""Columns of a sweep as pixels: trace, middle line, seconds, what is lost, and how good the signal was. No Qt.

Quality has a shape beside its colour: along the foot of a row dashes where the signal is doubtful, a bar where it
cannot be used.
"""

from __future__ import annotations

from collections.abc import Sequence
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
FAR = 32_000.0
"""A line below every picture."""

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


@dataclass(frozen=True, slots=True)
class Sheet:
    """Which line of the picture is which line of which row, and the colours of each line.

    Attributes
    ----------
    rows : tuple of (int, int)
        First and last line of each row, the last not within.
    row, line : ndarray, shape (lines,)
        Number of the row, and of the line within it; −1 between rows.
    plain, second, lost, trace : ndarray, shape (lines,)
        Colours where nothing is, at whole seconds, where samples were lost, and of the trace.
    inks : tuple of Inks
        Of each row.
    """

    rows: tuple[tuple[int, int], ...]
    row: NDArray[np.intp]
    line: NDArray[np.int16]
    plain: Pixels
    second: Pixels
    lost: Pixels
    trace: Pixels
    inks: tuple[Inks, ...]


def sheet_of(rows: Sequence[tuple[int, int]], inks: Sequence[Inks], high: int, between: int) -> Sheet:
    """Lay out a picture of `high` lines; lines between rows have the colour `between`."""
    rows = [(top, min(end, high)) for top, end in rows]
    row, line = np.zeros(high, np.intp), np.full(high, -1, np.int16)
    colours = {name: np.full(high, between, np.uint32) for name in ("plain", "second", "lost", "trace")}
    for number, ((top, end), ink) in enumerate(zip(rows, inks, strict=True)):
        row[top:end], line[top:end] = number, np.arange(end - top)
        for name, colour in (("plain", ink.ground), ("second", ink.second), ("lost", ink.lost), ("trace", ink.trace)):
            colours[name][top:end] = colour
            if name != "trace":
                colours[name][top + round((end - top - 1) / 2)] = ink.middle
    return Sheet(tuple(rows), row, line, **colours, inks=tuple(inks))


def paint_columns(
    pixels: Pixels, sheet: Sheet, sweeps: Sequence[Sweep], scales: Sequence[float], first: int, last: int, hz: float
) -> None:
    """Paint columns `first` to `last` of all channels at once.

    Parameters
    ----------
    pixels : ndarray, shape (lines, columns)
        Written into; column n stands at n modulo the number of columns.
    sheet : Sheet
    sweeps, scales
        Of each row; a scale is the value at its upper edge, in the unit of the signal.
    first, last : int
        Numbers of columns; room ahead of the newest is cleared.
    hz : float
        Columns per second, for the lines at whole seconds.
    """
    with_before = np.arange(first - 1, last + 1)
    numbers = with_before[1:]
    place = with_before % (wide := pixels.shape[1])
    read = (s.at(with_before, place) if s.columns == wide else s.read(first - 1, last) for s in sweeps)
    low, high, lost = (np.array(part) for part in zip(*read, strict=True))
    seconds = np.floor(with_before / hz + 1e-9)
    block = np.empty((len(pixels), numbers.size), np.uint32)
    block[:] = sheet.plain[:, None]
    if lost[:, 1:].any():
        np.copyto(block, sheet.lost[:, None], where=(lost[:, 1:][sheet.row]) & (sheet.line >= 0)[:, None])
    block[:, seconds[1:] != seconds[:-1]] = sheet.second[:, None]
    for (top_line, end), sweep, inks in zip(sheet.rows, sweeps, sheet.inks, strict=True):
        if sweep.graded and (grades := sweep.grades(first, last)).any():
            foot = block[max(top_line, end - FOOT) : end]
            foot[:, (grades == AMBER) & (numbers % DASH < 0.6 * DASH)] = inks.amber
            foot[:, grades == RED] = inks.red
    top, bottom = _extents(sheet, low, high, np.asarray(scales))
    trace = (sheet.line[:, None] >= top[sheet.row]) & (sheet.line[:, None] <= bottom[sheet.row])
    np.copyto(block, sheet.trace[:, None], where=trace)
    left = first % wide
    until = min(numbers.size, wide - left)
    pixels[:, left : left + until] = block[:, :until]
    pixels[:, : numbers.size - until] = block[:, until:]


def _extents(sheet: Sheet, low: Array, high: Array, scales: Array) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """Return the first and last line of the trace in each row and column; none where there is no signal."""
    # joined to the column before, so that a steep slope is a line and not two dots
    here = ~np.isnan(low[:, 1:])
    low, high = np.fmin(low[:, 1:], high[:, :-1]), np.fmax(high[:, 1:], low[:, :-1])
    middle = np.array([(end - top - 1) / 2 for top, end in sheet.rows])[:, None]
    reach = middle / scales[:, None]
    with np.errstate(invalid="ignore"):
        top = np.where(here, np.ceil(middle - high * reach - HALF_LINE), FAR).clip(0.0, FAR)
        bottom = np.where(here, np.floor(middle - low * reach + HALF_LINE), -1.0).clip(-1.0, FAR)
    return top.astype(np.int16), bottom.astype(np.int16)
