"""The window on its Review page, without a session."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from emgmon.live.bridge import Bridge
from emgmon.live.pages import REVIEW
from emgmon.live.review import TICK_MS
from emgmon.live.session import InterruptCloses
from emgmon.live.sound import SoundSettings
from emgmon.live.theme import THEMES
from emgmon.live.window import Window


def open_review(path: Path | None, *, theme: str, sound: SoundSettings) -> None:
    """Show a recording, or the page that says how one is opened, until the window is closed."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    application.setApplicationName("emgmon")
    loop = QEventLoop()

    def closed() -> bool:
        loop.quit()
        return True

    window = Window(Bridge(), closed, title="emgmon" if path is None else f"emgmon - {path.name}", theme=THEMES[theme])
    window.review.use_sound(sound)
    window.show()
    window.show_page(REVIEW)
    if path is not None:
        window.open(path)
    timer = QTimer()
    timer.timeout.connect(window.tick)
    timer.start(TICK_MS)
    with InterruptCloses(window):
        loop.exec()
    timer.stop()
    window.review.close_recording()
    window.hide()
    window.deleteLater()
