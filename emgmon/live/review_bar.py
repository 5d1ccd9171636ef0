"""The seek bar of the Review page: the row of reps, so that a bad one is found without looking for it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QWidget

from emgmon.live.review_set import Block, Passage, clock
from emgmon.live.strings import words
from emgmon.live.strokes import CENTRE, RIGHT, box, write
from emgmon.live.theme import DARK, Theme, blend, veil
from emgmon.report.wording import percent

COLUMNS_TOP, COLUMNS_HIGH = 20.0, 92.0
SLIDER_Y, NUMBERS_Y = 129.0, 144.0
LEFT_EDGE, RIGHT_EDGE = 84.0, 24.0
LEAST_NUMBER_ROOM = 30.0


class SeekBar(QWidget):
    """A column for each rep on the clock of the set, and the cursor below them.

    Parameters
    ----------
    go : callable
        Is given the session time that was clicked or dragged to.
    pick : callable
        Is given the number of the rep that was clicked with Shift.
    theme : Theme

    Attributes
    ----------
    at_s : float
    looped : int
        Rep that is played again and again, 0 for none.
    other : int
        Rep that is laid over, 0 for none.
    """

    def __init__(
        self,
        go: Callable[[float], None],
        pick: Callable[[int], None],
        theme: Theme = DARK,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.theme, self.unit = theme, 1.0
        self.at_s, self.looped, self.other = 0.0, 0, 0
        self.passage: Passage | None = None
        self._go, self._pick = go, pick
        self.setAccessibleName(words("review.seek"))
        self.setToolTip(words("review.seek"))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint columns, target, slider and numbers."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.scale(self.unit, self.unit)
        if self.passage is not None:
            for block in self.passage.blocks:
                self._column(painter, block)
            self._target(painter, self.passage)
            self._slider(painter, self.passage)
            self._numbers(painter, self.passage)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Go there; with Shift choose the rep that is laid over."""
        t_s = self._time_at(event)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self.passage is not None:
            block = self.passage.block_at(t_s)
            if block is not None:
                self._pick(block.index)
            return
        self._go(t_s)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the mouse while its button is down."""
        if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._go(self._time_at(event))

    def place_of(self, t_s: float) -> float:
        """Return where a session time is, in pixels from the left."""
        return self._x(t_s) * self.unit

    def _time_at(self, event: QMouseEvent) -> float:
        if self.passage is None:
            return 0.0
        share = (event.position().x() / self.unit - LEFT_EDGE) / self._wide()
        length_s = self.passage.stop_s - self.passage.start_s
        return self.passage.start_s + min(1.0, max(0.0, share)) * length_s

    def _wide(self) -> float:
        return max(10.0, self.width() / self.unit - LEFT_EDGE - RIGHT_EDGE)

    def _x(self, t_s: float) -> float:
        if self.passage is None or self.passage.stop_s <= self.passage.start_s:
            return LEFT_EDGE
        share = (t_s - self.passage.start_s) / (self.passage.stop_s - self.passage.start_s)
        return LEFT_EDGE + share * self._wide()

    def _place(self, block: Block) -> QRectF:
        left, right = self._x(block.start_s), self._x(block.stop_s)
        high = max(8.0, min(1.0, block.height) * COLUMNS_HIGH)
        return QRectF(left, COLUMNS_TOP + COLUMNS_HIGH - high, max(3.0, right - left - 3), high)

    def _column(self, painter: QPainter, block: Block) -> None:
        """Draw one rep: plain glutes, striped hamstrings, dotted back; hatched and hollow when it does not count."""
        theme, rect = self.theme, self._place(block)
        radius = min(6.0, rect.width() / 3)
        if not block.valid:
            box(painter, rect, radius, theme.track, theme.second, 1.5)
            _hatch(painter, rect, radius, blend(theme.track, theme.second, 0.7))
        elif not block.leader:
            box(painter, rect, radius, blend(theme.track, theme.glutes, 0.5 if math.isfinite(block.share) else 0.2))
        else:
            box(painter, rect, radius, theme.group(block.leader))
            pattern(painter, rect, block.leader, veil(theme.background, 150))
        if block.index in {self.looped, self.other}:
            style = Qt.PenStyle.SolidLine if block.index == self.looped else Qt.PenStyle.DashLine
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.text), 3.0, style))
            painter.drawRoundedRect(rect.adjusted(-4, -4, 4, 4), radius + 3, radius + 3)

    def _target(self, painter: QPainter, passage: Passage) -> None:
        if not math.isfinite(passage.mark):
            return
        y = COLUMNS_TOP + COLUMNS_HIGH * (1.0 - passage.mark / passage.top)
        painter.setPen(QPen(QColor(self.theme.text), 2.0, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(LEFT_EDGE - 12, y), QPointF(LEFT_EDGE + self._wide() + 12, y))
        text = f"{percent(passage.mark)} %"
        write(painter, QRectF(0, y - 16, LEFT_EDGE - 18, 32), text, 20, self.theme.second, 600, RIGHT)

    def _slider(self, painter: QPainter, passage: Passage) -> None:
        theme, x = self.theme, self._x(min(max(self.at_s, passage.start_s), passage.stop_s))
        box(painter, QRectF(LEFT_EDGE, SLIDER_Y - 5, self._wide(), 10), 5, theme.track)
        box(painter, QRectF(LEFT_EDGE, SLIDER_Y - 5, x - LEFT_EDGE, 10), 5, theme.text)
        painter.setPen(QPen(QColor(theme.panel), 4))
        painter.setBrush(QColor(theme.text))
        painter.drawEllipse(QPointF(x, SLIDER_Y), 14, 14)

    def _numbers(self, painter: QPainter, passage: Passage) -> None:
        """Write the reps' numbers as far as there is room, or the clock where there are none."""
        theme = self.theme
        if not passage.blocks:
            for t_s, align in ((passage.start_s, Qt.AlignmentFlag.AlignLeft), (passage.stop_s, RIGHT)):
                rect = QRectF(LEFT_EDGE, NUMBERS_Y, self._wide(), 28)
                write(painter, rect, clock(t_s), 19, theme.second, 500, align)
            return
        now = passage.block_at(self.at_s)
        step = max(1, math.ceil(LEAST_NUMBER_ROOM * len(passage.blocks) / self._wide()))
        for block in passage.blocks:
            here = block is now
            if here or block.index % step == 0:
                middle = self._place(block).center().x()
                colour, weight = (theme.text, 750) if here else (theme.second, 500)
                write(painter, QRectF(middle - 30, NUMBERS_Y, 60, 28), str(block.index), 19, colour, weight, CENTRE)


