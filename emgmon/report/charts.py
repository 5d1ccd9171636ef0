"""The figures of the report as SVG text, each from plain rows.

Figures in two columns are 344 px wide, so that one fills a phone's width without shrinking.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from markupsafe import Markup

from emgmon.model import GROUP_TITLES, GROUPS, Estimate
from emgmon.report.svg import COLOURS, FAINT, FILLS, INK, LINE, PALE, SECOND, Drawing, Point
from emgmon.report.wording import factor, number, percent, signed

WIDTH = 344.0
MARKS = {"G": "disc", "H": "triangle", "E": "square"}
TARGET_MARKS = {"met": ("disc", COLOURS["G"]), "missed": ("triangle", COLOURS["H"]), "unknown": ("ring", SECOND)}
EVEN_LN = math.log(1.3)
"""Left and right within this of each other are not called different, ln."""


@dataclass(frozen=True, slots=True)
class Row:
    """One rep in a figure with a line for each rep.

    ``parts`` are the figure's numbers by name (NaN where missing), ``target`` as in `RepSummary`, ``counted`` false
    for a rep of which too much was lost.
    """

    index: int
    parts: Mapping[str, float]
    target: str
    counted: bool


def _frame(rows: Sequence[Row], label: str) -> tuple[Drawing, float]:
    """Return an empty figure with a numbered line for each rep, and the height of a line in px."""
    step = min(21.0, 234.0 / max(len(rows), 1))
    figure = Drawing(WIDTH, 24 + step * len(rows) + 18, label)
    every = math.ceil(11 / step)
    for line, row in enumerate(rows):
        if line % every == 0:
            if row.target == "missed" and step >= 11:
                figure.mark((4, 24 + step * line + step / 2 - 2), "triangle", COLOURS["H"], radius=3.2)
            figure.text(
                (23, 24 + step * line + step / 2 + 1.5),
                str(row.index),
                size=min(10.5, max(6.5, step - 1)),
                colour=COLOURS["H"] if row.target == "missed" else INK if row.counted else FAINT,
                anchor="end",
                weight=700 if row.target == "missed" else 500,
            )
    return figure, step


def _axis(
    figure: Drawing, ticks: Mapping[float, str], x: Callable[[float], float], *, strong: float | None = None
) -> None:
    """Draw ticks under a figure, with a line up through each; `strong` is drawn in ink."""
    bottom = figure.height - 18
    for value, label in ticks.items():
        main = value == strong
        figure.line(
            (x(value), 20), (x(value), bottom), INK if main else LINE, 1.2 if main else 0.7, "4 3" if main else ""
        )
        figure.text((x(value), bottom + 12), label, size=9, colour=SECOND, anchor="middle")


def share_bars(rows: Sequence[Row]) -> Markup:
    """Draw the shares of glutes, hamstrings and back as one bar for each rep, the numbers inside."""
    figure, step = _frame(rows, "Share of glutes, hamstrings and back in each rep")
    x0, width = 30.0, WIDTH - 38

    def x(share: float) -> float:
        return x0 + width * share

    _axis(figure, {0.0: "0", 0.25: "25", 0.5: "50", 0.75: "75", 1.0: "100 %"}, x)
    thick = step - min(6.0, 0.25 * step)
    for line, row in enumerate(rows):
        y, left = 24 + step * line, 0.0
        if not all(math.isfinite(row.parts[group]) for group in GROUPS):
            figure.box((x0, y), (width, thick), PALE)
            figure.text((x0 + 6, y + thick / 2 + 3), "–", colour=FAINT, size=min(10, step))
            continue
        for group in GROUPS:
            share = row.parts[group]
            title = f"rep {row.index}: {GROUP_TITLES[group]} {percent(share)} %"
            figure.box(
                (x(left), y),
                (width * share - 1, thick),
                FILLS[group],
                title=title,
                opacity=1.0 if row.counted else 0.35,
            )
            left += share
        if step >= 11:
            figure.text(
                (x0 + 5, y + thick / 2 + 3.3),
                percent(row.parts["G"]),
                size=min(9.5, step - 3),
                colour="#FFF",
                weight=600,
            )
    return figure.end()


def tempo_bars(rows: Sequence[Row], hold_target_s: tuple[float, float] | None) -> Markup:
    """Draw lift, hold and lowering of each rep on one time axis; zero is the moment when the top is reached."""
    figure, step = _frame(rows, "Duration of lift, hold and lowering in each rep")
    before = max((row.parts["con"] for row in rows), default=1.0)
    after = max((row.parts["hold"] + row.parts["ecc"] for row in rows), default=1.0)
    after = max(after, hold_target_s[1] if hold_target_s else 0.0)
    x0, scale = 30.0, (WIDTH - 38) / max(before + after, 0.1)

    def x(t_s: float) -> float:
        return x0 + scale * (t_s + before)

    if hold_target_s is not None:
        bounds = hold_target_s
        figure.box(
            (x(bounds[0]), 18), (scale * (bounds[1] - bounds[0]), figure.height - 36), COLOURS["G"], opacity=0.12
        )
        figure.text(
            (x((bounds[0] + bounds[1]) / 2), 12),
            f"hold for {number(bounds[0], 0)} to {number(bounds[1], 0)} s",
            size=9.5,
            colour=INK,
            anchor="middle",
            weight=600,
        )
    tick = next(size for size in (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 1e9) if (before + after) / size <= 8)
    marks = [tick * place for place in range(-int(before / tick), int(after / tick) + 1)]
    _axis(
        figure, {t: f"{number(t, 1 if tick < 1 else 0)}{' s' if t == marks[-1] else ''}" for t in marks}, x, strong=0.0
    )
    thick = step - min(6.0, 0.25 * step)
    for line, row in enumerate(rows):
        y = 24 + step * line
        lift, hold, lower = (row.parts[phase] for phase in ("con", "hold", "ecc"))
        title = f"rep {row.index}: lift {number(lift)} s, hold {number(hold)} s, lower {number(lower)} s"
        figure.box((x(-lift), y + thick * 0.3), (scale * lift, thick * 0.4), "#9FB0BF", title=title)
        figure.box((x(0), y), (scale * hold, thick), SECOND, title=title, opacity=1.0 if row.counted else 0.35)
        figure.box((x(hold), y + thick * 0.3), (scale * lower, thick * 0.4), "#9FB0BF", title=title)
        if step >= 11 and scale * hold > 26:
            figure.text(
                (x(0) + 5, y + thick / 2 + 3.3), number(hold), size=min(9.5, step - 3), colour="#FFF", weight=600
            )
    return figure.end()


def change_marks(rows: Sequence[Row]) -> Markup:
    """Draw each group's level against its own first two reps, ln, one mark for each group."""
    figure, step = _frame(rows, "Level of each muscle group against its own first two reps")
    values = [value for row in rows for value in row.parts.values() if math.isfinite(value)]
    reach = max([math.log(1.3), *map(abs, values)]) * 1.08
    x0, width = 36.0, WIDTH - 50

    def x(change: float) -> float:
        return x0 + width * (change + reach) / (2 * reach)

    factors = next(
        (item for item in ((0.8, 1.0, 1.25), (0.67, 1.0, 1.5), (0.5, 1.0, 2.0)) if math.log(item[2]) > 0.55 * reach),
        (0.25, 0.5, 1.0, 2.0, 4.0),
    )
    _axis(figure, {math.log(item): f"×{item:g}" for item in factors if abs(math.log(item)) <= reach}, x, strong=0.0)
    figure.text((x(0), 12), "first two reps", size=9.5, colour=INK, anchor="middle", weight=600)
    radius = min(5.0, max(1.6, step / 3.6))
    for line, row in enumerate(rows):
        y = 24 + step * line + step / 2 - 2
        found = [value for value in row.parts.values() if math.isfinite(value)]
        if found:
            figure.line((x(min(found)), y), (x(max(found)), y), LINE, min(3.0, step / 3))
        for group in reversed(GROUPS):
            value = row.parts.get(group, math.nan)
            if math.isfinite(value):
                title = f"rep {row.index}: {GROUP_TITLES[group]} {factor(value)}"
                figure.mark((x(value), y), MARKS[group], COLOURS[group], radius=radius, title=title)
    return figure.end()


