"""Paints two reps laid over each other: this one as a line, the other dashed, the phases named below."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from emgmon.live.review_pair import MARGIN, Pair
from emgmon.live.review_panels import Card
from emgmon.live.review_picture import runs
from emgmon.live.review_traces import BOTTOM_EDGE, LEFT_EDGE, RIGHT_EDGE, ROW_GAP, TOP_EDGE
from emgmon.live.strings import words
from emgmon.live.strokes import CENTRE, RIGHT, line, width, write
from emgmon.live.theme import DARK, Theme, veil
from emgmon.model import Array


class Overlay(Card):
    """Two reps, phase upon phase.

    Attributes
    ----------
    pair : Pair or None
    at : float
        Place on the axis, NaN outside of this rep.
    """

    def __init__(self, theme: Theme = DARK) -> None:
        super().__init__(words("review.both.tip"), theme)
        self.pair: Pair | None = None
        self.at = math.nan

    def paint(self, painter: QPainter, wide: float, high: float) -> None:
        """Paint a row for each group."""
        if self.pair is None:
            text = words("review.compare.one")
            write(painter, QRectF(0, 0, wide, high), text, 24, self.theme.second, 500, CENTRE)
            return
        plot = QRectF(LEFT_EDGE, TOP_EDGE, wide - LEFT_EDGE - RIGHT_EDGE, high - TOP_EDGE - BOTTOM_EDGE)
        self._legend(painter, self.pair, wide)
        for title, begin, end in self.pair.bounds:
            middle = (self._x(plot, begin) + self._x(plot, end)) / 2
            write(painter, QRectF(middle - 90, plot.bottom() + 8, 180, 28), title, 20, self.theme.second, 600, CENTRE)
        rows = len(self.pair.level)
        tall = (plot.height() - ROW_GAP * (rows - 1)) / max(1, rows)
        for number, (group, both) in enumerate(self.pair.level.items()):
            area = QRectF(plot.left(), plot.top() + number * (tall + ROW_GAP), plot.width(), tall)
            self._row(painter, self.pair, group, both, area)
        if math.isfinite(self.at):
            x = self._x(plot, self.at)
            line(painter, QPointF(x, plot.top() - 6), QPointF(x, plot.bottom()), self.theme.text, 2.5)

    def _x(self, plot: QRectF, at: float) -> float:
        return plot.left() + (at + MARGIN) / (1.0 + 2.0 * MARGIN) * plot.width()

    def _legend(self, painter: QPainter, pair: Pair, wide: float) -> None:
        """Write the groups in their colours, and which line is which rep."""
        x = 36.0
        for group in pair.level:
            title = words(f"review.group.{group}")
            write(painter, QRectF(x, 14, 300, 34), title, 22, self.theme.group(group), 700)
            x += width(title, 22, 700) + 28
        this, that = words("review.legend.rep", index=pair.this), words("review.legend.rep", index=pair.that)
        note = words("review.legend.pair", this=this, that=that)
        write(painter, QRectF(x, 14, wide - 32 - x, 34), note, 20, self.theme.second, 450, RIGHT)

    def _row(self, painter: QPainter, pair: Pair, group: str, both: tuple[Array, Array], area: QRectF) -> None:
        """Paint one group: phases, axis, what lies between the two, and both lines."""
        theme, top = self.theme, pair.tops[group]
        for place, (_title, begin, end) in enumerate(pair.bounds):
            if place % 2:
                left = self._x(area, begin)
                shaded = QRectF(left, area.top(), self._x(area, end) - left, area.height())
                painter.fillRect(shaded, veil(theme.second, 20))
        painter.setPen(QPen(QColor(theme.line), 1.5))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.topLeft(), area.bottomLeft())
        unit = " %" if pair.percent else ""
        for value, text in ((top, f"{top:g}{unit}"), (top / 2, f"{top / 2:g}"), (0.0, "0")):
            y = max(area.top() + 9, min(area.bottom() - 6, area.bottom() - value / top * area.height()))
            write(painter, QRectF(0, y - 14, area.left() - 12, 28), text, 18, theme.second, 500, RIGHT)
        painter.save()
        painter.setClipRect(area.adjusted(0, -2, 0, 2))
        places = [QPolygonF(points) for points in (self._points(pair.at, item, area, top) for item in both)]
        self._between(painter, pair.at, both, area, top, group)
        for item, style, thick in zip(places, (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine), (3.4, 2.6), strict=True):
            colour = theme.group(group) if style is Qt.PenStyle.SolidLine else theme.text
            painter.setPen(QPen(QColor(colour), thick, style))
            painter.drawPolyline(item)
        painter.restore()

    def _points(self, at: Array, level: Array, area: QRectF, top: float) -> list[QPointF]:
        there = ~np.isnan(level)
        x = [self._x(area, value) for value in at[there].tolist()]
        y = (area.bottom() - level[there] / top * area.height()).tolist()
        return [QPointF(a, b) for a, b in zip(x, y, strict=True)]

    def _between(
        self, painter: QPainter, at: Array, both: tuple[Array, Array], area: QRectF, top: float, group: str
    ) -> None:
        """Fill what lies between the two lines."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(veil(self.theme.group(group), 50))
        for begin, end in runs(~np.isnan(both[0]) & ~np.isnan(both[1])):
            upper = self._points(at[begin:end], both[0][begin:end], area, top)
            lower = self._points(at[begin:end], both[1][begin:end], area, top)
            painter.drawPolygon(QPolygonF([*upper, *reversed(lower)]))
