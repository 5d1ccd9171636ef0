"""The charts of a comparison over weeks as SVG text: days, the band of measurement error, the trend."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from markupsafe import Markup

from emgmon.metrics.comparison import Comparison, Day
from emgmon.report.axes import Axes, axes_of, day_text, value_text
from emgmon.report.svg import COLOURS, FAINT, INK, LINE, LOST, PALE, SECOND, Drawing, Point, polyline
from emgmon.report.telling import name_of
from emgmon.report.wording import interval

BIG, SMALL = (520.0, 166.0), (344.0, 100.0)
COLOUR_OF = {
    "log_ratio_h": COLOURS["H"],
    "share_hamstring": COLOURS["H"],
    "log_ratio_e": COLOURS["E"],
    "share_back": COLOURS["E"],
    "onset_delay_h": COLOURS["H"],
    "onset_delay_e": COLOURS["E"],
}
"""Colour of a number's trend: that of the synergist that it is about, else the glutes'."""

Place = Callable[[float], float]


class LogDay(NamedTuple):
    """What a person told on a day: hamstring tension after its sets, pain before them, 0 to 10; NaN where not told."""

    day: str
    tension: float
    pain: float


def weeks_chart(comparison: Comparison, *, small: bool = False) -> Markup:
    """Draw a comparison: dots with intervals, grey band, trend line with its band."""
    width, height = SMALL if small else BIG
    axes = axes_of(comparison, most_dates=4 if small else 8, most_ticks=4 if small else 7)
    figure = Drawing(width, height, f"{name_of(comparison.asked)} over weeks")
    left, right, bottom = 44.0, width - 10.0, height - 20.0

    def x(days: float) -> float:
        return left + 8 + (right - left - 16) * days / axes.days

    def y(value: float) -> float:
        inside = min(max(value, axes.low), axes.high)
        return bottom - (bottom - 8) * (inside - axes.low) / (axes.high - axes.low)

    _background(figure, comparison, axes, (x, y), (left, right))
    _trend(figure, comparison, (x, y))
    for day in comparison.days:
        _dot(figure, day, comparison, (x, y), 3.4)
    return figure.end()


def _background(
    figure: Drawing, comparison: Comparison, axes: Axes, place: tuple[Place, Place], edges: tuple[float, float]
) -> None:
    (x, y), (left, right) = place, edges
    low, high = comparison.band
    if low < high:
        figure.box((left, y(high)), (right - left, y(low) - y(high)), PALE)
        figure.line((left, y(comparison.baseline)), (right, y(comparison.baseline)), FAINT, 1.0, "1.5 3")
    for value, text in axes.ticks:
        figure.line((left, y(value)), (right, y(value)), LINE, 0.7)
        figure.text((left - 6, y(value) + 3), text, size=9, anchor="end")
    for days, text in axes.dates:
        figure.text((x(days), figure.height - 6), text, size=9, anchor="middle")
    if low < high and figure.width > SMALL[0]:
        falls = comparison.trend is not None and comparison.trend.change < 0
        figure.text(
            (right - 5, y(high) + 12 if falls else y(low) - 5),
            "grey: too small to tell from measurement error",
            size=9,
            anchor="end",
        )


def _trend(figure: Drawing, comparison: Comparison, place: tuple[Place, Place]) -> None:
    if comparison.trend is None:
        return
    x, y = place
    offset = begin_days(comparison)
    line = comparison.trend.line
    upper: list[Point] = [(x(offset + days), y(high)) for days, _value, _low, high in line]
    lower: list[Point] = [(x(offset + days), y(low)) for days, _value, low, _high in line]
    colour = COLOUR_OF.get(comparison.asked.metric, COLOURS["G"])
    figure.area(polyline([*upper, *reversed(lower)]), colour, 0.18)
    figure.path(polyline((x(offset + days), y(value)) for days, value, _low, _high in line), colour, 2.2)


def begin_days(comparison: Comparison) -> float:
    """Return where the trend begins, in days since the first one that is shown."""
    begins = comparison.trend.begins if comparison.trend else ""
    return next((day.at_days for day in comparison.days if day.day == begins), 0.0)


def _dot(figure: Drawing, day: Day, comparison: Comparison, place: tuple[Place, Place], radius: float) -> None:
    x, y = place
    at = (x(day.at_days), y(day.value))
    colour = INK if day.used else FAINT
    figure.line((at[0], y(day.low)), (at[0], y(day.high)), SECOND if day.used else FAINT, 1.0)
    bounds = interval(day.low, day.high) if comparison.unit == "ln" else ""
    tip = f"{day_text(day.day)}: {value_text(day.value, comparison.unit)}{f' ({bounds} ln)' if bounds else ''}"
    kind = "cross" if not day.used else "disc" if day.outside else "ring"
    figure.mark(at, kind, colour, radius=radius, title=tip + (f", not counted ({day.why})" if day.why else ""))


def log_chart(log: Sequence[LogDay]) -> Markup | None:
    """Draw hamstring tension and pain of each day, 0 to 10; None when nobody told any."""
    if not log:
        return None
    width, height = SMALL
    figure = Drawing(width, height, "Hamstring tension and pain by day, 0 to 10")
    left, bottom = 44.0, height - 20.0
    first, last = (dt.date.fromisoformat(log[end].day).toordinal() for end in (0, -1))

    def at(day: LogDay, value: float) -> Point:
        share = (dt.date.fromisoformat(day.day).toordinal() - first) / max(last - first, 1)
        return left + 8 + (width - 26 - left) * share, bottom - (bottom - 8) * min(max(value, 0.0), 10.0) / 10.0

    for value in (0, 5, 10):
        y = at(log[0], value)[1]
        figure.line((left, y), (width - 10, y), LINE, 0.7)
        figure.text((left - 6, y + 3), str(value), size=9, anchor="end")
    figure.text((at(log[0], 0)[0], height - 6), day_text(log[0].day), size=9, anchor="middle")
    if last > first:
        figure.text((at(log[-1], 0)[0], height - 6), day_text(log[-1].day), size=9, anchor="end")
    for kind, colour, read in (("disc", COLOURS["H"], "tension"), ("triangle", LOST, "pain")):
        for day in log:
            value = getattr(day, read)
            if math.isfinite(value):
                figure.mark(at(day, value), kind, colour, radius=3.4, title=f"{day_text(day.day)}: {read} {value:g}")
    return figure.end()
