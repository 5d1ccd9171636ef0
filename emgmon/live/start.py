"""The first window: what a person wants to do who only typed ``emgmon``."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from emgmon.live.dropping import asked_for, recording_of
from emgmon.live.near import button, label, style
from emgmon.live.strings import words
from emgmon.live.theme import THEMES

CHOICES = ("live", "demo", "weeks", "review")
COMMANDS = {"weeks": ["demo", "--weeks", "8"]}
"""Command lines of choices that are no commands themselves."""


class StartWindow(QWidget):
    """Four choices; `chosen` is the command line of the one that was taken, empty before and when none was."""

    def __init__(self, theme: str = "dark") -> None:
        super().__init__()
        self.setObjectName("page")
        self.setWindowTitle("emgmon")
        self.chosen: list[str] = []
        self.loop = QEventLoop()
        column = QVBoxLayout(self)
        column.setContentsMargins(48, 36, 48, 36)
        column.setSpacing(8)
        column.addWidget(label("emgmon", 44, 750))
        column.addWidget(label(words("start.what"), 20, 450, name="second"))
        self.buttons = {}
        for name in CHOICES:
            column.addSpacing(14)
            self.buttons[name] = button(words(f"start.{name}"), main=name == "live", size=24)
            self.buttons[name].setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.buttons[name].setAccessibleDescription(words(f"start.{name}.what"))
            self.buttons[name].clicked.connect(lambda _checked=False, name=name: self.choose(name))
            column.addWidget(self.buttons[name])
            column.addWidget(
                label(words(f"start.{name}.what"), 18, 450, name="second"), 0, Qt.AlignmentFlag.AlignHCenter
            )
        column.addSpacing(20)
        column.addWidget(label(words("start.aid"), 18, 450, name="faint"))
        column.addStretch()
        style(THEMES[theme], self)
        self.setAcceptDrops(True)
        self.resize(680, 640)

    def choose(self, name: str) -> None:
        """Take one choice; a recording is asked for first."""
        path = self.ask_for_recording() if name == "review" else None
        if name == "review" and path is None:
            return
        self.chosen = [name, str(path)] if path else COMMANDS.get(name, [name])
        self.close()

    def ask_for_recording(self) -> Path | None:
        """Let the person point at a recording; None when they do not."""
        return asked_for(self)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Take a recording that is dragged over the window."""
        if recording_of(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Choose the recording that was dropped."""
        path = recording_of(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.chosen = ["review", str(path)]
            self.close()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Go on with what was chosen."""
        event.accept()
        self.loop.quit()


def ask_what() -> list[str]:
    """Show the first window; returns the command line that was chosen, empty for none."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    application.setApplicationName("emgmon")
    window = StartWindow()
    window.show()
    window.loop.exec()
    window.deleteLater()
    return window.chosen
