"""Saves the pages before the training: ``python -m tests.live.screenshots_prepare OUT [WIDTHxHEIGHT]``."""

import os
import sys
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from emgmon.exercise.catalogue import packaged
from emgmon.live.bridge import Bridge
from emgmon.live.theme import THEMES
from emgmon.live.window import Window
from emgmon.model import (
    CalibrationTaken,
    DeviceChanged,
    Placement,
    QualityChanged,
    Reference,
    ReferenceTaken,
    SensorSeen,
)
from emgmon.runner.board import CONNECTING, PLACING, RECORDING, Board, Channel, Heard
from emgmon.runner.conduct import Conductor
from emgmon.runner.doing import RECOVER, REFERENCE, REST, Doing
from emgmon.runner.outcomes import Outcomes
from emgmon.runner.squeezing import Finding, Squeeze
from emgmon.runner.steps import Worn
from tests.live.scenes import SITES, frame, levels, noise, streaming

NAMES = [f"EMG-{name}" for name in SITES]
CHANNELS = tuple(Channel(f"EMG-{name}", "emg", 0, place) for name, place in SITES.items())
NOISE = dict(zip(SITES.values(), (2.1, 2.6, 3.0, 9.4, 3.3, 2.4), strict=True))
PLACED = {
    "stage": PLACING,
    "channels": CHANNELS,
    "wanted": tuple(NAMES),
    "can_identify": frozenset(NAMES),
    "outcomes": Outcomes(noise=NOISE),
    "batteries": dict(zip(NAMES, (82, 79, 88, 71, 90, 12), strict=True)),
}
HEARD = tuple(Heard(name, "EMG Stream (open profile)", -50 - 3 * n) for n, name in enumerate(NAMES))
BLOCKED = "No Bluetooth: Bluetooth is switched off; switch it on in the system's settings."
NOISY = QualityChanged(9.0, SITES["HR"], "amber", "NOISE", "Much noise at rest: press the electrodes, dry the skin.")
LOST = DeviceChanged(9.0, "sensor-er", "lost", (SITES["ER"],), 12)


def stages() -> dict[str, tuple[dict, list]]:
    """What the board shows and what the sensors say, by name of the picture."""
    signal = [e for name in SITES for e in noise(name, 5.0, 3.0)]
    on = [*streaming(), *signal, frame(t_s=8.0, level=levels())]
    swapped = Finding(
        "Left glutes and right glutes answer for each other: exchange them.",
        (SITES["GL"], SITES["GR"]),
        (SITES["GL"], SITES["GR"]),
    )
    unplaced = (*CHANNELS[:3], *(replace(channel, placement=None) for channel in CHANNELS[3:5]))
    first = tuple(SITES)[:3]
    three = [*streaming(first), *(e for name in first for e in noise(name, 5.0, 3.0))]
    three.append(frame(t_s=8.0, level=dict.fromkeys(list(SITES.values())[:3], 3.0)))
    return {
        "sensors-empty": ({}, []),
        "sensors-blocked": ({"problem": BLOCKED}, []),
        "sensors-heard": ({"heard": HEARD}, []),
        "sensors-placed": (PLACED, [*on, NOISY, LOST]),
        "sensors-unplaced": (PLACED | {"channels": unplaced, "tapped": ("EMG-HR", 1)}, three),
        "sensors-test": (PLACED | {"squeeze": Squeeze(SITES["GR"], 6.0, 9.0, 2, 6), "now_s": 7.4}, on),
        "sensors-swapped": (PLACED | {"findings": (swapped,), "tested": True}, on),
        "sensors-tested": (PLACED | {"tested": True}, on),
        "sensors-connecting": ({"stage": CONNECTING, "wanted": tuple(NAMES), "channels": CHANNELS[:3]}, three),
        "sensors-recording": (PLACED | {"stage": RECORDING}, on),
        "sensors-joined": (
            PLACED | {"stage": RECORDING, "channels": unplaced[:4], "wanted": tuple(NAMES[:4]), "joined": (NAMES[3],)},
            three,
        ),
    }


