"""The Calibrate page driven as a person does, with a conductor behind the board that obeys at once."""

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from emgmon.exercise.catalogue import packaged
from emgmon.live.bridge import Bridge
from emgmon.live.strings import words
from emgmon.live.window import Window
from emgmon.model import CalibrationTaken, Placement, Reference, ReferenceTaken, SensorSeen
from emgmon.runner.board import RECORDING, Board, Channel
from emgmon.runner.conduct import Conductor
from emgmon.runner.doing import CHECK, IDLE, LEAD, PART, PAUSED, RECOVER, REFERENCE, REST, Timings
from emgmon.runner.outcomes import Outcomes
from emgmon.runner.steps import Worn

from .scenes import SITES, frame, levels, streaming

pytestmark = pytest.mark.qt

SACRUM = Placement("sacrum", "midline")
WORN = Worn([SITES["GL"], SITES["GR"], SITES["EL"]], [SACRUM])
CHANNELS = tuple(Channel(str(place), "emg", 0, place) for place in WORN.muscles)
STEPS = ["rest", "pain", "G left", "G right", "E", "stand", "hinge", "supine", "posture", "check"]


class Person:
    """Presses keys and lets time pass; `marks` is what the recording would hold."""

    def __init__(self, window, qtbot):
        self.window, self.qtbot, self.now_s = window, qtbot, 0.0
        self.conductor = Conductor(packaged(), "bridge_2leg", None, Timings(recover_s=20.0))
        self.marks, self.outcomes = [], Outcomes()
        window.bridge.push([*streaming(("GL", "GR", "EL")), frame(referenced=False, share={}, level=levels())])
        window.tick()
        window.board.show(stage=RECORDING, channels=CHANNELS, motion=tuple(WORN.motion))
        self.wait(0.1)

    @property
    def page(self):
        return self.window.calibrate

    def wait(self, seconds):
        """Let time pass, in steps that end where something ends by itself."""
        end_s = self.now_s + seconds
        while True:
            self.now_s = min(end_s, max(self.now_s, self.conductor.doing.until_s))
            self.marks += self.conductor.pass_time(self.now_s)
            if self.now_s >= end_s and self.conductor.doing.until_s > self.now_s:
                break
        self.show()

    def show(self):
        while (command := self.window.board.told()) is not None:
            self.marks += self.conductor.obey(self.now_s, *command, WORN)
        c = self.conductor
        self.window.board.show(
            doing=c.doing,
            now_s=self.now_s,
            kind=c.kind,
            pain=c.pain,
            tries=dict(c.tries),
            steps=c.steps(WORN),
            skipped=frozenset(c.skipped),
            outcomes=self.outcomes,
        )
        self.window.tick()

    def is_well(self):
        self.conductor.pain = 0.0
        self.show()

    def press(self, *keys):
        for key in keys:
            self.qtbot.keyClick(self.window, key)
            self.show()

    def learn(self, event):
        self.outcomes = self.outcomes.after(event)
        self.show()

    def kinds(self):
        return [kind for kind, _data in self.marks if kind != "note"]


@pytest.fixture
def window(qapp) -> Iterator[Window]:  # noqa: ARG001 - a window needs an application
    made = Window(Bridge(), lambda: True, board=Board(), catalogue=packaged())
    made.resize(1600, 1000)
    made.show()
    yield made
    made.close_at_once()
    made.deleteLater()


@pytest.fixture
def person(window, qtbot) -> Person:
    return Person(window, qtbot)


def tried(name, level, **more) -> ReferenceTaken:
    item = Reference(SITES[name], "T1", level, "uv", **more)
    return ReferenceTaken(1.0, (item,), tries=(item,))


SPACE, RIGHT, LEFT, SKIP, PAUSE = Qt.Key.Key_Space, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_K, Qt.Key.Key_W


def test_the_steps_are_those_of_what_is_worn(person):
    assert list(person.page.rows) == STEPS
    assert person.page.chosen == "rest"
    assert person.page.page.main.text() == words("wizard.start")


def test_all_of_it_by_the_keyboard(person):
    """From rest to check with one key and the answer to one question."""
    person.press(SPACE)
    assert person.conductor.doing.what == REST
    person.wait(10.0)
    person.outcomes = person.outcomes.with_noise(dict.fromkeys(WORN.muscles, 2.0), measured=True)
    person.show()
    person.press(SPACE, Qt.Key.Key_1)
    for name in ("G left", "G right", "E"):
        assert person.page.chosen == name
        person.press(SPACE)
        person.wait(3 * (5 + 5) + 2 * 20 + 0.1)
        for channel in {"G left": ["GL"], "G right": ["GR"]}.get(name, ["EL"]):
            person.learn(tried(channel, 200.0))
        person.press(SPACE)
    assert person.page.chosen == "stand"
    for part in ("stand", "hinge", "supine", "posture"):
        person.press(SPACE, SPACE)
        assert person.conductor.doing.what == PART
        if part == "hinge":
            person.wait(15.0)
            person.press(SPACE)
        else:
            person.wait(5.1)
        assert person.conductor.doing.what == IDLE
        person.learn(CalibrationTaken(1.0, "Taken.", part, good=True))
        person.press(SPACE)
    person.press(SPACE, SPACE)
    assert person.conductor.doing.what == CHECK
    person.conductor.rep_done()
    person.wait(0.1)
    person.outcomes = replace(person.outcomes, check=True)
    person.show()
    person.press(SPACE)
    assert person.window.screens.currentWidget() is person.window.training
    expected = ["baseline_start", "baseline_stop", "pain", *["reference_start", "reference_stop"] * 9]
    for part in ("stand", "hinge", "supine", "posture"):
        expected += [f"{part}_start", f"{part}_stop"]
    assert person.kinds() == [*expected, "exercise", "set_start", "set_stop"]


