"""The envelopes of a set as rows of lines on one clock, ready to be drawn. No Qt."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emgmon.live.playing import Course
from emgmon.live.review_set import Block, Passage
from emgmon.live.strings import words
from emgmon.model import GROUPS, SIDES, Array, Placement
from emgmon.pipeline.frames import BAR_S

STEPS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0)
LEAST_PERCENT, LEAST_UV = 20.0, 10.0
"""An axis never ends below these: noise is not activity."""
MOST_PERCENT = 200.0
PEAK_PERCENT, ROOM = 99.5, 1.12
"""A jerk or a broken packet, short as it is, must not make all traces flat: it goes over the edge."""
MOST_ROWS = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One row of traces: its name, the group whose colour it bears, and of each line its name and side."""

    title: str
    group: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What is drawn.

    Attributes
    ----------
    rows : tuple of Row
    time_s : (n,) array
        Session time; levels stand where the muscle was, half a window before they were known.
    level : mapping of str to (n,) array
        By the name of the line; in %, or in the unit of the signal. NaN where it was lost.
    tops : tuple of float
        End of each row's axis.
    percent : bool
    legend : str
    blocks : tuple of Block
    start_s, stop_s : float
        As far as one can go.
    """

    rows: tuple[Row, ...]
    time_s: Array
    level: Mapping[str, Array]
    tops: tuple[float, ...]
    percent: bool
    legend: str
    blocks: tuple[Block, ...]
    start_s: float
    stop_s: float


def picture(course: Course, shown: Passage) -> Picture:
    """Take a passage's envelopes from the tape: on one scale in %, each row on its own without references.

    What had other references than the passage, as before the first was taken, has another unit and is left out.
    """
    with course.lock:
        time_s, levels = course.tape.levels(shown.start_s, shown.stop_s)
        alike = course.tape.kinds(shown.start_s, shown.stop_s) == shown.kind
    kept = alike | np.concatenate(([False], alike[:-1]))  # and one more, which breaks the line
    time_s = time_s[kept]
    levels = {place: np.where(alike, values, np.nan)[kept] for place, values in levels.items()}
    relative = shown.kind != "T4"
    level = {str(place): (100.0 if relative else 1.0) * values for place, values in levels.items()}
    every = rows_of(levels)
    rows = every[:MOST_ROWS]
    by_row = [[level[name] for name, _side in row.lines] for row in rows]
    if relative:
        top = min(MOST_PERCENT, nice_top([item for items in by_row for item in items], LEAST_PERCENT))
        tops = tuple(top for _row in rows)
    else:
        tops = tuple(nice_top(items, LEAST_UV) for items in by_row)
    legend = words(f"review.legend.{shown.kind}") + _more(len(every))
    return Picture(rows, time_s - BAR_S / 2, level, tops, relative, legend, shown.blocks, shown.start_s, shown.stop_s)


def raw_picture(time_s: Array, level: Mapping[str, Array], shown: Passage) -> Picture:
    """Show channels that have no muscle's name, each on a row of its own."""
    rows = tuple(Row(name, "", ((name, ""),)) for name in list(level)[:MOST_ROWS])
    tops = tuple(nice_top([level[row.title]], 1e-6) for row in rows)
    legend = words("review.legend.raw") + _more(len(level))
    return Picture(rows, time_s, level, tops, False, legend, (), shown.start_s, shown.stop_s)


def _more(rows: int) -> str:
    """Say how many rows there was no room for."""
    return f", {words('review.more', n=rows - MOST_ROWS)}" if rows > MOST_ROWS else ""


def rows_of(places: Iterable[Placement]) -> tuple[Row, ...]:
    """Share out channels on rows: the groups in the order of the screen, then other muscles one by one."""
    ordered = sorted(places, key=lambda place: (place.muscle, SIDES.index(place.side)))
    found = []
    for group in (*GROUPS, "D"):
        here = tuple((str(place), place.side) for place in ordered if place.group == group)
        if here:
            found.append(Row(words(f"review.group.{group}"), group, here))
    others: dict[str, list[tuple[str, str]]] = {}
    for place in ordered:
        if not place.group:
            others.setdefault(place.title.split(",")[0], []).append((str(place), place.side))
    found += [Row(title, "", tuple(here)) for title, here in others.items()]
    return tuple(found)


def nice_top(values: Sequence[Array], least: float) -> float:
    """Return the end of an axis for some traces: a round number a little above all but their shortest peaks."""
    known = [item[np.isfinite(item)] for item in values]
    peak = max([least, *(ROOM * float(np.percentile(item, PEAK_PERCENT)) for item in known if item.size)])
    decade = 10.0 ** math.floor(math.log10(peak))
    return next(step * decade for step in STEPS if step * decade >= 0.999 * peak)


def thinned(time_s: Array, level: Array, wide: float) -> tuple[Array, Array]:
    """Keep the largest value of each pixel where there are more samples than that; lost stays lost."""
    step = int(time_s.size // max(1.0, wide))
    if step < 2:
        return time_s, level
    n = time_s.size // step * step
    blocks = level[:n].reshape(-1, step)
    lost = np.isnan(blocks).all(axis=1)
    largest = np.where(lost, np.nan, np.where(np.isnan(blocks), -np.inf, blocks).max(axis=1))
    return time_s[:n].reshape(-1, step).mean(axis=1), largest


def runs(there: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return first and end of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], there, [False])).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
