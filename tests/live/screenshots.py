"""Saves every screen and state as a picture: ``python -m tests.live.screenshots OUT [WIDTHxHEIGHT] [PART …]``.

A part is one of `PARTS`; without any all are made. ``QT_QPA_PLATFORM`` may be set to another platform than offscreen.
"""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from emgmon.exercise.catalogue import packaged
from emgmon.live.bridge import Bridge, Ending
from emgmon.live.marks import Feedback
from emgmon.live.start import StartWindow
from emgmon.live.theme import THEMES, Theme
from emgmon.live.window import Window
from emgmon.runner.board import RECORDING, Board
from emgmon.runner.doing import LEAD, SET, Doing
from tests.live import screenshots_history, screenshots_prepare, screenshots_programme, screenshots_review
from tests.live.scenes import SITES, frame, noise, scenes, streaming

ROUND_PAGE = 96
"""Height of what is above and below a page."""


class Studio:
    """Where pictures of one size go."""

    def __init__(self, out: Path, wide: int, high: int) -> None:
        self.out, self.wide, self.high = out, wide, high
        self.application = QApplication.instance() or QApplication([])
        out.mkdir(parents=True, exist_ok=True)

    def window(self, theme: Theme, *, board: Board | None = None) -> Window:
        """Open a window, of a session that is conducted in it when there is a board."""
        made = Window(Bridge(), lambda: True, recording=True, theme=theme, board=board, catalogue=packaged())
        made.resize(self.wide, self.high)
        made.show()
        return made

    def half(self, widget: QWidget, name: str) -> None:
        """Save what a widget shows in half its size."""
        self.application.processEvents()
        picture = widget.grab().toImage()
        smooth = Qt.TransformationMode.SmoothTransformation
        picture = picture.scaledToWidth(picture.width() // 2, smooth).convertToFormat(QImage.Format.Format_RGB888)
        picture.save(str(self.out / f"{name}.png"), quality=1)  # of a PNG: the most compression

    def save(self, widget: QWidget, name: str, theme: Theme) -> None:
        """Save what a widget shows."""
        self.application.processEvents()
        widget.grab().save(str(self.out / f"{name}-{theme.name}.png"))


def train(studio: Studio) -> None:
    """Each state of the training page, as on the whole screen."""
    for theme in THEMES.values():
        for name, events in scenes().items():
            window = studio.window(theme)
            window.header.hide()
            window.status.hide()
            window.training.shows_notice = True  # as on a full screen, which offscreen has a size of its own
            window.bridge.push(events)
            window.tick()
            window.state.sound = name != "rest"
            window.state.feedback = Feedback.AFTER if name == "after-each-rep" else Feedback.LIVE
            studio.save(window, name, theme)
            window.close_at_once()


def session(studio: Studio) -> None:
    """The training page within the window: counted in, running, asked, with the list of keys, at the end."""
    names = [f"EMG-{name}" for name in SITES]
    common = {"stage": RECORDING, "wanted": tuple(names), "rested": True, "pain": 1.0, "kind": "T1"}
    lead = Doing(LEAD, "Glute bridge", "", 40.0, 48.0)
    running = Doing(SET, "Glute bridge", "", 3.0)
    for theme in THEMES.values():
        for name, doing, scene in (
            ("train-lead", lead, "lie-still"),
            ("train-live", running, "on-target"),
            ("train-pain", running, "rest"),
            ("train-tension", Doing(), "rest-between-sets"),
            ("train-keys", running, "on-target"),
            ("end-card", Doing(), "set-done"),
        ):
            board = Board()
            window = studio.window(theme, board=board)
            window.bridge.push(scenes()[scene])
            board.show(doing=doing, now_s=45.0, exercise="bridge_2leg", **common)
            window.tick()
            window.show_page("Train")
            {
                "train-pain": window.controls.ask,
                "train-tension": window.controls.ask_tension,
                "train-keys": window.beside.show_keys,
            }.get(name, bool)()
            if name == "end-card":
                files = Path("/home/ada/emgmon/2026-11-22_183000.html"), Path("/home/ada/emgmon/2026-11-22_183000.mcap")
                window.show_ending("Session done", Ending(str(files[0]), "Saved.", str(files[1])))
            studio.save(window, name, theme)
            window.close_at_once()


def signals(studio: Studio) -> None:
    """The Signals page, empty and full."""
    for theme in THEMES.values():
        window = studio.window(theme)
        window.show_page("Signals")
        studio.save(window, "signals-none", theme)
        window.bridge.push([*streaming(), frame()])
        for name in SITES:
            lost = 0.2 if name == "ER" else 0.0
            window.bridge.push(noise(name, 20.0, 16.3, size_uv=20.0 * (1 + len(name) + ord(name[0]) % 7), lost=lost))
        window.tick()
        window.say("Electrode of the right back is loose: press it.")
        studio.save(window, "signals", theme)
        window.signals.set_raw(raw=True)
        studio.save(window, "signals-raw", theme)
        window.signals.set_raw(raw=False)
        window.signals.set_paused(paused=True)
        window.signals.inspector.read(33.0)
        studio.save(window, "signals-paused", theme)
        window.close()


def prepare(studio: Studio) -> None:
    """The pages before the training, in each stage."""
    screenshots_prepare.main(studio.out, studio.wide, studio.high)


def start(studio: Studio) -> None:
    """The first window."""
    for theme in THEMES.values():
        window = StartWindow(theme.name)
        window.show()
        studio.save(window, "start", theme)
        window.close()


def empty(studio: Studio) -> None:
    """Pages that have nothing to show yet."""
    for theme in THEMES.values():
        window = studio.window(theme)
        for name in ("Review", "History"):
            window.show_page(name)
            studio.save(window, f"{name.lower()}-empty", theme)
        window.close()


def review(studio: Studio) -> None:
    """The Review page with a recording."""
    path = screenshots_review.RECORDINGS / "bridges-clean.mcap"
    screenshots_review.main(studio.out, studio.wide, studio.high - ROUND_PAGE, path)


def history(studio: Studio) -> None:
    """The History page with and without days."""
    screenshots_history.main(studio.out, studio.wide, studio.high - ROUND_PAGE)


def programme(studio: Studio) -> None:
    """The Programme page of a new person, of later ones, and a timer."""
    screenshots_programme.main(studio.out, studio.wide, studio.high - ROUND_PAGE)


def readme(studio: Studio) -> None:
    """The pictures of the README, of half the size; ``python -m tests.live.screenshots docs 1920x1080 readme``."""
    board, dark = Board(), THEMES["dark"]
    window = studio.window(dark, board=board)
    window.bridge.push(scenes()["hamstrings-lead"])
    window.tick()
    window.state.sound = True
    window.set_full_screen(full=True)
    window.showNormal()
    window.show_page("Train")
    studio.half(window, "train")
    window.set_full_screen(full=False)
    changed, events = screenshots_prepare.stages()["sensors-placed"]
    window.bridge.push(events)
    window.tick()
    board.show(**changed)
    window.tick()
    window.show_page("Sensors")
    studio.half(window, "sensors")
    window.close_at_once()
    board = Board()
    window = studio.window(dark, board=board)
    changed, events = screenshots_prepare.calibrating()["calibrate-try"]
    window.bridge.push(events)
    window.tick()
    board.show(**changed)
    window.tick()
    window.show_page("Calibrate")
    studio.half(window, "calibrate")
    window.bridge.push([block for name in SITES for block in noise(name, 20.0, 16.3, lost=0.1 * (name == "ER"))])
    window.tick()
    window.show_page("Signals")
    studio.half(window, "signals")
    window.close_at_once()


PARTS: Mapping[str, Callable[[Studio], None]] = {
    made.__name__: made for made in (start, prepare, train, session, signals, empty, review, history, programme, readme)
}
"""What can be made; a new page adds its function. `readme` is made only when it is asked for."""


if __name__ == "__main__":
    size = sys.argv[2] if len(sys.argv) > 2 else "1920x1080"
    place = Studio(Path(sys.argv[1]), *map(int, size.split("x")))
    for part in sys.argv[3:] or [name for name in PARTS if name != "readme"]:
        PARTS[part](place)
