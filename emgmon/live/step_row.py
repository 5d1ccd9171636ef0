"""One row of the list of steps: its state as a shape, its name, and what is known of it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from emgmon.live.cards import Painted
from emgmon.live.near import label
from emgmon.live.strokes import CENTRE, icon, write
from emgmon.live.wizard import State


class StateMark(Painted):
    """A number in a ring; checked, crossed by a dash, filled or with an exclamation mark."""

    def __init__(self, number: int) -> None:
        super().__init__(20, 1.9, 1.9, 700)
        self.number, self.state = number, State.TODO

    def show_state(self, state: State) -> None:
        """Show another state."""
        if state is not self.state:
            self.state = state
            self.update()

    def paint(self, painter: QPainter) -> None:
        """Paint ring and sign."""
        theme, state = self.theme, self.state
        colour = {State.DONE: theme.glutes, State.NOW: theme.text, State.POOR: theme.hamstrings}.get(state, theme.faint)
        rect = self.rect().toRectF().adjusted(2, 2, -2, -2)
        filled = state in {State.DONE, State.NOW, State.POOR}
        painter.setPen(QPen(QColor(colour), 2))
        painter.setBrush(QColor(colour) if filled else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(rect)
        ink = theme.background if filled else colour
        centre, side = rect.center(), rect.height()
        if state is State.DONE:
            icon(painter, "check", centre, 0.5 * side, ink)
        elif state is State.SKIPPED:
            painter.setPen(QPen(QColor(colour), 3))
            painter.drawLine(centre - QPointF(0.2 * side, 0), centre + QPointF(0.2 * side, 0))
        else:
            text = "!" if state is State.POOR else str(self.number)
            write(painter, self.rect().toRectF(), text, self.letter, ink, 750, CENTRE)


class StepRow(QFrame):
    """A step in the list; a click chooses it."""

    def __init__(self, number: int, title: str, on_click: Callable[[], None]) -> None:
        super().__init__()
        self.mark, self.remark = StateMark(number), label("", 18, 450, name="second")
        self.title = label(title, 22, 650)
        self.setAccessibleName(title)
        self._on_click = on_click
        self.setObjectName("card")
        row, text = QHBoxLayout(self), QVBoxLayout()
        row.setContentsMargins(14, 3, 14, 3)
        row.setSpacing(14)
        text.setSpacing(0)
        text.addWidget(self.title)
        text.addWidget(self.remark)
        row.addWidget(self.mark)
        row.addLayout(text, 1)

    def mousePressEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Choose this step."""
        self._on_click()

    def show_step(self, state: State, remark: str, *, chosen: bool) -> None:
        """Show how far it is."""
        self.mark.show_state(state)
        if self.remark.text() != remark:
            self.remark.setText(remark)
        kind = "cardnow" if chosen else "card"
        if self.objectName() != kind:
            self.setObjectName(kind)
            self.style().polish(self)
