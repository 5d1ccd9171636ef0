"""Saves every state of the window as a picture: ``python -m tests.live.screenshots OUT [WIDTHxHEIGHT]``."""

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from emgmon.live.bridge import Bridge, Ending
from emgmon.live.theme import THEMES
from emgmon.live.window import Window
from tests.live.scenes import SITES, frame, noise, scenes, streaming


def main(out: Path, wide: int, high: int) -> None:
    application = QApplication.instance() or QApplication([])
    out.mkdir(parents=True, exist_ok=True)

    def save(window: Window, name: str) -> None:
        application.processEvents()
        window.grab().save(str(out / f"{name}-{window.theme.name}.png"))

    for theme in THEMES.values():
        for name, events in scenes().items():
            window = Window(Bridge(), lambda: True, recording=True, theme=theme)
            window.state.sound = name == "on-target"
            window.header.hide()
            window.status.hide()
            window.training.shows_notice = True  # as on a full screen, which offscreen has a size of its own
            window.resize(wide, high)
            window.show()
            window.bridge.push(events)
            window.tick()
            save(window, name)
            if name == "set-done":
                window.header.show()
                window.status.show()
                window.show_ending("Session done", Ending("/home/ada/emgmon/2026-11-22.html", "Saved."))
                save(window, "end-card")
            window.close()
        window = Window(Bridge(), lambda: True, recording=True, theme=theme)
        window.resize(wide, high)
        window.show()
        window.select(1)
        save(window, "signals-none")
        window.bridge.push([*streaming(), frame()])
        for name in SITES:
            lost = 0.2 if name == "ER" else 0.0
            window.bridge.push(noise(name, 20.0, 16.3, size_uv=20.0 * (1 + len(name) + ord(name[0]) % 7), lost=lost))
        window.tick()
        window.say("Electrode of the right back is loose: press it.")
        save(window, "signals")
        window.close()


if __name__ == "__main__":
    size = sys.argv[2] if len(sys.argv) > 2 else "1920x1080"
    main(Path(sys.argv[1]), *map(int, size.split("x")))
