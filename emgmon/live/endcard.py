"""The card at the end of a session: what was done, and the way to the report and to the recording."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from emgmon.live.bridge import Ending
from emgmon.live.overlay import Overlay
from emgmon.live.strings import words
from emgmon.live.theme import Theme

LookBack = Callable[[Path], None]
"""Opens a recording on the Review page."""


class EndCard(Overlay):
    """Lies in the middle of its parent and dims the rest.

    Parameters
    ----------
    title : str
    lines : list of str
        A line for each set.
    ending : Ending
    theme : Theme
    parent : QWidget
    look_back : LookBack

    Attributes
    ----------
    open_report, review : QPushButton or None
        None when there is no report, no recording.
    """

    def __init__(
        self,
        title: str,
        lines: list[str],
        ending: Ending,
        theme: Theme,
        parent: QWidget,
        look_back: LookBack,
    ) -> None:
        super().__init__(parent, 1060)
        self._report_path = ending.report_path
        self.open_report: QPushButton | None = None
        self.review: QPushButton | None = None
        self._say(title, 44, 750)
        for line in [*lines, *ending.text.splitlines()]:
            self._say(line, 26, 500)
        if ending.report_path is not None:
            path = self._say(ending.report_path, 20, 450)
            path.setObjectName("second")
            path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.open_report = self._button("end.report", self._open)
            self.open_report.setObjectName("main")
        if ending.recording_path is not None:
            recording = Path(ending.recording_path)
            self.review = self._button("end.review", lambda: look_back(recording))
        row = QHBoxLayout()
        for button in (self.open_report, self.review):
            if button is not None:
                row.addWidget(button)
        self.column.addLayout(row)
        self.set_theme(theme)
        self.fit()

    def _say(self, text: str, size: float, weight: int) -> QLabel:
        said = QLabel(text)
        said.setTextFormat(Qt.TextFormat.PlainText)
        said.setWordWrap(True)
        self.keep(said, size, weight)
        self.column.addWidget(said)
        return said

    def _button(self, key: str, pressed: Callable[[], None]) -> QPushButton:
        made = QPushButton(words(key))
        made.setCursor(Qt.CursorShape.PointingHandCursor)
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        made.clicked.connect(lambda _checked=False: pressed())
        self.keep(made, 26, 650)
        return made

    def _open(self) -> None:
        if self._report_path is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self._report_path).resolve())))