def index_dots(rows: Sequence[Row], estimate: Estimate | None, zero: float) -> Markup:
    """Draw the index of each rep (part ``index``, ln), the set's interval as a band, its halves as bars."""
    figure = Drawing(WIDTH, 176, "Index in each rep with the set's interval")
    values = [row.parts["index"] for row in rows if math.isfinite(row.parts["index"])]
    band = [item - zero for item in (estimate.low, estimate.high, estimate.first, estimate.last)] if estimate else []
    low, high = min([*values, *band], default=-0.5), max([*values, *band], default=0.5)
    if low > -0.6 and high < 0.6:
        low, high = min(low, 0.0), max(high, 0.0)
    room = max(0.12 * (high - low), 0.06)
    low, high = low - room, high + room
    x0, x1, y0, y1 = 38.0, WIDTH - 40, 8.0, 154.0
    gap = (x1 - x0) / max(len(rows), 1)

    def y(value: float) -> float:
        return y1 - (y1 - y0) * (value - low) / (high - low)

    def x(place: float) -> float:
        return x0 + gap * (place + 0.5)

    _index_scale(figure, low, high, y, (x0, x1))
    if estimate:
        figure.box(
            (x0, y(estimate.high - zero)),
            (x1 - x0, y(estimate.low - zero) - y(estimate.high - zero)),
            "#75879A",
            opacity=0.2,
        )
        figure.line((x0, y(estimate.mean - zero)), (x1, y(estimate.mean - zero)), SECOND, 1.4)
        half = (len(rows) - 1) / 2
        for start, stop, value in ((-0.5, half, estimate.first), (half, len(rows) - 0.5, estimate.last)):
            figure.line((x(start) + 3, y(value - zero)), (x(stop) - 3, y(value - zero)), INK, 2.4, "6 3")
    every = math.ceil(14 / gap)
    radius = min(4.6, max(1.8, gap / 3))
    for place, row in enumerate(rows):
        value = row.parts["index"]
        if place % every == 0:
            figure.text((x(place), y1 + 14), str(row.index), size=9, anchor="middle")
        if math.isfinite(value):
            kind, colour = TARGET_MARKS[row.target] if row.counted else ("cross", FAINT)
            title = f"rep {row.index}: {signed(value)} ({factor(value)})"
            figure.mark((x(place), y(value)), kind, colour, radius=radius, title=title)
    return figure.end()


