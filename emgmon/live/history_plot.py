"""Days of a comparison as dots with the band of measurement error and the trend; two dots can be chosen."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from emgmon.live.near import unit_of
from emgmon.live.strings import words
from emgmon.live.strokes import CENTRE, RIGHT, box, line, write
from emgmon.live.theme import Theme, veil
from emgmon.metrics.comparison import Comparison, Day
from emgmon.report.axes import Axes, axes_of, day_text, value_text
from emgmon.report.telling import reach_text
from emgmon.report.weeks_charts import begin_days

NEAR_PX = 28.0
"""A click counts for a dot so far away."""
MOST_CHOSEN = 2
GROUP_OF = {
    "log_ratio_h": "H",
    "share_hamstring": "H",
    "onset_delay_h": "H",
    "log_ratio_e": "E",
    "share_back": "E",
    "onset_delay_e": "E",
}


class WeeksPlot(QWidget):
    """A chart; `small` ones have no dots to choose.

    Attributes
    ----------
    comparison : Comparison or None
    chosen : tuple of int
        Places of the chosen days in `Comparison.days`, at most two.
    here : int
        Where the keyboard is; -1 before it was used.
    """

    changed = Signal()

    def __init__(self, theme: Theme, *, small: bool = False) -> None:
        super().__init__()
        self.theme, self.small = theme, small
        self.comparison: Comparison | None = None
        self.chosen: tuple[int, ...] = ()
        self.here = -1
        self._axes: Axes | None = None
        if not small:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setMouseTracking(True)

    def show_comparison(self, comparison: Comparison) -> None:
        """Show another comparison; what was chosen is forgotten."""
        self.comparison, self.chosen, self.here = comparison, (), -1
        self._axes = axes_of(comparison, most_dates=3 if self.small else 8, most_ticks=3 if self.small else 7)
        self.update()

    def choose(self, place: int) -> None:
        """Choose a day, or let it go; of three the first is let go."""
        kept = tuple(each for each in self.chosen if each != place)
        self.chosen = kept if place in self.chosen else (*kept, place)[-MOST_CHOSEN:]
        self.changed.emit()
        self.update()

    def forget(self) -> None:
        """Choose nothing."""
        self.chosen = ()
        self.changed.emit()
        self.update()

    # --- mouse and keys ---------------------------------------------------------------------------------------------

    def nearest(self, at: QPointF) -> int:
        """Return the place of the day at a point of the widget, -1 when none is near."""
        if self.comparison is None:
            return -1
        near = [(math.dist(self.at(day).toTuple(), at.toTuple()), n) for n, day in enumerate(self.comparison.days)]
        distance, place = min(near, default=(math.inf, -1))
        return place if distance <= NEAR_PX * unit_of(self.window()) else -1

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Choose the day at the pointer."""
        place = self.nearest(event.position())
        if place >= 0 and not self.small:
            self.here = place
            self.choose(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Tell the day at the pointer."""
        place = self.nearest(event.position())
        self.setToolTip(self.told(place) if place >= 0 else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Move among the days, choose one, let all go."""
        days = len(self.comparison.days) if self.comparison else 0
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() in steps and days:
            self.here = (days - 1) if self.here < 0 else min(max(self.here + steps[Qt.Key(event.key())], 0), days - 1)
            self.setAccessibleDescription(self.told(self.here))
            self.changed.emit()
            self.update()
        elif event.key() in {Qt.Key.Key_Space, Qt.Key.Key_Return} and 0 <= self.here < days:
            self.choose(self.here)
        elif event.key() == Qt.Key.Key_Escape and self.chosen:
            self.forget()
        else:
            super().keyPressEvent(event)

    def told(self, place: int) -> str:
        """Say one day."""
        if self.comparison is None:
            return ""
        day = self.comparison.days[place]
        said = f"{day_text(day.day)}: {value_text(day.value, self.comparison.unit)}"
        return f"{said}; {words('history.not_counted', why=words(f'history.why.{day.why}'))}" if day.why else said

    # --- picture ----------------------------------------------------------------------------------------------------

    def _area(self) -> QRectF:
        unit = unit_of(self.window())
        left, top, bottom = (92.0, 10.0, 34.0) if self.small else (92.0, 12.0, 40.0)
        return QRectF(
            left * unit, top * unit, self.width() - (left + 40.0) * unit, self.height() - (top + bottom) * unit
        )

    def _x(self, days: float) -> float:
        area, unit = self._area(), unit_of(self.window())
        return area.left() + 14 * unit + (area.width() - 28 * unit) * days / (self._axes.days if self._axes else 1.0)

    def _y(self, value: float) -> float:
        area = self._area()
        low, high = (self._axes.low, self._axes.high) if self._axes else (0.0, 1.0)
        return area.bottom() - area.height() * (min(max(value, low), high) - low) / (high - low)

    def at(self, day: Day) -> QPointF:
        """Return where a day's dot is."""
        return QPointF(self._x(day.at_days), self._y(day.value))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw band, grid, trend and days."""
        if self.comparison is None or self._axes is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        unit = unit_of(self.window())
        self._paint_ground(painter, self.comparison, self._axes, unit)
        self._paint_trend(painter, self.comparison, unit)
        for place, day in enumerate(self.comparison.days):
            self._paint_day(painter, place, day, unit)
        painter.end()

    def _paint_ground(self, painter: QPainter, found: Comparison, axes: Axes, unit: float) -> None:
        area, theme = self._area(), self.theme
        low, high = found.band
        size = max(13.0, 18.0 * unit)
        if low < high:
            painter.fillRect(
                QRectF(area.left(), self._y(high), area.width(), self._y(low) - self._y(high)), QColor(theme.raised)
            )
        for value, text in axes.ticks:
            y = self._y(value)
            line(painter, QPointF(area.left(), y), QPointF(area.right(), y), theme.line, 1.0)
            write(
                painter, QRectF(0.0, y - size, area.left() - 10 * unit, 2 * size), text, size, theme.second, 500, RIGHT
            )
        for days, text in axes.dates:
            place = QRectF(self._x(days) - 60 * unit, area.bottom() + 4 * unit, 120 * unit, 1.5 * size)
            write(painter, place, text, size, theme.second, 500, CENTRE)
        if low < high:
            y = self._y(found.baseline)
            painter.setPen(QPen(QColor(theme.second), 1.2 * unit, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            if not self.small:
                falls = found.trend is not None and found.trend.change < 0
                y = self._y(high) + 6 * unit if falls else self._y(low) - 6 * unit - 1.5 * size
                text = words("history.band", reach=reach_text(found, found.reach))
                write(
                    painter,
                    QRectF(area.left(), y, area.width() - 12 * unit, 1.5 * size),
                    text,
                    size,
                    theme.second,
                    500,
                    RIGHT,
                )

    def _paint_trend(self, painter: QPainter, found: Comparison, unit: float) -> None:
        if found.trend is None:
            return
        offset, points = begin_days(found), found.trend.line
        colour = self.theme.group(GROUP_OF.get(found.asked.metric, "G"))
        above = [QPointF(self._x(offset + days), self._y(high)) for days, _value, _low, high in points]
        below = [QPointF(self._x(offset + days), self._y(low)) for days, _value, low, _high in reversed(points)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(veil(colour, 56)))
        painter.drawPolygon(QPolygonF([*above, *below]))
        painter.setPen(QPen(QColor(colour), 4.0 * unit))
        painter.drawPolyline(
            QPolygonF([QPointF(self._x(offset + days), self._y(value)) for days, value, _l, _h in points])
        )

    def _paint_day(self, painter: QPainter, place: int, day: Day, unit: float) -> None:
        at, theme = self.at(day), self.theme
        radius = (5.0 if self.small else 8.0) * unit
        ink = theme.text if day.used else theme.second
        line(painter, QPointF(at.x(), self._y(day.low)), QPointF(at.x(), self._y(day.high)), theme.second, 1.6 * unit)
        painter.setPen(QPen(QColor(ink), 2.4 * unit))
        if not day.used:
            for turn in (-1.0, 1.0):
                painter.drawLine(at + QPointF(-radius, turn * -radius), at + QPointF(radius, turn * radius))
        else:
            painter.setBrush(QColor(ink if day.outside else theme.panel))
            painter.drawEllipse(at, radius, radius)
        if place in self.chosen:
            number = str(self.chosen.index(place) + 1)
            pill = QRectF(at.x() - 15 * unit, at.y() - 52 * unit, 30 * unit, 30 * unit)
            box(painter, pill, 15 * unit, theme.text)
            write(painter, pill, number, max(13.0, 18.0 * unit), theme.background, 700, CENTRE)
        if place == self.here or place in self.chosen:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(
                QPen(
                    QColor(theme.glutes),
                    3.0 * unit,
                    Qt.PenStyle.DashLine if place == self.here else Qt.PenStyle.SolidLine,
                )
            )
            painter.drawEllipse(at, 2.0 * radius, 2.0 * radius)
