"""Saves every state of the window as a picture: ``python -m tests.live.screenshots OUT [WIDTHxHEIGHT]``."""

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from emgmon.exercise.catalogue import packaged
from emgmon.live.bridge import Bridge, Ending
from emgmon.live.start import StartWindow
from emgmon.live.theme import THEMES
from emgmon.live.window import Window
from emgmon.runner.board import PLACING, RECORDING, Board, Channel, Heard
from emgmon.runner.conduct import REFERENCE, SET, Doing
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


def near_screens(out: Path, wide: int, high: int) -> None:
    """Save the screens before the training, in each stage."""
    application = QApplication.instance() or QApplication([])
    names = [f"EMG-{name}" for name in SITES]
    channels = tuple(Channel(f"EMG-{name}", "emg", 0, place) for name, place in SITES.items())
    doing = Doing(
        REFERENCE, "Glutes, try 2: standing glute squeeze", "Stand upright, feet hip-wide. Squeeze.", 9.0, 14.0, "G"
    )
    stages = {
        "sensors-heard": {
            "heard": tuple(Heard(name, "EMG Stream (open profile)", -50 - 3 * n) for n, name in enumerate(names))
        },
        "sensors-none": {"problem": "No Bluetooth: Bluetooth is switched off; switch it on in the system's settings."},
        "sensors": {"stage": PLACING, "channels": channels, "wanted": tuple(names), "can_identify": frozenset(names)},
        "sensors-double": {
            "stage": PLACING,
            "channels": (*channels[:5], Channel("EMG-ER", "emg", 0, SITES["EL"])),
            "wanted": tuple(names),
            "doubles": (f"EMG-EL and EMG-ER both claim {SITES['EL'].title}.",),
        },
        "calibrate": {
            "stage": RECORDING,
            "channels": channels,
            "wanted": tuple(names),
            "rested": True,
            "pain": 1.0,
            "kind": "T1",
            "tries": {("G", "T1"): 1},
            "doing": doing,
            "now_s": 11.2,
            "exercise": "bridge_2leg",
        },
        "train-live": {
            "stage": RECORDING,
            "channels": channels,
            "wanted": tuple(names),
            "rested": True,
            "pain": 1.0,
            "kind": "T1",
            "doing": Doing(SET, "Glute bridge", "", 3.0),
            "now_s": 45.0,
            "exercise": "bridge_2leg",
        },
    }
    for theme in THEMES.values():
        for name, changed in stages.items():
            window = Window(Bridge(), lambda: True, theme=theme, board=Board(), catalogue=packaged())
            window.resize(wide, high)
            window.show()
            if "channels" in changed:
                window.bridge.push([*streaming(), frame()])
            if name == "train-live":
                window.bridge.push(scenes()["on-target"])
            window.board.show(batteries=dict.fromkeys(names, 82), **changed)
            window.tick()
            if name == "train-live":
                window.show_page("Train")
                window.controls.ask()
            window.sensors.refresh()
            application.processEvents()
            window.grab().save(str(out / f"{name}-{theme.name}.png"))
            window.close_at_once()
        start = StartWindow(theme.name)
        start.show()
        application.processEvents()
        start.grab().save(str(out / f"start-{theme.name}.png"))
        start.close()


if __name__ == "__main__":
    size = sys.argv[2] if len(sys.argv) > 2 else "1920x1080"
    main(Path(sys.argv[1]), *map(int, size.split("x")))
    near_screens(Path(sys.argv[1]), *map(int, size.split("x")))