def test_what_is_broken_off_is_marked_and_not_counted(person):
    person.is_well()
    person.page.choose("G left")
    person.press(SPACE, SPACE)
    person.wait(2.0)
    assert person.conductor.doing.what == REFERENCE
    person.press(Qt.Key.Key_C)
    assert person.kinds() == ["reference_start", "reference_cancel"]
    assert person.conductor.tries == {}
    assert person.page.page.main.text() == words("wizard.start")


def test_back_breaks_off_and_shows_the_step_before(person):
    person.is_well()
    person.page.choose("G right")
    person.press(SPACE, SPACE, LEFT)
    assert person.page.chosen == "G left"
    assert person.kinds() == ["reference_start", "reference_cancel"]
    person.press(LEFT, LEFT, LEFT)
    assert person.page.chosen == "rest"


def test_a_step_can_be_left_out_and_done_later(person):
    person.press(SKIP)
    assert person.page.chosen == "pain"
    assert person.page.rows["rest"].remark.text() == words("wizard.skipped")
    assert ("note", {"text": "left out: rest"}) in person.marks
    person.press(LEFT, SPACE)
    assert person.conductor.doing.what == REST


def test_a_pause_holds_everything_until_one_goes_on(person):
    person.press(SPACE)
    person.wait(4.0)
    person.press(PAUSE)
    assert person.conductor.doing.what == PAUSED
    assert person.page.page.main.text() == words("wizard.go_on")
    person.wait(100.0)
    person.press(SPACE)
    person.wait(10.0)
    assert person.kinds() == ["baseline_start", "baseline_cancel", "baseline_start", "baseline_stop"]


def test_with_pain_light_tasks_take_the_place(person):
    person.page.choose("pain")
    assert not person.page.page.answers[0].isHidden()
    person.press(Qt.Key.Key_4)
    assert person.page.chosen == "G left"
    assert "no maximal" in person.page.kind.text()
    assert "five centimetres" in person.page.page.how.text()
    person.press(SPACE)
    person.wait(5.0)
    assert person.marks[-1][1]["kind"] == "T2"


def test_between_tries_there_is_a_rest_that_can_be_cut_short(person):
    person.is_well()
    person.page.choose("E")
    person.press(SPACE, SPACE)
    person.wait(5.0)
    assert person.conductor.doing.what == RECOVER
    assert person.page.page.ring.number == "20"
    assert person.page.page.ring.word == words("wizard.count.rest")
    person.press(SPACE)
    assert person.conductor.doing.what == LEAD


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([tried("GL", 200.0)], "wizard.verdict.good"),
        ([tried("GL", 200.0), ReferenceTaken(2.0, (), tries=(Reference(SITES["GL"], "T1", 90.0, "uv"),))], "weak"),
        ([tried("GL", 200.0, cut_off=True)], "cut off"),
        ([ReferenceTaken(2.0, (), tries=(Reference(SITES["GL"], "T1", math.nan, "uv"),))], "silent"),
    ],
)
def test_each_try_has_a_verdict(person, events, said):
    person.is_well()
    person.page.choose("G left")
    for event in events:
        person.learn(event)
    key = said if "." in said else f"wizard.verdict.{said}"
    assert person.page.page.verdict.text() == words(key, who="Glute max · left")
    assert person.page.page.verdict.objectName() == ("good" if key.endswith("good") else "warn")


def test_one_more_try_is_offered_where_the_last_was_clearly_the_best(person):
    person.is_well()
    person.conductor.tries["G left", "T1"] = 3
    person.page.choose("G left")
    event = tried("GL", 300.0)
    person.learn(ReferenceTaken(1.0, event.references, more=True, tries=event.tries))
    assert person.page.page.main.text() == words("wizard.once")
    assert person.page.page.verdict.text() == words("wizard.more")


def test_poor_bows_are_told_with_their_figures_and_repeated(person):
    person.page.choose("hinge")
    seen = (SensorSeen(SACRUM, "moved about several axes", explained=0.7, range_deg=40.0),)
    person.learn(CalibrationTaken(1.0, "Repeat.", "hinge", good=False, seen=seen))
    assert person.page.rows["hinge"].remark.text() == words("wizard.poor")
    assert person.page.page.verdict.text() == "Sacrum: moved about several axes"
    assert person.page.page.main.text() == words("wizard.again")
    good = (SensorSeen(SACRUM, explained=0.93, range_deg=61.0),)
    person.learn(CalibrationTaken(2.0, "Taken.", "hinge", good=True, seen=good))
    assert "93% about one axis, 61°" in person.page.page.verdict.text()
    assert person.page.page.main.text() == words("wizard.next")


def test_another_position_can_be_taken(person):
    person.is_well()
    person.page.choose("G left")
    person.press(Qt.Key.Key_O)
    assert list(person.page.rows)[2:4] == ["G", "E"]
    person.page.choose("G")
    assert "Squeeze your glutes" in person.page.page.how.text()


def test_the_bars_end_beyond_the_best_try(person):
    person.learn(tried("GL", 200.0))
    person.is_well()
    person.page.choose("G left")
    person.show()
    bars = person.page.page.bars
    assert bars.groups == "G"
    assert bars.side == "left"
    assert bars.full([SITES["GL"], SITES["GR"]]) == pytest.approx(240.0)


def test_before_the_recording_it_says_what_is_first(window):
    window.show_page("Calibrate")
    assert not window.calibrate.before.isHidden()
    assert not window.calibrate.page.isVisible()
