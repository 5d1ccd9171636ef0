"""The card at the end of a session: what was done, and the way to the report."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from emgmon.live.bridge import Ending
from emgmon.live.theme import Theme, font


class EndCard(QWidget):
    """Lies in the middle of its parent and dims the rest.

    Parameters
    ----------
    title : str
    lines : list of str
        A line for each set.
    ending : Ending
    theme : Theme
    parent : QWidget

    Attributes
    ----------
    open_report : QPushButton or None
        None when there is no report.
    """

    def __init__(self, title: str, lines: list[str], ending: Ending, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self.setObjectName("dim")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._card = QFrame(self)
        self._card.setObjectName("card")
        self._report_path = ending.report_path
        self.open_report: QPushButton | None = None
        self._labels: list[tuple[QWidget, float, int]] = []
        self._column = QVBoxLayout(self._card)
        self._add(QLabel(title), 44, 750)
        for line in [*lines, *ending.text.splitlines()]:
            self._add(QLabel(line), 26, 500)
        if ending.report_path is not None:
            path = QLabel(ending.report_path)
            path.setObjectName("path")
            path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._add(path, 20, 450)
            self.open_report = QPushButton("Open the report")
            self.open_report.setCursor(Qt.CursorShape.PointingHandCursor)
            self.open_report.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self.open_report.clicked.connect(self._open)
            self._add(self.open_report, 26, 650)
        self.set_theme(theme)
        self.fit()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.setStyleSheet(
            f"#dim {{ background: #D8{theme.background[1:]}; }}"
            f"#card {{ background: {theme.panel}; border: 2px solid {theme.line}; border-radius: 24px; }}"
            f"QLabel {{ color: {theme.text}; background: transparent; }} #path {{ color: {theme.second}; }}"
            f"QPushButton {{ color: {theme.on_colour}; background: {theme.glutes}; border: 0; border-radius: 14px;"
            f" padding: 0.5em 1em; }}"
        )

    def fit(self) -> None:
        """Take the size that suits the parent, in its middle."""
        parent = self._parent
        unit = min(parent.height() / 1080, parent.width() / 1780)
        for widget, size, weight in self._labels:
            widget.setFont(font(max(11.0, size * unit), weight))
            if isinstance(widget, QLabel):
                widget.setMaximumWidth(round(0.8 * parent.width()))
        margin = round(48 * unit)
        self._column.setContentsMargins(margin, margin, margin, margin)
        self._column.setSpacing(round(18 * unit))
        self.setGeometry(parent.rect())
        self._card.setMinimumWidth(round(1060 * unit))
        self._card.adjustSize()
        self._card.move((self.width() - self._card.width()) // 2, (self.height() - self._card.height()) // 2)

    def _add(self, widget: QLabel | QPushButton, size: float, weight: int) -> None:
        if isinstance(widget, QLabel):
            widget.setTextFormat(Qt.TextFormat.PlainText)
            widget.setWordWrap(True)
        self._labels.append((widget, size, weight))
        self._column.addWidget(widget)

    def _open(self) -> None:
        if self._report_path is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self._report_path).resolve())))
