"""The window without a session: on its Review page, or on its History page."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from emgmon.live.bridge import Bridge
from emgmon.live.pages import HISTORY, REVIEW
from emgmon.live.review import TICK_MS
from emgmon.live.session import InterruptCloses
from emgmon.live.sound import SoundSettings
from emgmon.live.theme import THEMES
from emgmon.live.window import Window


def open_review(path: Path | None, *, theme: str, sound: SoundSettings) -> None:
    """Show a recording, or the page that says how one is opened, until the window is closed."""

    def prepare(window: Window) -> None:
        window.review.use_sound(sound)
        window.show_page(REVIEW)
        if path is not None:
            window.open(path)

    _open("emgmon" if path is None else f"emgmon - {path.name}", theme, prepare)


def open_history(store: str, person: str, *, theme: str, title: str) -> None:
    """Show the weeks of one person until the window is closed."""

    def prepare(window: Window) -> None:
        window.history.look_at(person)
        window.programme.look_at(person)
        window.show_page(HISTORY)

    _open(title, theme, prepare, store)


def _open(title: str, theme: str, prepare: Callable[[Window], None], store: str | None = None) -> None:
    application = QApplication.instance() or QApplication(sys.argv[:1])
    application.setApplicationName("emgmon")
    loop = QEventLoop()

    def closed() -> bool:
        loop.quit()
        return True

    window = Window(Bridge(), closed, title=title, theme=THEMES[theme], store=store)
    window.show()
    prepare(window)
    timer = QTimer()
    timer.timeout.connect(window.tick)
    timer.start(TICK_MS)
    with InterruptCloses(window):
        loop.exec()
    timer.stop()
    window.close_recording()
    window.hide()
    window.deleteLater()
