"""The first window: what a person wants to do who only typed ``emgmon``."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QVBoxLayout, QWidget

from emgmon.live.near import button, label, style
from emgmon.live.theme import THEMES

CHOICES = (
    ("live", "Connect sensors", "Train with the sensors that you wear."),
    ("demo", "Try the demo", "Simulated sensors and a simulated person; nothing is needed."),
    ("replay", "Open a recording", "See it again, as it was."),
)


class StartWindow(QWidget):
    """Three choices; `chosen` is the command line of the one that was taken, empty before and when none was."""

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
        column.addWidget(label("See and train who does the work when you extend the hip.", 18, 450, name="second"))
        self.buttons = {}
        for name, title, text in CHOICES:
            column.addSpacing(14)
            self.buttons[name] = button(title, main=name == "live", size=22)
            self.buttons[name].clicked.connect(lambda _checked=False, name=name: self.choose(name))
            column.addWidget(self.buttons[name])
            column.addWidget(label(text, 16, 450, name="second"), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(20)
        column.addWidget(label("A training aid, not a diagnosis. Data stays on this computer.", 15, 450, name="faint"))
        column.addStretch()
        style(THEMES[theme], self)
        self.resize(640, 520)

    def choose(self, name: str) -> None:
        """Take one choice; a recording is asked for first."""
        path = self.ask_for_recording() if name == "replay" else ""
        if name == "replay" and not path:
            return
        self.chosen = [name, path] if path else [name]
        self.close()

    def ask_for_recording(self) -> str:
        """Let the person point at a recording; empty when they do not."""
        folder = Path.home() / "Documents" / "emgmon"
        title = "Open a recording"
        return QFileDialog.getOpenFileName(self, title, str(folder), "Recordings (*.mcap)")[0]

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
