"""Saves the Review page as pictures: ``python -m tests.live.screenshots_review OUT [WIDTHxHEIGHT] [RECORDING]``."""

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from emgmon.live.review import ReviewScreen
from emgmon.live.sound import SILENT
from emgmon.live.theme import THEMES

RECORDINGS = Path(__file__).parents[2] / "recordings"


def wait(for_ms: int) -> None:
    """Let the window live; unlike `QTest.qWait` this lets other threads run meanwhile."""
    loop = QEventLoop()
    QTimer.singleShot(for_ms, loop.quit)
    loop.exec()


def main(out: Path, wide: int, high: int, path: Path) -> None:
    """Save each state of the page for one recording, dark and light."""
    application = QApplication.instance() or QApplication([])
    out.mkdir(parents=True, exist_ok=True)
    page = ReviewScreen(sound=SILENT)
    page.resize(wide, high)
    page.show()

    def save(name: str) -> None:
        for theme in THEMES.values():
            page.set_theme(theme)
            application.processEvents()
            page.grab().save(str(out / f"{name}-{theme.name}.png"))

    save("review-none")
    page.open(path)
    wait(300)
    save("review-reading")
    while page.review.reading.running:
        wait(100)
    wait(300)
    blocks = page.review.shown.blocks if page.review.shown is not None else ()
    if blocks:
        block = blocks[min(3, len(blocks) - 1)]
        page.go(blocks[0].start_s)
        page.go((block.hold_s or (block.start_s, block.stop_s))[0] + 0.8)
    save("review")
    page.set_looping(loops=True)
    page.set_comparing(compares=True)
    save("review-two-reps")
    page.close_recording()


if __name__ == "__main__":
    size = sys.argv[2] if len(sys.argv) > 2 else "1920x984"
    found = Path(sys.argv[3]) if len(sys.argv) > 3 else RECORDINGS / "bridges-clean.mcap"
    main(Path(sys.argv[1]), *map(int, size.split("x")), found)
