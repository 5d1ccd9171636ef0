"""The timer of the Programme page: rolling and stretching by the clock, with a sound at each change."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from emgmon.exercise.catalogue import Exercise
from emgmon.exercise.dose import Stretch, stretches
from emgmon.live.cues_sound import Sound
from emgmon.live.near import button, label
from emgmon.live.strings import words
from emgmon.live.strokes import box
from emgmon.live.theme import Theme

LOOK_MS = 100
LAST_TICKS_S = 3
"""Last seconds of a stretch, each of which is heard."""


class Countdown:
    """Where a timer is, told how much time passed: `place` among its stretches and what is left of that one. No clock.

    Parameters
    ----------
    parts : sequence of Stretch
        At least one.
    """

    def __init__(self, parts: Sequence[Stretch]) -> None:
        self.parts, self.place, self.left_s = tuple(parts), 0, float(parts[0].seconds)

    @property
    def part(self) -> Stretch:
        """The stretch that runs; the last one after the end."""
        return self.parts[min(self.place, len(self.parts) - 1)]

    @property
    def over(self) -> bool:
        """Whether all is done."""
        return self.place >= len(self.parts)

    def pass_time(self, seconds: float) -> list[Sound]:
        """Let time pass; returns what that makes heard."""
        heard: list[Sound] = []
        while seconds > 0.0 and not self.over:
            step = min(seconds, self.left_s)
            before, self.left_s = math.ceil(self.left_s), self.left_s - step
            seconds -= step
            if self.left_s > 0.0 and math.ceil(self.left_s) < before <= LAST_TICKS_S + 1:
                heard.append(Sound.TICK)
            if self.left_s <= 1e-9:
                heard += self.skip()
        return heard

    def skip(self) -> list[Sound]:
        """Go on to the next stretch; returns what that makes heard."""
        self.place += 1
        if self.over:
            self.left_s = 0.0
            return [Sound.SET_END]
        self.left_s = float(self.part.seconds)
        return [Sound.SWITCH if self.part.change else Sound.SET_START]


class TimerCard(QFrame):
    """Counts one exercise down, large enough to be read from the floor.

    Parameters
    ----------
    theme : Theme
    cue : callable
        Makes one short sound heard.
    clock_s : callable
        Seconds on a clock that never goes back.

    Attributes
    ----------
    countdown : Countdown or None
        None while nothing is timed.
    """

    ended = Signal(str, bool)
    """Name of the exercise, and whether it was done to its end."""

    def __init__(
        self, theme: Theme, cue: Callable[[Sound], None], clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self.setObjectName("card")
        self.theme = theme
        self.countdown: Countdown | None = None
        self._cue, self._clock_s, self._seen_s = cue, clock_s, 0.0
        self._exercise: Exercise | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self.title, self.what = label("", 28, 700), label("", 40, 650)
        self.number = label("", 190, 750)
        self.bar = _Bar(self)
        self.how = label("", 20, 450, name="second", wraps=True)
        self.safety = label("", 20, 500, name="warn", wraps=True)
        self.pause, self.skip, self.stop = (
            button(words(f"timer.{name}"), size=24) for name in ("pause", "skip", "stop")
        )
        self.pause.clicked.connect(self.pause_or_go_on)
        self.skip.clicked.connect(lambda: self._heard(self.countdown.skip() if self.countdown else []))
        self.stop.clicked.connect(lambda: self._finish(done=False))
        self._arrange()
        self.setVisible(False)

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(28, 18, 28, 18)
        row = QHBoxLayout()
        words_ = QVBoxLayout()
        for part in (self.title, self.what, self.how, self.safety):
            words_.addWidget(part)
        words_.addStretch(1)
        row.addLayout(words_, 3)
        row.addWidget(self.number, 2, Qt.AlignmentFlag.AlignCenter)
        column.addLayout(row, 1)
        column.addWidget(self.bar)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for each in (self.pause, self.skip, self.stop):
            each.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            buttons.addWidget(each)
        column.addLayout(buttons)

    def start(self, exercise: Exercise, seconds: float | None = None) -> None:
        """Begin to count an exercise down."""
        self._exercise, self.countdown = exercise, Countdown(stretches(exercise, seconds))
        self._seen_s = self._clock_s()
        self.title.setText(exercise.title)
        self.how.setText(exercise.how)
        self.safety.setText(exercise.safety)
        self.pause.setText(words("timer.pause"))
        self._cue(Sound.SET_START)
        self._timer.start()
        self.setVisible(True)
        self._show()
        self.pause.setFocus()

    def pause_or_go_on(self) -> None:
        """Let the time stand still, or go on."""
        self.look()
        running = self._timer.isActive()
        if running:
            self._timer.stop()
        elif self.countdown is not None:
            self._seen_s = self._clock_s()
            self._timer.start()
        self.pause.setText(words("timer.on" if running else "timer.pause"))

    def look(self) -> None:
        """Take in the time that passed."""
        now_s = self._clock_s()
        passed_s, self._seen_s = now_s - self._seen_s, now_s
        if self._timer.isActive() and self.countdown is not None:
            self._heard(self.countdown.pass_time(passed_s))

    def _heard(self, sounds: Sequence[Sound]) -> None:
        for sound in dict.fromkeys(sounds):
            self._cue(sound)
        if self.countdown is None:
            return
        if self.countdown.over:
            self._finish(done=True)
        else:
            self._show()

    def _finish(self, *, done: bool) -> None:
        self._timer.stop()
        exercise, self._exercise, self.countdown = self._exercise, None, None
        self.setVisible(False)
        if exercise is not None:
            self.ended.emit(exercise.id, done)

    def _show(self) -> None:
        if self.countdown is None or self._exercise is None:
            return
        part = self.countdown.part
        side = words(f"timer.side.{part.side}")
        what = words("timer.change", next=side) if part.change else side
        if part.of > 1 and not part.change:
            what = words("timer.of", side=side, number=part.number, of=part.of)
        seconds = math.ceil(self.countdown.left_s - 1e-9)
        if self.what.text() != what or self.number.text() != str(seconds):
            self.what.setText(what)
            self.number.setText(str(seconds))
            spoken = words("timer.spoken", exercise=self._exercise.title, what=what, seconds=seconds)
            self.setAccessibleName(spoken)
        self.bar.update()


class _Bar(QWidget):
    """What is left of a stretch; it empties."""

    def __init__(self, card: TimerCard) -> None:
        super().__init__()
        self._card = card
        self.setMinimumHeight(22)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect())
        theme, countdown = self._card.theme, self._card.countdown
        box(painter, whole, whole.height() / 2, theme.track)
        if countdown is not None and countdown.left_s > 0.0:
            share = countdown.left_s / countdown.part.seconds
            left = QRectF(whole.left(), whole.top(), max(whole.height(), whole.width() * share), whole.height())
            box(painter, left, whole.height() / 2, theme.hamstrings if countdown.part.change else theme.glutes)
