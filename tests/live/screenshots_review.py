"""Saves the Review page as pictures: ``python -m tests.live.screenshots_review OUT [WIDTHxHEIGHT] [RECORDING]``."""

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from emgmon.live.bridge import Bridge
from emgmon.live.pages import REVIEW
from emgmon.live.sound import SILENT
from emgmon.live.theme import THEMES
from emgmon.live.window import Window

RECORDINGS = Path(__file__).parents[2] / "recordings"


def main(out: Path, wide: int, high: int, path: Path) -> None:
    application = QApplication.instance() or QApplication([])
    out.mkdir(parents=True, exist_ok=True)
    window = Window(Bridge(), lambda: True)
    page = window.review
    page.listening.mute(muted=True)
    assert SILENT.level == "off"
    window.resize(wide, high)
    window.show()
    window.show_page(REVIEW)

    def save(name: str) -> None:
        for theme in THEMES.values():
            window.set_theme(theme)
            application.processEvents()
            window.grab().save(str(out / f"{name}-{theme.name}.png"))

    save("review-none")
    window.open(path)
    QTest.qWait(300)
    save("review-reading")
    while page.review.reading.running:
        QTest.qWait(100)
    QTest.qWait(300)
    shown = page.review.shown
    page.step(1)
    page.step(2)
    if shown.blocks:
        page.go(shown.blocks[min(3, len(shown.blocks) - 1)].hold_s[0] + 0.8)
    save("review")
    page.set_looping(loops=True)
    page.set_comparing(compares=True)
    save("review-two-reps")
    page.close_recording()
    window.close()


if __name__ == "__main__":
    size = sys.argv[2] if len(sys.argv) > 2 else "1920x1080"
    found = Path(sys.argv[3]) if len(sys.argv) > 3 else RECORDINGS / "bridges-clean.mcap"
    main(Path(sys.argv[1]), *map(int, size.split("x")), found)
