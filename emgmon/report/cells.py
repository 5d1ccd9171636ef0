"""Every rep of a set as a small figure, all on one scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from emgmon.model import GROUPS, RepSummary, SetSummary
from emgmon.report.doing import rep_remark
from emgmon.report.reading import Reading, index_value, share_value
from emgmon.report.svg import COLOURS, DASHES, LINE, PALE, Drawing, Point, polyline
from emgmon.report.traces import RepTraces, rep_traces, scaled, span_s, top_level
from emgmon.report.wording import DASH, factor, flagged, number, percent

MAX_CELLS = 40
"""Reps drawn one by one; of more, every second, third … is drawn and all are counted."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One rep among the small multiples.

    ``state`` is ``missed``, ``uncounted`` or empty; ``number`` the glutes' share, or the change of the index.
    """

    index: int
    number: str
    state: str
    remark: str
    drawing: Markup


@dataclass(frozen=True, slots=True)
class Cells:
    """The small multiples of a set: `columns` on paper, half of them on a phone."""

    columns: int
    note: str
    cells: tuple[Cell, ...]


def rep_number(rep: RepSummary, reading: Reading) -> str:
    """Return the one number of a rep: the glutes' share in %, else its index as a factor."""
    if reading.shares_where:
        share = share_value(rep, "G", reading)
        return flagged(percent(share.value), share.flag) if share is not None else DASH
    item = index_value(rep, reading)
    return flagged(factor(item.value), item.flag) if item is not None else DASH


def _cells_note(reading: Reading, top: float, span: float, every: int, *, cut: bool) -> str:
    """Say what the numbers, the scales and the shading of the small multiples are."""
    if reading.shares_where:
        words = ["glute share in %"]
    elif reading.index is not None:
        against = "" if reading.comparable else " against the first two reps"
        words = [f"{reading.index.synergists} to glutes{against}"]
    else:
        words = []
    words.append(f"height {percent(top)} % of reference" if reading.comparable else "each against its first two peaks")
    sides = f"{reading.sides[0]} side" if len(reading.sides) == 1 else "mean of sides"
    words += [f"width {number(span)} s", sides, *(["grey = hold"] if reading.phase == "hold" else [])]
    if cut:
        words.append("what is higher is cut at the upper edge")
    if every > 1:
        words.append(f"one in {every} reps is drawn, all are counted")
    return "; ".join(words)


def rep_cells(summary: SetSummary, reading: Reading) -> Cells:
    """Draw every rep on one scale."""
    every = max(1, math.ceil(len(summary.reps) / MAX_CELLS))
    traces = scaled(rep_traces(summary.reps), reading)
    (top, cut), span = top_level(traces), span_s(summary.reps)
    shown = traces[::every]
    columns = next(n for most, n in ((8, 4), (12, 6), (24, 8), (MAX_CELLS, 10)) if len(shown) <= most)
    lines = max(2, math.ceil(len(shown) / columns))
    size = (700 / columns - 18, 276 / lines - 38)
    cells = []
    for item in shown:
        rep = item.rep
        remark = f"without {', '.join(item.missing)}" if item.missing and item.groups else rep_remark(rep)
        state = "missed" if rep.target == "missed" else ""
        if not rep.valid:
            state, remark = "uncounted", "not counted"
        cells.append(Cell(rep.index, rep_number(rep, reading), state, remark, rep_figure(item, size, span, top)))
    return Cells(columns, _cells_note(reading, top, span, every, cut=cut), tuple(cells))


def rep_figure(traces: RepTraces, size: Point, span_s: float, top: float) -> Markup:
    """Draw one rep's curves: `size` in px, `span_s` the time from edge to edge, `top` the level at the upper edge."""
    width, height = size
    rep = traces.rep.rep
    figure = Drawing(width, height, f"Muscle activity in rep {rep.index}")

    def x(t_s: float) -> float:
        return width * min(max(t_s / span_s, 0.0), 1.0)

    def y(level: float) -> float:
        return height - 1.5 - (height - 3) * min(max(level / top, 0.0), 1.0)

    hold_x = x(rep.top_s - rep.start_s)
    figure.box((hold_x, 0), (x(rep.release_s - rep.start_s) - hold_x, height), PALE)
    for group in GROUPS:
        for run in _runs([(x(t), y(level)) for t, level in traces.groups.get(group, ()) if t <= span_s]):
            if group == "G":
                figure.area(
                    polyline([*run, (run[-1][0], height - 1.5), (run[0][0], height - 1.5)]), COLOURS[group], 0.14
                )
            figure.path(polyline(run), COLOURS[group], 1.9 if group == "G" else 1.4, DASHES[group])
    figure.line((0, height - 0.5), (width, height - 0.5), LINE)
    return figure.end()


def _runs(points: Sequence[Point]) -> list[list[Point]]:
    """Split at gaps (NaN), so that a gap stays a gap."""
    runs: list[list[Point]] = [[]]
    for point in points:
        if math.isfinite(point[1]):
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if len(run) > 1]
