"""The card under the traces: play, the row of reps, pace, loop, two reps, sound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from emgmon.live.near import button
from emgmon.live.playing import SPEEDS
from emgmon.live.review_bar import PlayButton, SeekBar
from emgmon.live.strings import words
from emgmon.live.theme import DARK, Theme, font

TIMES = {0.25: "¼×", 0.5: "½×", 1.0: "1×", 2.0: "2×", 4.0: "4×", 8.0: "8×"}
PLAY, RIGHT_WIDE, KEY_HIGH = 128.0, 440.0, 58.0


class Asked(Protocol):
    """What the controls ask of the page."""

    def go(self, t_s: float) -> None:
        """Go to a session time."""

    def pick(self, index: int) -> None:
        """Lay this rep over the one at the cursor."""

    def set_running(self, runs: bool) -> None:
        """Play or pause."""

    def set_speed(self, speed: float) -> None:
        """Play at another pace."""

    def set_looping(self, loops: bool) -> None:
        """Play the rep at the cursor again and again, or go on."""

    def set_comparing(self, compares: bool) -> None:
        """Lay a second rep over the one at the cursor, or take it away."""

    def set_heard(self, heard: bool) -> None:
        """Let the session be heard, or not."""


class ReviewControls(QFrame):
    """Buttons and the seek bar; `asked` does what they are for.

    Attributes
    ----------
    bar : SeekBar
    play : PlayButton
    speeds : dict of float to QPushButton
    loop, both, sound : QPushButton
    """

    def __init__(self, asked: Asked, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.bar, self.play = SeekBar(asked.go, asked.pick, theme, self), PlayButton(theme, self)
        self.play.clicked.connect(asked.set_running)
        self.speeds = {}
        for speed in SPEEDS:
            made = self._key(TIMES[speed], words("review.speed", times=TIMES[speed]))
            made.clicked.connect(lambda _checked=False, speed=speed: asked.set_speed(speed))
            self.speeds[speed] = made
        self.loop = self._switch("loop", asked.set_looping)
        self.both = self._switch("both", asked.set_comparing)
        self.sound = self._switch("sound", asked.set_heard)
        self.show_speed(1.0)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self.bar.theme = self.play.theme = theme
        self.bar.update()
        self.play.update()

    def show_speed(self, speed: float) -> None:
        """Mark the pace that is played at."""
        for item, made in self.speeds.items():
            made.setChecked(item == speed)

    def fit(self, unit: float) -> None:
        """Arrange everything for `unit` pixels to a unit."""
        self.bar.unit = unit
        wide, high = self.width() / unit, self.height() / unit

        def place(widget: QWidget, x: float, y: float, w: float, h: float) -> None:
            widget.setGeometry(QRect(round(x * unit), round(y * unit), round(w * unit), round(h * unit)))

        place(self.play, 24, (high - PLAY) / 2, PLAY, PLAY)
        place(self.bar, 176, 0, wide - 176 - RIGHT_WIDE - 8, high)
        left, step = wide - RIGHT_WIDE, (RIGHT_WIDE - 24) / len(self.speeds)
        for number, made in enumerate(self.speeds.values()):
            place(made, left + number * step, high / 2 - KEY_HIGH - 5, step - 8, KEY_HIGH)
            made.setFont(font(24 * unit, 700))
        step = (RIGHT_WIDE - 24) / 3
        for number, made in enumerate((self.loop, self.both, self.sound)):
            place(made, left + number * step, high / 2 + 5, step - 8, KEY_HIGH)
            made.setFont(font(21 * unit, 650))

    def _key(self, text: str, name: str) -> QPushButton:
        made = button(text)
        made.setParent(self)
        made.setCheckable(True)
        made.setObjectName("key")
        made.setAccessibleName(name)
        made.setToolTip(name)
        made.setCursor(Qt.CursorShape.PointingHandCursor)
        return made

    def _switch(self, name: str, asked: Callable[[bool], None]) -> QPushButton:
        made = self._key(words(f"review.{name}"), words(f"review.{name}.tip"))
        made.clicked.connect(asked)
        return made
