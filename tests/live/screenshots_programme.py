"""Saves the Programme page as a picture: ``python -m tests.live.screenshots_programme OUT [WIDTHxHEIGHT]``."""

import datetime as dt
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

from histories import FIRST, past
from PySide6.QtWidgets import QApplication

from emgmon.exercise.catalogue import packaged
from emgmon.exercise.programme import DONE_KEY, HOLD, PAIN_KEY, SKIP, STAGE_KEY, TENSION_KEY, Chosen, plan
from emgmon.exercise.programme_table import packaged_programme
from emgmon.live.programme import ProgrammeScreen
from emgmon.live.theme import THEMES
from emgmon.runner.board import RECORDING, Board
from emgmon.runner.programme import Programmed

GOOD = {"hold_s": 3.0, "reps": 12, "reps_valid": 11}
START = FIRST.date()


def done(days, exercise, **changes):
    """Sessions of one exercise, on target."""
    values = {**GOOD, **changes}
    title = packaged()[exercise].title
    made = []
    for number in days:
        felt = {"pain": 1.0, "tension": max(1.0, 5.0 - number / 6)}
        made.append(past(number, {"sdi": 0.3 - number / 60}, exercise=exercise, exercise_title=title, **felt, **values))
    return made


def chosen(number, key, value):
    """Something chosen on a day."""
    return Chosen(f"{START + dt.timedelta(days=number)}T18:00:00+00:00", key, value)


FIRST_WEEKS = [*done([0, 2], "bridge_2leg"), *done([0], "overhead_squat")]
LATER = [
    *done([0, 2, 4, 9], "bridge_2leg"),
    *done([11, 14, 16], "bridge_1leg_k135"),
    *done([11, 14], "bird_dog"),
    *done([14, 16], "ball_squat"),
    *done([0], "overhead_squat"),
]
SAID = [chosen(16, DONE_KEY, "smr_tfl"), chosen(15, TENSION_KEY, "3"), chosen(15, PAIN_KEY, "0")]
SCENES = {
    "programme-new": ((), (), 0),
    "programme-early": (FIRST_WEEKS, (), 4),
    "programme-day-after": (FIRST_WEEKS, (), 3),
    "programme-later": (LATER, SAID, 18),
    "programme-decided": (LATER, [chosen(1, STAGE_KEY + "load", HOLD), chosen(2, STAGE_KEY + "step", SKIP)], 31),
}


def screen_of(name, theme, *, board=None, **options):
    """The page with the plan of a scene, as if the store had just been read."""
    history, choices, number = SCENES[name]
    today = START + dt.timedelta(days=number)
    made = ProgrammeScreen(theme, store="/nowhere/at/all.db", board=board, today=lambda: today, **options)
    found = plan(packaged_programme(), packaged(), history, choices, today)
    made.show_plan(Programmed(("P1",) if history else (), "P1", found))
    return made


def in_session():
    """A board of a session that is being recorded."""
    board = Board()
    board.show(stage=RECORDING)
    return board


def main(out, wide, high):
    """Save every scene in both themes, and a timer."""
    application = QApplication.instance() or QApplication([])
    for theme in THEMES.values():
        for name in SCENES:
            screen = screen_of(name, theme, board=None if name == "programme-new" else in_session())
            screen.resize(wide, high)
            screen.show()
            application.processEvents()
            screen.grab().save(str(out / f"{name}-{theme.name}.png"))
            if name == "programme-later":
                screen.time(packaged()["stretch_hipflexor"])
                screen.timer.countdown.pass_time(12.4)
                screen.timer.look()
                application.processEvents()
                screen.grab().save(str(out / f"programme-timer-{theme.name}.png"))
            screen.close()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    size = (sys.argv[2] if len(sys.argv) > 2 else "1920x984").split("x")
    main(folder, *map(int, size))
