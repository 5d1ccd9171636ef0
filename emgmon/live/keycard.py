"""The list of keys, laid over the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from emgmon.live.overlay import Overlay
from emgmon.live.strings import words
from emgmon.live.theme import Theme

ALWAYS = (
    ("1 – 7", "keys.pages"),
    ("F11", "keys.full"),
    ("F10", "keys.outside"),
    ("F9", "keys.phone"),
    ("V", "keys.feedback"),
    ("M", "keys.sound"),
    ("T", "keys.theme"),
    ("O", "keys.open"),
    ("Space", "keys.pause"),
    ("U", "keys.raw"),
    ("Ctrl Q", "keys.close"),
)
CONDUCTED = (
    ("S", "keys.set"),
    ("X", "keys.hurts"),
    ("P", "keys.pain"),
    ("R", "keys.rest"),
    ("G H B D", "keys.references"),
    ("N", "keys.note"),
    ("C", "keys.cancel"),
    ("F", "keys.finish"),
    ("0 – 9", "keys.answer"),
)
PREPARING = (
    ("Enter", "keys.go"),
    ("↑ ↓", "keys.pick"),
    ("← →", "keys.turn"),
    ("E", "keys.test"),
    ("Space", "keys.next"),
    ("W", "keys.wait"),
    ("K", "keys.leave"),
    ("A", "keys.again"),
    ("O", "keys.position"),
)
"""Keys and what they do: in every window, in a session that is conducted in it, and on the pages before its sets."""


class KeyCard(Overlay):
    """Shows the keys until it is clicked; `leave` is called then."""

    def __init__(self, parent: QWidget, theme: Theme, leave: Callable[[], None], *, conducted: bool) -> None:
        super().__init__(parent, 1680 if conducted else 760)
        self._leave = leave
        title = QLabel(words("keys.title"))
        self.keep(title, 44, 750)
        self.column.addWidget(title)
        grid = QGridLayout()
        grid.setHorizontalSpacing(28)
        for side, rows in enumerate((ALWAYS, CONDUCTED, PREPARING) if conducted else (ALWAYS,)):
            for row, (key, what) in enumerate(rows):
                for place, text in enumerate((key, words(what))):
                    part = QLabel(text)
                    part.setTextFormat(Qt.TextFormat.PlainText)
                    self.keep(part, 22, 450 if place else 700)
                    grid.addWidget(part, row, 2 * side + place)
        self.column.addLayout(grid)
        self.set_theme(theme)
        self.fit()

    def mousePressEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Leave."""
        self._leave()
