"""Saves the History page as a picture: ``python -m tests.live.screenshots_history OUT [WIDTHxHEIGHT]``."""

import os
import sys
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

from histories import past, weeks
from PySide6.QtWidgets import QApplication

from emgmon.live.history import HistoryScreen, Shown
from emgmon.live.theme import THEMES
from emgmon.report.compare import over_weeks
from emgmon.runner.history import Known

SCENES = {
    "history": [*weeks(19, -0.75, seed=7), replace(past(24, {"sdi": 1.0}), placement="red")],
    "history-steady": weeks(12, seed=3),
    "history-three-days": weeks(3, seed=3),
    "history-one-day": weeks(1, seed=3),
    "history-no-references": [replace(item, kind="T4") for item in weeks(9)],
    "history-none": [],
}


def screen_of(name, theme):
    """The page with the sets of a scene, as if the store had just been read."""
    made = HistoryScreen(theme, store="/nowhere/at/all.db")
    sets = tuple(SCENES[name])
    made.shown = Shown(Known(("P1",), "P1", sets, "") if sets else None, over_weeks(sets))
    made._show()
    return made


def main(out, wide, high):
    """Save every scene in both themes, and two days side by side."""
    application = QApplication.instance() or QApplication([])
    for theme in THEMES.values():
        for name in SCENES:
            screen = screen_of(name, theme)
            screen.resize(wide, high)
            screen.show()
            application.processEvents()
            screen.grab().save(str(out / f"{name}-{theme.name}.png"))
            if name == "history":
                screen.plot.choose(1)
                screen.plot.choose(16)
                application.processEvents()
                screen.grab().save(str(out / f"{name}-beside-{theme.name}.png"))
            screen.close()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    size = (sys.argv[2] if len(sys.argv) > 2 else "1920x984").split("x")
    main(folder, *map(int, size))
