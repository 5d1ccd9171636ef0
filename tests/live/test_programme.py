"""The Programme page: the plan, what the person decides, the timer with its sounds, the way to the training."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel

from emgmon.exercise.catalogue import packaged
from emgmon.exercise.dose import CHANGE_S, stretches
from emgmon.exercise.programme import DONE_KEY, PAIN_KEY, STAGE_KEY, TENSION_KEY
from emgmon.live.bridge import Bridge
from emgmon.live.cues_sound import Sound
from emgmon.live.programme import ProgrammeScreen
from emgmon.live.programme_timer import Countdown, TimerCard
from emgmon.live.theme import DARK, LIGHT
from emgmon.live.window import Window
from emgmon.runner.board import PLACING, RECORDING, Board
from emgmon.runner.doing import SET, Doing
from emgmon.storage.sessions import open_store, saying
from tests.live.screenshots_programme import SCENES, START, in_session, screen_of

pytestmark = pytest.mark.qt


@pytest.fixture
def store(tmp_path):
    return str(tmp_path / "sessions.db")


@pytest.fixture
def page(qtbot, store):
    """The page of a new person, in a session that is recorded."""
    made = ProgrammeScreen(store=store, board=in_session(), today=lambda: START)
    qtbot.addWidget(made)
    made.resize(1600, 900)
    made.show()
    return made


def chosen(store):
    with open_store(store) as opened:
        return [(each.key, each.value) for each in saying.choices(opened, "P1")]


def texts(page):
    return [part.text() for part in page.findChildren(QLabel) if part.isVisibleTo(page) and part.text()]


@pytest.mark.parametrize("name", SCENES)
def test_every_scene_can_be_painted_and_says_that_it_only_proposes(qtbot, name):
    made = screen_of(name, LIGHT)
    qtbot.addWidget(made)
    made.resize(1000, 600)
    made.show()
    assert not made.grab().isNull()
    made.set_theme(DARK)
    assert not made.grab().isNull()
    said = " ".join(texts(made))
    assert "you decide" in said or "you may decide otherwise" in said
    assert "see a professional" in said
    assert "A convention." in said


def test_a_new_person_sees_where_it_begins_and_no_store_is_made(page, tmp_path):
    assert page.title.text() == "Your programme begins here"
    assert "No screen yet" in page.lead.text()
    assert list(page.phases["activate"].buttons) == ["bridge_2leg", "clam", "dead_bug", "plank"]
    assert page.phases["integrate"].buttons == {}
    assert any("Opens later: Glute bridge on target in 2 of 3 sessions" in text for text in texts(page))
    assert list(tmp_path.iterdir()) == []


def test_the_plan_of_weeks_says_why_each_stage_is_open(qtbot):
    made = screen_of("programme-later", DARK, board=in_session())
    qtbot.addWidget(made)
    said = texts(made)
    assert "One-leg bridge, heel close on target in 3 of the last 3 sessions; asked: 2 of 3" in said
    assert "Step-up on target in 2 of 3 sessions; none yet" in said
    assert "step_up" in made.phases["integrate"].buttons
    assert "may be done again" in made.lead.text()
    assert "30 to 60 s a side · last 17 Sep" in said
    assert said.count("said here") == 1


def test_the_day_after_a_training_only_rolling_is_proposed(qtbot):
    made = screen_of("programme-day-after", DARK)
    qtbot.addWidget(made)
    assert "Yesterday was a training day" in made.lead.text()
    assert made.phases["activate"].buttons == {}
    assert made.phases["inhibit"].buttons


def test_training_chooses_the_exercise_and_shows_the_page(qtbot, page):
    went = []
    page._go = went.append
    qtbot.mouseClick(page.phases["activate"].buttons["clam"], Qt.MouseButton.LeftButton)
    assert page._board.told() == ("exercise", "clam")
    assert went == ["Train"]
    page._board.show(doing=Doing(SET))
    qtbot.mouseClick(page.phases["activate"].buttons["plank"], Qt.MouseButton.LeftButton)
    assert page._board.told() is None
    assert page.lead.text() == "Stop the set first."


def test_before_the_recording_the_choice_waits_for_it(qtbot, page):
    went = []
    page._go = went.append
    page._board.show(stage=PLACING)
    qtbot.mouseClick(page.phases["activate"].buttons["clam"], Qt.MouseButton.LeftButton)
    assert (page._board.told(), went) == (None, ["Sensors"])
    page._board.show(stage=RECORDING)
    page.refresh()
    page.refresh()
    assert page._board.told() == ("exercise", "clam")
    assert page._board.told() is None


def test_without_sensors_there_is_no_button_to_press_and_the_page_says_why(qtbot):
    made = screen_of("programme-new", DARK)
    qtbot.addWidget(made)
    assert not any(each.isEnabled() for each in made.phases["activate"].buttons.values())
    assert all(each.isEnabled() for each in made.phases["inhibit"].buttons.values())
    assert "Connect sensors" in made.lead.text()


def pick(combo: QComboBox, text: str):
    combo.setCurrentIndex(combo.findText(text))
    combo.activated.emit(combo.currentIndex())


def test_what_the_person_decides_is_kept_and_shown(page, store):
    assert "step_up" not in page.phases["integrate"].buttons
    pick(page.stages.choices["step"], "open")
    assert chosen(store) == [(STAGE_KEY + "step", "open")]
    assert "step_up" in page.phases["integrate"].buttons
    assert page.stages.choices["step"].currentText() == "open"
    pick(page.log.answers["tension"], "4")
    pick(page.log.answers["pain"], "0")
    assert chosen(store)[1:] == [(TENSION_KEY, "4"), (PAIN_KEY, "0")]
    pick(page.log.answers["pain"], "–")
    assert len(chosen(store)) == 3


def test_a_store_that_cannot_be_used_is_said(qtbot, tmp_path):
    made = ProgrammeScreen(store=str(tmp_path))
    qtbot.addWidget(made)
    pick(made.log.answers["pain"], "3")
    assert "cannot be read" in made.lead.text()


class Clock:
    """Seconds that pass when they are told to."""

    now_s = 0.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def timed(qtbot):
    """A timer of ten seconds a stretch, its clock and what was heard."""
    heard, clock = [], Clock()
    card = TimerCard(DARK, heard.append, clock)
    qtbot.addWidget(card)
    card.start(packaged()["smr_tfl"], 10)
    return card, clock, heard


def wait(card, clock, seconds):
    for _ in range(round(10 * seconds)):
        clock.now_s += 0.1
        card.look()


def test_each_change_and_the_last_seconds_are_heard(timed):
    card, clock, heard = timed
    ended = []
    card.ended.connect(lambda *said: ended.append(said))
    wait(card, clock, 6.5)
    assert heard == [Sound.SET_START]
    wait(card, clock, 3.6)
    assert heard[1:] == [Sound.TICK] * 3 + [Sound.SWITCH]
    assert card.what.text() == "Change: right side next"
    wait(card, clock, CHANGE_S)
    assert heard[-1] == Sound.SET_START
    assert card.what.text() == "right side"
    wait(card, clock, 10.2)
    assert heard[-1] == Sound.SET_END
    assert ended == [("smr_tfl", True)]
    assert card.countdown is None


def test_a_pause_costs_nothing_and_a_skip_goes_on(timed):
    card, clock, heard = timed
    wait(card, clock, 2.0)
    card.pause.click()
    wait(card, clock, 60.0)
    card.pause.click()
    wait(card, clock, 1.0)
    assert card.number.text() == "7"
    card.skip.click()
    assert heard == [Sound.SET_START, Sound.SWITCH]
    assert card.countdown.place == 1


def test_a_timer_that_ran_to_its_end_is_kept_with_the_day(qtbot, page, store):
    qtbot.mouseClick(page.phases["inhibit"].buttons["smr_tfl"], Qt.MouseButton.LeftButton)
    assert page.timer.isVisible()
    assert page.timer.pause.hasFocus()
    assert page.timer.accessibleName() == "Foam roll, outer front hip, left side, 30 seconds left"
    qtbot.keyClick(page.timer.pause, Qt.Key.Key_Escape)
    assert not page.timer.isVisible()
    qtbot.mouseClick(page.phases["inhibit"].buttons["smr_tfl"], Qt.MouseButton.LeftButton)
    for _ in stretches(packaged()["smr_tfl"]):
        page.timer.skip.click()
    assert chosen(store) == [(DONE_KEY, "smr_tfl")]
    assert page._below.isVisible()


@given(st.lists(st.floats(0.001, 40.0), max_size=40))
def test_a_countdown_takes_its_whole_time_in_any_steps(steps):
    parts = stretches(packaged()["stretch_hipflexor"])
    countdown = Countdown(parts)
    for step in steps:
        countdown.pass_time(step)
    whole = sum(part.seconds for part in parts)
    left = sum(part.seconds for part in parts[countdown.place + 1 :]) + countdown.left_s
    assert left == pytest.approx(max(0.0, whole - sum(steps)), abs=1e-6)
    assert countdown.over == (left <= 1e-6)


def test_everything_that_can_be_pressed_has_a_name_and_is_reached_by_tab(page):
    for part in (*page.findChildren(QAbstractButton), *page.findChildren(QComboBox)):
        if part.isVisibleTo(page) and part.isEnabled():
            assert QAccessible.queryAccessibleInterface(part).text(QAccessible.Text.Name).strip()
            assert part.focusPolicy() & Qt.FocusPolicy.TabFocus, part


def test_it_is_a_page_of_the_window_and_its_timer_uses_the_player(qtbot, store):
    board = Board()
    window = Window(Bridge(), lambda: True, board=board, catalogue=packaged(), store=store)
    qtbot.addWidget(window)
    window.show()
    window.show_page("Programme")
    assert window.screens.currentWidget() is window.programme
    board.show(stage=RECORDING)
    window.programme.train(packaged()["bridge_2leg"])
    assert window.screens.currentWidget() is window.training
    window.close_at_once()


def test_the_next_day_has_a_plan_of_its_own(qtbot, store):
    days = [START]
    made = ProgrammeScreen(store=store, today=lambda: days[0])
    qtbot.addWidget(made)
    days[0] += dt.timedelta(days=1)
    made.refresh()
    assert made.found.plan.day == str(days[0])
