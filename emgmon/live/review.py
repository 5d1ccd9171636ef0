"""The Review page: a recording seen, heard and compared again, through the same analysis as live."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from emgmon.errors import EmgmonError
from emgmon.live.playing import HEARD_UP_TO, SPEEDS
from emgmon.live.review_listening import Listening
from emgmon.live.review_sheet import ReviewSheet
from emgmon.live.reviewing import Review
from emgmon.live.sound import SoundSettings
from emgmon.live.strings import words
from emgmon.live.theme import DARK, Theme

TICK_MS = 16
LOOK_S = 0.25
"""While a recording is read, how often the page looks for new sets."""
STEP_S = 1.0


class ReviewScreen(QWidget):
    """Shows one set of one recording at a time; `review` knows what, `sheet` shows it, this page has keys and time.

    Parameters
    ----------
    theme : Theme
    sound : SoundSettings, optional
        What is heard while it plays; everything without.

    Attributes
    ----------
    path : Path or None
        The recording that was asked for last.
    review : Review
    sheet : ReviewSheet
    listening : Listening
    """

    def __init__(self, theme: Theme = DARK, sound: SoundSettings | None = None) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.review, self.sheet = Review(), ReviewSheet(self, theme, self)
        self.path: Path | None = None
        self.listening = Listening(sound or SoundSettings("full"), self._tell)
        self._trouble, self._told = "", ""
        self._ticked_s = self._looked_s = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._new_passage()

    def open(self, path: Path) -> None:
        """Read a recording and show it; where that is not possible, say why in one sentence and keep what is open."""
        self.path, self._trouble = path, ""
        try:
            self.review.open(path)
        except EmgmonError as error:
            self._trouble = words("review.cannot", why=error)
            self.refresh()
            return
        self.listening.pause()
        self._new_passage()
        self._timer.start(TICK_MS)
        self.setFocus()

    def use_sound(self, sound: SoundSettings) -> None:
        """Let something else be heard from now on."""
        self.listening.close()
        self.listening = Listening(sound, self._tell)
        self._show_cursor()

    def close_recording(self) -> None:
        """Stop reading and playing, and let go of the sound card."""
        self._timer.stop()
        self.review.close()
        self.listening.close()

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self.sheet.set_theme(theme)

    def refresh(self) -> None:
        """Show what is known now."""
        self.sheet.show_heading(self.review, self._trouble or self._told)
        self._show_cursor(jumped=True)

    # --- what the controls ask ------------------------------------------------------------------------------------

    def go(self, t_s: float) -> None:
        """Go to a session time."""
        if self.review.shown is not None:
            self.review.go(t_s)
            self._jumped()

    def step(self, reps: int) -> None:
        """Go to another rep."""
        if self.review.shown is not None:
            self.review.step(reps)
            self._jumped()

    def pick(self, index: int) -> None:
        """Lay this rep over the one at the cursor."""
        self.review.pick(index)
        self._show_cursor(jumped=True)

    def set_running(self, runs: bool) -> None:
        """Play or pause."""
        if self.review.shown is None:
            return
        self.review.playing.play(runs=runs)
        self._ticked_s = time.monotonic()
        self._timer.start(TICK_MS)
        self._jumped()

    def set_speed(self, speed: float) -> None:
        """Play at another pace."""
        self.review.playing.speed = speed
        self.sheet.controls.show_speed(speed)
        self._hear_from_here()

    def set_looping(self, loops: bool) -> None:
        """Play the rep at the cursor again and again, or go on."""
        self.review.set_looping(loops=loops)
        self._show_cursor()

    def set_comparing(self, compares: bool) -> None:
        """Lay a second rep over the one at the cursor, or take it away."""
        self.review.set_comparing(compares=compares)
        self._show_cursor(jumped=True)

    def set_heard(self, heard: bool) -> None:
        """Let the session be heard, or not."""
        self.listening.mute(muted=not heard)
        self._hear_from_here()
        self._show_cursor()

    def show_set(self, number: int) -> None:
        """Show another set by its place."""
        self.review.show(number)
        self.listening.pause()
        self._new_passage()

    def cancel(self) -> None:
        """Stop reading; what was read until then is shown."""
        if self.review.reading is not None:
            self.review.reading.cancel()

    # --- time -----------------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        """Go on with what plays, look for what was read; the timer rests when there is neither."""
        now_s = time.monotonic()
        reading = self.review.reading is not None and self.review.reading.running
        if now_s - self._looked_s > LOOK_S or not reading:
            self._looked_s = now_s
            self._look()
        if self.review.playing.runs:
            events = self.review.advance(now_s - self._ticked_s)
            if events is None or not self.review.playing.runs:
                self._hear_from_here()
            elif self.review.playing.speed <= HEARD_UP_TO:
                self.listening.push(events)
            self._show_cursor(jumped=events is None)
        elif not reading:
            self._timer.stop()
        self._ticked_s = now_s

    def _look(self) -> None:
        if self.review.look():
            self._new_passage()
        else:
            self.sheet.show_heading(self.review, self._trouble or self._told)

    def _new_passage(self) -> None:
        self.sheet.show_passage(self.review)
        self.refresh()

    def _jumped(self) -> None:
        self._hear_from_here()
        self._show_cursor(jumped=True)

    def _hear_from_here(self) -> None:
        playing = self.review.playing
        if playing.runs and playing.speed <= HEARD_UP_TO and not self.listening.muted:
            self.listening.begin_at(playing.state)
        else:
            self.listening.pause()

    def _show_cursor(self, *, jumped: bool = False) -> None:
        self.sheet.show_cursor(self.review, heard=not self.listening.muted, jumped=jumped)

    def _tell(self, text: str) -> None:
        """Keep what is to be said of the sound until the page is shown anew; another thread calls this."""
        self._told = text

    # --- keys and window ------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Do what the keys are for; all others are the window's."""
        if not self.press(Qt.Key(event.key()), shift=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)):
            super().keyPressEvent(event)

    def press(self, key: Qt.Key, *, shift: bool = False) -> bool:
        """Do what a key is for; tells whether it is for anything."""
        if self.review.shown is None or (act := self._acts(shift=shift).get(key)) is None:
            return False
        act()
        return True

    def _acts(self, *, shift: bool) -> dict[Qt.Key, Callable[[], None]]:
        """Return what each key does."""
        review, keys = self.review, Qt.Key
        at_s, (start_s, stop_s) = review.playing.at_s, review.playing.bounds_s
        acts: dict[Qt.Key, Callable[[], None]] = {
            keys.Key_Left: lambda: self.go(at_s - STEP_S) if shift else self.step(-1),
            keys.Key_Right: lambda: self.go(at_s + STEP_S) if shift else self.step(1),
            keys.Key_Home: lambda: self.go(start_s),
            keys.Key_End: lambda: self.go(stop_s),
            keys.Key_PageUp: lambda: self.show_set(review.number - 1),
            keys.Key_PageDown: lambda: self.show_set(review.number + 1),
            keys.Key_Space: lambda: self.set_running(not review.playing.runs),
            keys.Key_Minus: lambda: self._change_pace(-1),
            keys.Key_Plus: lambda: self._change_pace(1),
            keys.Key_Equal: lambda: self._change_pace(1),  # plus without Shift on many keyboards
            keys.Key_L: lambda: self.set_looping(not review.loops),
            keys.Key_C: lambda: self.set_comparing(not review.other),
            keys.Key_M: lambda: self.set_heard(self.listening.muted),
        }
        if review.other:
            acts |= {keys.Key_Up: lambda: self._pick_next(-1), keys.Key_Down: lambda: self._pick_next(1)}
        return acts

    def _change_pace(self, step: int) -> None:
        place = SPEEDS.index(self.review.playing.speed) + step
        self.set_speed(SPEEDS[max(0, min(len(SPEEDS) - 1, place))])

    def _pick_next(self, step: int) -> None:
        self.review.pick_next(step)
        self._show_cursor(jumped=True)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fill the page."""
        super().resizeEvent(event)
        self.sheet.setGeometry(self.rect())

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Take the keys when the page comes to the front."""
        super().showEvent(event)
        self.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Pause when another page comes to the front, or the window closes."""
        super().hideEvent(event)
        self.review.playing.play(runs=False)
        self.listening.pause()
        self._show_cursor()