def _index_scale(figure: Drawing, low: float, high: float, y: Callable[[float], float], edges: Point) -> None:
    """Draw the scale of an index: ln on the left, the factor it stands for on the right, zero dashed."""
    tick = next(size for size in (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 1e9) if (high - low) / size <= 6)
    for place in range(math.ceil(low / tick), math.floor(high / tick) + 1):
        value = place * tick
        figure.line(
            (edges[0], y(value)),
            (edges[1], y(value)),
            INK if place == 0 else LINE,
            1.1 if place == 0 else 0.7,
            "4 3" if place == 0 else "",
        )
        figure.text((edges[0] - 5, y(value) + 3), signed(value, 2 if tick < 0.1 else 1), size=9, anchor="end")
        figure.text((edges[1] + 5, y(value) + 3), factor(value), size=9)


def side_dots(log_ratios: Mapping[str, Sequence[float]]) -> Markup:
    """Draw ln(R/L) of each group as the left part of left + right in %: a mark for each rep, a bar at the median."""
    rows = [(group, log_ratios[group]) for group in GROUPS if log_ratios.get(group)]
    figure = Drawing(WIDTH, 18 + 30 * len(rows) + 18, "Left and right of each muscle group")
    parts = {group: [left_part(value) for value in values] for group, values in rows}
    reach = max([0.08, *(abs(part - 0.5) * 1.15 for values in parts.values() for part in values)])
    x0, width = 92.0, WIDTH - 118

    def x(part: float) -> float:
        return x0 + width * (part - 0.5 + reach) / (2 * reach)

    even = left_part(-EVEN_LN)
    edges = (max(x(1 - even), x0), min(x(even), x0 + width))
    figure.box((edges[0], 4), (edges[1] - edges[0], figure.height - 22), PALE)
    tick = next(size for size in (0.02, 0.05, 0.1, 0.2) if 2 * reach / size <= 8)
    for place in range(-int(reach / tick), int(reach / tick) + 1):
        part = 0.5 + place * tick
        if place == 0:
            figure.line((x(part), 4), (x(part), figure.height - 18), INK, 1.2, "4 3")
        figure.text((x(part), figure.height - 5), percent(part), size=9, anchor="middle")
    figure.text((x0 - 14, figure.height - 5), "R", size=11, anchor="middle", weight=700)
    figure.text((x0 + width + 14, figure.height - 5), "L", size=11, anchor="middle", weight=700)
    for line, (group, _) in enumerate(rows):
        y = 20 + 30 * line
        figure.text((0, y + 4), GROUP_TITLES[group], size=11, colour=COLOURS[group], weight=700)
        for part in parts[group]:
            figure.mark((x(part), y), MARKS[group], COLOURS[group], radius=3.4)
        middle = x(median(parts[group]))
        figure.line((middle, y - 11), (middle, y + 11), COLOURS[group], 3)
    return figure.end()


def left_part(log_ratio: float) -> float:
    """Return the left part of left + right, 0 to 1, from ln(R/L)."""
    return 1 / (1 + math.exp(log_ratio))
