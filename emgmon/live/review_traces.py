"""The traces of the Review page: envelopes of each muscle group, holds behind them, the cursor in front."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QWheelEvent
from PySide6.QtWidgets import QWidget

from emgmon.live.review_bar import pattern
from emgmon.live.review_picture import Picture, Row, runs, thinned
from emgmon.live.review_set import clock
from emgmon.live.strings import words
from emgmon.live.strokes import CENTRE, LEFT, RIGHT, box, line, width, write
from emgmon.live.theme import DARK, Theme, veil
from emgmon.model import Array

WINDOW_S = 21.0
"""Shown at first: about three reps."""
LEAST_WINDOW_S = 2.0
TURN, BEFORE = 0.92, 0.12
"""Past the first share of the picture the page turns, and the cursor stands at the second."""
LEFT_EDGE, RIGHT_EDGE, TOP_EDGE, BOTTOM_EDGE, ROW_GAP = 96.0, 24.0, 64.0, 46.0, 14.0
MOST_IN_LEGEND = 3
"""More rows than these bear their names themselves."""
TICKS_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
DASHES = {"right": (1, 2), "midline": (3, 4)}
"""Of how many steps of `DASH` how many are drawn; the left is drawn whole."""
DASH = 4.5


class Traces(QWidget):
    """Paints a `Picture` around the cursor.

    Parameters
    ----------
    go : callable
        Is given the session time that was clicked.
    theme : Theme
    """

    def __init__(self, go: Callable[[float], None], theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.unit, self.at_s = theme, 1.0, 0.0
        self.picture: Picture | None = None
        self.window_s = (0.0, WINDOW_S)
        self._go = go
        self._pixmap: tuple[object, QPixmap] | None = None
        self.setAccessibleName(words("review.traces"))

    def show_picture(self, picture: Picture | None) -> None:
        """Take another picture."""
        self.picture, self._pixmap = picture, None
        if picture is not None:
            length_s = picture.stop_s - picture.start_s
            wide_s = min(WINDOW_S, length_s) if picture.blocks else length_s
            self.window_s = (picture.start_s, picture.start_s + max(wide_s, LEAST_WINDOW_S))
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self.theme, self._pixmap = theme, None
        self.update()

    def move_to(self, t_s: float, *, jumped: bool = False) -> None:
        """Put the cursor at a session time, and turn the page where it leaves it."""
        self.at_s = t_s
        begin_s, end_s = self.window_s
        wide_s = end_s - begin_s
        if jumped and not begin_s <= t_s <= end_s:
            self._show_from(t_s - 0.5 * wide_s)
        elif t_s > begin_s + TURN * wide_s or t_s < begin_s:
            self._show_from(t_s - BEFORE * wide_s)
        self.update()

    def zoom(self, factor: float) -> None:
        """Show `factor` times as much, around the cursor."""
        if self.picture is None:
            return
        begin_s, end_s = self.window_s
        wide_s = end_s - begin_s
        most_s = max(self.picture.stop_s - self.picture.start_s, LEAST_WINDOW_S)
        new_s = min(most_s, max(LEAST_WINDOW_S, wide_s * factor))
        share = (min(end_s, max(begin_s, self.at_s)) - begin_s) / wide_s
        self.window_s = (begin_s, begin_s + new_s)
        self._show_from(self.at_s - share * new_s)

    def _show_from(self, begin_s: float) -> None:
        if self.picture is None:
            return
        wide_s = self.window_s[1] - self.window_s[0]
        begin_s = max(self.picture.start_s, min(begin_s, self.picture.stop_s - wide_s))
        self.window_s = (begin_s, begin_s + wide_s)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Show the traces from their pixmap, and the cursor over it."""
        painter = QPainter(self)
        key = (self.window_s, self.theme.name, self.size().toTuple(), self.unit, self.devicePixelRatioF())
        if self._pixmap is None or self._pixmap[0] != key:
            self._pixmap = (key, self._drawn())
        painter.drawPixmap(0, 0, self._pixmap[1])
        if self.picture is not None and self.window_s[0] <= self.at_s <= self.window_s[1]:
            painter.scale(self.unit, self.unit)
            x, plot = self._x(self.at_s), self._plot()
            line(painter, QPointF(x, plot.top() - 6), QPointF(x, plot.bottom()), self.theme.text, 2.5)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Go to the place that is clicked."""
        self._go_to(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the mouse while its button is down."""
        self._go_to(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Show less or more."""
        self.zoom(0.8 if event.angleDelta().y() > 0 else 1.25)

    def _go_to(self, event: QMouseEvent) -> None:
        plot = self._plot()
        share = (event.position().x() / self.unit - plot.left()) / plot.width()
        begin_s, end_s = self.window_s
        self._go(begin_s + min(1.0, max(0.0, share)) * (end_s - begin_s))

    def _plot(self) -> QRectF:
        """Return where the traces are, in units."""
        wide, high = self.width() / self.unit, self.height() / self.unit
        return QRectF(LEFT_EDGE, TOP_EDGE, wide - LEFT_EDGE - RIGHT_EDGE, high - TOP_EDGE - BOTTOM_EDGE)

    def _x(self, t_s: float) -> float:
        begin_s, end_s = self.window_s
        return self._plot().left() + (t_s - begin_s) / (end_s - begin_s) * self._plot().width()

    def _drawn(self) -> QPixmap:
        """Draw everything but the cursor."""
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(QSize(max(1, self.width()), max(1, self.height())) * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.scale(self.unit, self.unit)
        panel(painter, self.theme, self.width() / self.unit, self.height() / self.unit)
        if self.picture is not None and self.picture.rows:
            self._legend(painter, self.picture)
            plot, count = self._plot(), len(self.picture.rows)
            high = (plot.height() - ROW_GAP * (count - 1)) / count
            for number, row in enumerate(self.picture.rows):
                area = QRectF(plot.left(), plot.top() + number * (high + ROW_GAP), plot.width(), high)
                self._row(painter, self.picture, row, area, self.picture.tops[number])
            self._seconds(painter, plot)
        painter.end()
        return pixmap

    def _legend(self, painter: QPainter, picture: Picture) -> None:
        """Write the names of the rows in their colours, and what lines and axis mean."""
        x, wide = 36.0, self.width() / self.unit
        sided = any(side for row in picture.rows for _name, side in row.lines)
        sides = f"— {words('review.legend.left')}   ··· {words('review.legend.right')}   " if sided else ""
        note = sides + picture.legend
        end = wide - 32 - width(note, 20, 450)
        for row in picture.rows if len(picture.rows) <= MOST_IN_LEGEND else ():
            if x + width(row.title, 22, 700) > end - 12:
                break
            write(painter, QRectF(x, 14, 300, 34), row.title, 22, self._colour(row), 700)
            x += width(row.title, 22, 700) + 28
        write(painter, QRectF(end, 14, wide - 32 - end, 34), note, 20, self.theme.second, 450, RIGHT)

    def _colour(self, row: Row) -> str:
        return self.theme.group(row.group) if row.group else self.theme.second

    def _row(self, painter: QPainter, picture: Picture, row: Row, area: QRectF, top: float) -> None:
        """Draw one row: holds, axis, traces."""
        theme = self.theme
        for block in picture.blocks:
            if block.hold_s is not None and block.hold_s[0] < self.window_s[1] and block.hold_s[1] > self.window_s[0]:
                left, right = (max(area.left(), min(area.right(), self._x(t_s))) for t_s in block.hold_s)
                shade(painter, theme, QRectF(left, area.top(), right - left, area.height()), block.leader)
        painter.setPen(QPen(QColor(theme.line), 1.5))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.topLeft(), area.bottomLeft())
        unit = " %" if picture.percent else ""
        labels = [(top, f"{top:g}{unit}"), (0.0, "0")]
        if area.height() > 110:
            labels.insert(1, (top / 2, f"{top / 2:g}"))
        for value, text in labels:
            y = area.bottom() - value / top * area.height()
            y = max(area.top() + 9, min(area.bottom() - 6, y))
            write(painter, QRectF(0, y - 14, area.left() - 12, 28), text, 18, theme.second, 500, RIGHT)
        painter.save()
        painter.setClipRect(area.adjusted(0, -2, 0, 2))
        for name, side in row.lines:
            self._trace(painter, picture.level[name], self._colour(row), side, area, top)
        painter.restore()
        if len(picture.rows) > MOST_IN_LEGEND:
            title = QRectF(area.left() + 8, area.top() - 4, width(row.title, 18, 650) + 16, 26)
            box(painter, title, 8, veil(theme.panel, 210))
            write(painter, title.adjusted(8, 0, 0, 0), row.title, 18, self._colour(row), 650, LEFT)

    def _trace(self, painter: QPainter, level: Array, colour: str, side: str, area: QRectF, top: float) -> None:
        """Draw one channel; where it was lost there is no line, and a bar below."""
        assert self.picture is not None  # noqa: S101 - the caller draws it
        begin_s, end_s = self.window_s
        first, stop = np.searchsorted(self.picture.time_s, [begin_s - 1.0, end_s + 1.0])
        time_s, level = thinned(self.picture.time_s[first:stop], level[first:stop], area.width())
        x = area.left() + (time_s - begin_s) / (end_s - begin_s) * area.width()
        y = area.bottom() - level / top * area.height()
        painter.setPen(QPen(QColor(colour), 2.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawLines(pieces(x, y, side))  # many short lines cost a tenth of a long one
        painter.setPen(QPen(QColor(self.theme.lost), 5.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        for begin, end in runs(np.isnan(level)):
            if end - begin > 1:
                painter.drawLine(QPointF(x[begin], area.bottom() - 3), QPointF(x[end - 1], area.bottom() - 3))

    def _seconds(self, painter: QPainter, plot: QRectF) -> None:
        begin_s, end_s = self.window_s
        room = plot.width() / 130.0
        tick_s = next((tick for tick in TICKS_S if (end_s - begin_s) / tick <= room), TICKS_S[-1])
        for number in range(math.ceil(begin_s / tick_s), math.floor(end_s / tick_s) + 1):
            x = self._x(number * tick_s)
            painter.setPen(QPen(QColor(self.theme.line), 1.5))
            painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + 6))
            text = clock(number * tick_s, 1 if tick_s < 1.0 else 0)
            write(painter, QRectF(x - 60, plot.bottom() + 8, 120, 28), text, 18, self.theme.second, 500, CENTRE)


def pieces(x: Array, y: Array, side: str) -> list[QLineF]:
    """Return a trace as short lines: whole on the left, dotted on the right; nothing where it is NaN."""
    on, of = DASHES.get(side, (1, 1))
    lines = []
    for begin, end in runs(~np.isnan(y)):
        px, py = x[begin:end], y[begin:end]
        if of > 1:
            along = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(px), np.diff(py)))))
            steps = np.arange(0.0, along[-1], DASH)
            px, py = np.interp(steps, along, px), np.interp(steps, along, py)
        drawn = np.arange(max(0, px.size - 1)) % of < on
        lines.append(np.column_stack((px[:-1], py[:-1], px[1:], py[1:]))[drawn])
    return [QLineF(*four) for part in lines for four in part.tolist()]


def panel(painter: QPainter, theme: Theme, wide: float, high: float) -> None:
    """Draw a card as large as a widget, in units."""
    edge = theme.line if theme.name == "light" else None
    box(painter, QRectF(1, 1, wide - 2, high - 2), 18, theme.panel, edge, 1.5)


def shade(painter: QPainter, theme: Theme, area: QRectF, leader: str) -> None:
    """Shade a hold in the colour of the group that led; hamstrings are striped, back is dotted."""
    painter.fillRect(area, veil(theme.group(leader) if leader else theme.second, 36 if leader else 20))
    pattern(painter, area, leader, veil(theme.group(leader), 44))
