"""A card in the middle of a widget that dims the rest: the end of a session, the list of keys."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from emgmon.live.theme import Theme, font

LEAST_PX = 13.0


class Overlay(QWidget):
    """Lies over its parent; `fit` when that changed its size.

    Parameters
    ----------
    parent : QWidget
    wide : float
        Least width of the card, of a window that is 1780 wide.
    """

    def __init__(self, parent: QWidget, wide: float) -> None:
        super().__init__(parent)
        self.over, self._wide = parent, wide
        self.setObjectName("dim")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.frame = QFrame(self)
        self.frame.setObjectName("card")
        self.column = QVBoxLayout(self.frame)
        self._parts: list[tuple[QWidget, float, int]] = []

    def keep(self, widget: QWidget, size: float, weight: int) -> None:
        """Remember the letters of a part of the card."""
        self._parts.append((widget, size, weight))

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.setStyleSheet(
            f"#dim {{ background: #D8{theme.background[1:]}; }}"
            f"#card {{ background: {theme.panel}; border: 2px solid {theme.line}; border-radius: 24px; }}"
            f"QLabel {{ color: {theme.text}; background: transparent; }} #second {{ color: {theme.second}; }}"
            f"QPushButton {{ color: {theme.text}; background: {theme.raised}; border: 0; border-radius: 14px;"
            f" padding: 0.5em 1em; }}"
            f"QPushButton#main {{ color: {theme.on_colour}; background: {theme.glutes}; }}"
        )

    def fit(self) -> None:
        """Take the size that suits what it lies over, in its middle."""
        over = self.over
        unit = min(over.height() / 1080, over.width() / 1780)
        for widget, size, weight in self._parts:
            widget.setFont(font(max(LEAST_PX, size * unit), weight))
            widget.setMaximumWidth(round(0.86 * over.width()))
        margin = round(48 * unit)
        self.column.setContentsMargins(margin, margin, margin, margin)
        self.column.setSpacing(round(18 * unit))
        self.setGeometry(over.rect())
        self.frame.setMinimumWidth(round(self._wide * unit))
        self.frame.adjustSize()
        self.frame.move((self.width() - self.frame.width()) // 2, (self.height() - self.frame.height()) // 2)