def calibrating() -> dict[str, tuple[dict, list]]:
    """The steps of the Calibrate page in some of their states."""
    conductor = Conductor(packaged(), "bridge_2leg")
    sacrum = Placement("sacrum", "midline")
    motion = (sacrum, SITES["HL"], SITES["HR"])
    worn = Worn(tuple(SITES.values()), motion)

    def steps(pain: float) -> dict:
        conductor.pain = pain
        return {"steps": conductor.steps(worn), "kind": conductor.kind, "pain": pain}

    def tried(name: str, *levels_uv: float, kind: str = "T1", more: bool = False) -> ReferenceTaken:
        made = [Reference(SITES[name], kind, level, "uv") for level in levels_uv]
        best = max((item for item in made if item.level == item.level), key=lambda item: item.level)
        return ReferenceTaken(20.0, (best,), more, tuple(made))

    def after(*events) -> Outcomes:
        outcomes = Outcomes(noise=NOISE, measured=True)
        for event in events:
            outcomes = outcomes.after(event)
        return outcomes

    usual = PLACED | {"stage": RECORDING, "motion": motion, "rested": True, "exercise": "bridge_2leg", "obeyed": 0}
    on = [*streaming(), frame(t_s=8.0, referenced=False, share={}, level=levels(GL=236.0, GR=31.0, HL=20, EL=12, ER=9))]
    quiet = [*streaming(), frame(t_s=8.0, referenced=False, share={}, level=levels(GL=3, GR=3, HL=4, HR=3, EL=4, ER=3))]
    good = SensorSeen(sacrum, "", explained=0.94, range_deg=62.0)
    poor = SensorSeen(SITES["HL"], "moved about several axes (71 %)", explained=0.71, range_deg=38.0)
    bend = CalibrationTaken(60.0, "Repeat, slower and deeper.", "hinge", good=False, seen=(good, poor))
    stand = CalibrationTaken(
        50.0, "Stance taken.", "stand", good=True, seen=tuple(SensorSeen(p, "", sway_deg=0.6) for p in motion)
    )
    title = "Glutes left, try 3: hip extension face down, knee bent"
    three = {("G left", "T1"): 3, ("G right", "T1"): 3}
    done = [tried("GL", 240.0, 262.0, 255.0), tried("GR", 220.0, 210.0, 214.0)]
    pain0 = {**usual, **steps(1.0)}
    light = {**usual, **steps(4.0)}
    return {
        "calibrate-rest": (
            {**pain0, "rested": False, "pain": None, "outcomes": Outcomes(), "now_s": 13.4}
            | {"doing": Doing(REST, "Lie still", "", 10.0, 20.0, step="rest")},
            quiet,
        ),
        "calibrate-pain": ({**pain0, "pain": None, "kind": "", "outcomes": after()}, quiet),
        "calibrate-try": (
            {**pain0, "tries": {("G left", "T1"): 2}, "outcomes": after(tried("GL", 240.0, 262.0)), "now_s": 31.7}
            | {"doing": Doing(REFERENCE, title, "", 30.0, 35.0, "G", "G left")},
            on,
        ),
        "calibrate-weak": (
            {**pain0, "tries": {("G left", "T1"): 2}, "outcomes": after(tried("GL", 262.0, 140.0)), "now_s": 50.0}
            | {"doing": Doing(RECOVER, "Glutes left: rest", "", 36.0, 96.0, "G", "G left")},
            quiet,
        ),
        "calibrate-light": ({**light, "outcomes": after(), "skipped": frozenset({"G left", "G right"})}, quiet),
        "calibrate-hinge": (
            {
                **pain0,
                "tries": three,
                "outcomes": after(*done, stand, bend),
                "skipped": frozenset({"H left", "H right"}),
            },
            quiet,
        ),
        "calibrate-check": (
            {**pain0, "tries": three, "outcomes": replace(after(*done, stand), check=False)}
            | {"skipped": frozenset({"H left", "H right", "E", "hinge", "supine", "posture"})},
            quiet,
        ),
        "calibrate-none": ({"stage": PLACING}, []),
    }


def main(out: Path, wide: int, high: int) -> None:
    """Save them in both themes."""
    application = QApplication.instance() or QApplication([])
    out.mkdir(parents=True, exist_ok=True)
    for theme in THEMES.values():
        for name, (changed, events) in (stages() | calibrating()).items():
            window = Window(Bridge(), lambda: True, theme=theme, board=Board(), catalogue=packaged())
            window.resize(wide, high)
            window.show()
            window.bridge.push(events)
            window.tick()
            window.board.show(**changed)
            window.tick()
            window.show_page("Sensors" if name.startswith("sensors") else "Calibrate")
            if name == "calibrate-hinge":
                window.calibrate.choose("hinge")
            application.processEvents()
            window.grab().save(str(out / f"{name}-{theme.name}.png"))
            window.close_at_once()


if __name__ == "__main__":
    size = sys.argv[2] if len(sys.argv) > 2 else "1920x1080"
    main(Path(sys.argv[1]), *map(int, size.split("x")))
