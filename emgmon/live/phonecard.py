"""The card in the window that tells how to see the training on a phone or television, and stops it."""

from __future__ import annotations

from collections.abc import Callable

import segno
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QMouseEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from emgmon.errors import EmgmonError
from emgmon.live.overlay import Overlay
from emgmon.live.phone import Phone
from emgmon.live.strings import words
from emgmon.live.theme import Theme

SQUARE = 420.0
"""Side of the QR code, of a window that is 1080 high."""
BLACK, WHITE = 0xFF000000, 0xFFFFFFFF
QUIET = 4
"""Modules of white round it, as the standard asks."""


class PhoneCard(Overlay):
    """Lies over the window until it is left.

    Parameters
    ----------
    parent : QWidget
    theme : Theme
    phone : Phone
    leave : callable

    Attributes
    ----------
    here, lan, stop, close_card : QPushButton
    address, who, problem : QLabel
    """

    def __init__(self, parent: QWidget, theme: Theme, phone: Phone, leave: Callable[[], None]) -> None:
        super().__init__(parent, 1100)
        self._phone, self._leave = phone, leave
        self._square = QLabel()
        self._square.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._say("phone.card", 40, 750)
        self.scan = self._say("phone.scan", 24, 500)
        self.column.addWidget(self._square)
        self.address = self._say("", 28, 650)
        self.address.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.who, self.watching = self._say("", 24, 600), self._say("", 24, 500)
        self._say("phone.what", 24, 500).setObjectName("second")
        self.problem = self._say("", 24, 600)
        row = QHBoxLayout()
        self.here = self._button(row, "phone.here", lambda: self._start(None))
        self.lan = self._button(row, "phone.lan", lambda: self._start("auto"))
        self.stop = self._button(row, "phone.stop", self._stop)
        self.close_card = self._button(row, "phone.close", leave)
        self.column.addLayout(row)
        self.set_theme(theme)
        self.refresh()

    def refresh(self) -> None:
        """Show what is the case now."""
        on = bool(self._phone.address)
        for part in (self.scan, self._square, self.address, self.watching, self.stop):
            part.setVisible(on)
        self.here.setVisible(not on)
        self.lan.setVisible(not on)
        self.problem.setVisible(bool(self.problem.text()))
        self.address.setText(self._phone.address)
        self.who.setText(words("phone.off" if not on else "phone.who.lan" if self._phone.lan else "phone.who.here"))
        self.fit()

    def count(self) -> None:
        """Show how many look on."""
        text = words("phone.watching", count=self._phone.viewers)
        if self.watching.text() != text:
            self.watching.setText(text)

    def fit(self) -> None:
        """Take the size that suits what it lies over; the square too."""
        if self._phone.address:
            side = min(SQUARE * self.over.height() / 1080, 0.4 * self.over.width())
            self._square.setPixmap(square(self._phone.address, round(side)))
        super().fit()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Leave when the dimmed part is clicked."""
        if not self.frame.geometry().contains(event.position().toPoint()):
            self._leave()

    def _start(self, lan: str | None) -> None:
        self.problem.setText("")
        try:
            self._phone.start(lan)
        except EmgmonError as error:
            self.problem.setText(str(error))
        self.refresh()

    def _stop(self) -> None:
        self._phone.stop()
        self.refresh()

    def _say(self, key: str, size: float, weight: int) -> QLabel:
        said = QLabel(words(key) if key else "")
        said.setTextFormat(Qt.TextFormat.PlainText)
        said.setWordWrap(True)
        self.keep(said, size, weight)
        self.column.addWidget(said)
        return said

    def _button(self, row: QHBoxLayout, key: str, pressed: Callable[[], None]) -> QPushButton:
        made = QPushButton(words(key))
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        made.clicked.connect(lambda _checked=False: pressed())
        self.keep(made, 24, 650)
        row.addWidget(made)
        return made


def square(address: str, side: int) -> QPixmap:
    """Return an address as a QR code of about `side` pixels, each module a whole number of them."""
    modules = list(segno.make(address, micro=False).matrix_iter(border=QUIET))
    count = len(modules)
    image = QImage(count, count, QImage.Format.Format_RGB32)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            image.setPixel(x, y, BLACK if dark else WHITE)
    scale = max(2, side // count)
    return QPixmap.fromImage(image.scaled(scale * count, scale * count))
