"""The training page in a window of its own: for a television, a second monitor, or the edge of the first."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from emgmon.live.state import TrainState
from emgmon.live.strings import words
from emgmon.live.theme import Theme
from emgmon.live.training import TrainingScreen


class TrainWindow(QWidget):
    """Shows the same state as the main window.

    Parameters
    ----------
    state : TrainState
    theme : Theme
    left : callable
        Called when it was closed.

    Attributes
    ----------
    picture : TrainingScreen
    """

    def __init__(self, state: TrainState, theme: Theme, left: Callable[[], None]) -> None:
        super().__init__()
        self.setWindowTitle(words("outside.title"))
        self._left = left
        self.picture = TrainingScreen(state, theme)
        self.picture.shows_notice = True
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.picture)
        self.resize(1280, 720)

    def show_beside(self, main: QWidget) -> None:
        """Fill the next screen, or stand freely on the only one."""
        others = [screen for screen in QGuiApplication.screens() if screen is not main.screen()]
        if others:
            self.setGeometry(others[0].geometry())
            self.showFullScreen()
        else:
            self.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Close, or change between a window and the whole screen."""
        if event.key() in {Qt.Key.Key_Escape, Qt.Key.Key_F10}:
            self.close()
        elif event.key() == Qt.Key.Key_F11 and self.isFullScreen():
            self.showNormal()
        elif event.key() == Qt.Key.Key_F11:
            self.showFullScreen()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Tell the main window."""
        event.accept()
        self._left()
