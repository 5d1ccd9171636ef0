"""One session in a window: a thread that works, a timer that shows, and an orderly end of both."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from types import FrameType
from typing import Any

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from emgmon.exercise.catalogue import Exercise
from emgmon.live.bridge import Bridge, Ending
from emgmon.live.phone import Phone, PhoneSettings
from emgmon.live.sound import SILENT, Player, SoundSettings
from emgmon.live.strings import words
from emgmon.live.theme import THEMES
from emgmon.live.window import Window
from emgmon.model import Notice
from emgmon.runner import SWITCH_S
from emgmon.runner.board import Board

TICK_MS = 8
"""Of the timer; a page is refreshed at every tick, or at every second one (`Page.every`)."""
LATEST_TICKS = 25
"""The work begins when the window is seen, so that loading does not hold it back; at the latest after so many ticks."""
PATIENCE_S = 3.0
"""Who asks a second time this long after the first is not kept waiting."""

Work = Callable[[Bridge, threading.Event], None]


class Session:
    """A window and the thread that feeds it.

    Parameters
    ----------
    work : callable
        Runs in a thread, pushes events into the bridge and returns when it is done or `stop` is set.
    title, recording, theme, exit_when_done, sound, board, catalogue, store, phone
        As for `emgmon.live.app.run_window`.
    """

    def __init__(
        self,
        work: Work,
        *,
        title: str,
        recording: bool,
        theme: str,
        exit_when_done: bool,
        sound: SoundSettings = SILENT,
        board: Board | None = None,
        catalogue: Mapping[str, Exercise] | None = None,
        store: str | None = None,
        phone: PhoneSettings | None = None,
    ) -> None:
        self.player = Player(sound, self._tell) if sound.level != "off" else None
        self.bridge, self.stop = Bridge(also=self.player.push if self.player else None), threading.Event()
        self.error: BaseException | None = None
        self._work, self._exit_when_done = work, exit_when_done
        self._thread = threading.Thread(target=self._run_work, name="emgmon-work", daemon=True)
        self._loop = QEventLoop()
        self._asked_s: float | None = None
        self._ended = False
        self._ticks = 0
        self._phone = phone or PhoneSettings()
        self.window = Window(
            self.bridge,
            self.ask_to_close,
            title=title,
            recording=recording,
            theme=THEMES[theme],
            player=self.player,
            board=board,
            catalogue=catalogue,
            store=store,
            phone=Phone(title, self._phone.port),
        )

    def run(self) -> None:
        """Show the window until it is closed and the work has ended.

        Raises what the work raised, and KeyboardInterrupt when the person would not wait for the end of the work.
        """
        if self._phone.wanted:
            self.window.beside.phone.start(self._phone.lan)
            self.window.beside.show_phone()
        timer = QTimer()
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(self._tick)
        timer.start(TICK_MS)
        self.window.show()
        with quick_turns(), InterruptCloses(self.window), self.player or nullcontext():
            self._loop.exec()
        timer.stop()
        self.window.close_recording()
        self.window.beside.close()
        self.window.hide()
        self.window.deleteLater()
        if self.error is not None:
            raise self.error
        if self._thread.is_alive():
            raise KeyboardInterrupt

    def _begin(self) -> None:
        """Start the work, once."""
        if self._thread.ident is None:
            self._thread.start()

    def ask_to_close(self) -> bool:
        """Stop the work; tell whether the window may close now. Who asks again after a while need not wait."""
        self._begin()  # it may have something to say even then
        self.stop.set()
        now_s = time.monotonic()
        if not self._thread.is_alive() or (self._asked_s is not None and now_s - self._asked_s > PATIENCE_S):
            self._loop.quit()
            return True
        if self._asked_s is None:
            self._asked_s = now_s
            self.window.say(words("window.saving"))
        return False

    def _tick(self) -> None:
        self._ticks += 1
        if self._ticks <= LATEST_TICKS and (shown := self.window.windowHandle()) is not None and not shown.isExposed():
            return
        self._begin()
        if self._ticks % self.window.page.every:
            return
        alive = self._thread.is_alive()  # before draining: nothing comes after the end
        self.window.tick()
        if alive or self._ended:
            return
        self._ended = True
        if self._asked_s is not None or self._exit_when_done:
            self._loop.quit()
        elif self.error is not None:
            self.window.show_ending(words("window.stopped"), Ending(None, str(self.error) or repr(self.error)))
        else:
            self.window.show_ending(words("window.done"), self.bridge.ending or Ending(None, ""))

    def _tell(self, text: str) -> None:
        """Say something of the sound on the screen."""
        self.bridge.push([Notice(self.player.clock_s if self.player else 0.0, text)])

    def _run_work(self) -> None:
        try:
            self._work(self.bridge, self.stop)
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            self.error = error


@contextmanager
def quick_turns() -> Iterator[None]:
    """Let Python's threads take turns often: with the usual 5 ms each of many calls to Qt waits for the analysis."""
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(usual_s)


class InterruptCloses:
    """While this is open, Ctrl-C in the terminal closes the window; the timer lets Python see it."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._before: object = None

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._close)

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)  # type: ignore[arg-type]

    def _close(self, _number: int, _frame: FrameType | None) -> None:
        self._window.close_at_once()


def open_session(work: Work, *, title: str, **options: Any) -> None:
    """Run a session in the one application that a process may have; options as for `Session`."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    application.setApplicationName("emgmon")
    Session(work, title=title, **options).run()