class PlayButton(QAbstractButton):
    """A round button: a triangle while it stands, two bars while it plays."""

    def __init__(self, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.toggled.connect(self._name)
        self._name(runs=False)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the disc and its sign."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self.width() / 128, self.height() / 128)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.text if self.isEnabled() else self.theme.track))
        painter.drawEllipse(QRectF(2, 2, 124, 124))
        painter.setBrush(QColor(self.theme.background))
        if self.isChecked():
            painter.drawRect(QRectF(42, 38, 16, 52))
            painter.drawRect(QRectF(70, 38, 16, 52))
        else:
            painter.drawPolygon(QPolygonF([QPointF(50, 36), QPointF(50, 92), QPointF(94, 64)]))
        painter.end()

    def _name(self, runs: bool) -> None:
        text = words("review.pause" if runs else "review.play")
        self.setAccessibleName(text)
        self.setToolTip(text)


def pattern(painter: QPainter, rect: QRectF, group: str, colour: QColor) -> None:
    """Draw what tells a group apart without its hue: stripes for hamstrings, dots for the back."""
    if group == "H":
        painter.setPen(QPen(colour, 3))
        painter.drawLines(
            [QLineF(rect.left(), y, rect.right(), y) for y in np.arange(rect.top() + 9, rect.bottom() - 2, 10).tolist()]
        )
    elif group == "E":
        painter.setPen(QPen(colour, 6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        spots = [
            QPointF(x, y)
            for x in np.arange(rect.left() + 7, rect.right() - 4, 14).tolist()
            for y in np.arange(rect.top() + 8, rect.bottom() - 4, 14).tolist()
        ]
        painter.drawPoints(QPolygonF(spots))


def _hatch(painter: QPainter, rect: QRectF, radius: float, colour: QColor) -> None:
    """Draw slanting lines within a box."""
    clip = QPainterPath()
    clip.addRoundedRect(rect, radius, radius)
    painter.save()
    painter.setClipPath(clip)
    painter.setPen(QPen(colour, 3))
    for x in np.arange(rect.left() - rect.height(), rect.right(), 11).tolist():
        painter.drawLine(QPointF(x, rect.bottom()), QPointF(x + rect.height(), rect.top()))
    painter.restore()
