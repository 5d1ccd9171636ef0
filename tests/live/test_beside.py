"""What lies over the window or stands beside it, feedback by key, and the question after a set."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from emgmon.exercise.catalogue import packaged
from emgmon.live.bridge import Bridge
from emgmon.live.cues_sound import Listener, Sound
from emgmon.live.marks import Feedback, Task
from emgmon.live.sound import SILENT, Player
from emgmon.live.theme import LIGHT
from emgmon.live.window import Window
from emgmon.model import CueWord
from emgmon.runner.board import RECORDING, Board
from emgmon.runner.doing import LEAD, SET, Doing

from .scenes import frame, opened, reps_done, scenes, set_closed, streaming

pytestmark = pytest.mark.qt
ASKS = ("Tension in the hamstrings after this set, 0 to 10?",)


@pytest.fixture
def player() -> Player:
    return Player(SILENT, lambda _text: None)


@pytest.fixture
def window(qapp, player) -> Iterator[Window]:  # noqa: ARG001 - a window needs an application
    made = Window(Bridge(), lambda: True, board=Board(), catalogue=packaged(), player=player)
    made.show()
    made.board.show(stage=RECORDING, rested=True, pain=0.0)
    made.tick()
    made.show_page("Train")
    yield made
    made.close_at_once()
    made.deleteLater()


def told(window) -> list[tuple[str, str]]:
    commands = []
    while (command := window.board.told()) is not None:
        commands.append(command)
    return commands


def test_the_training_page_stands_in_a_window_of_its_own(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_F10)
    outside = window.beside.outside
    assert outside.isVisible()
    assert outside.isWindow()
    window.bridge.push(scenes()["on-target"])
    window.show_page("Sensors")
    window.tick()
    assert outside.picture.state is window.state
    glutes = outside.picture.grab().toImage().pixelColor(2, outside.picture.height() // 2)
    assert glutes == window.theme.group("G")
    window.set_theme(LIGHT)
    assert outside.picture.theme is LIGHT
    qtbot.keyClick(outside, Qt.Key.Key_Escape)
    assert window.beside.outside is None
    assert window.isVisible()


def test_it_fills_its_screen_and_closes_with_the_session(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_F10)
    outside = window.beside.outside
    qtbot.keyClick(outside, Qt.Key.Key_F11)
    assert outside.isFullScreen()
    qtbot.keyClick(outside, Qt.Key.Key_F11)
    assert not outside.isFullScreen()
    window.close_at_once()
    assert window.beside.outside is None
    assert not [w for w in QApplication.topLevelWidgets() if w is not window and w.isVisible()]


def test_the_keys_are_listed_and_left(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_F1)
    said = [part.text() for part in window.beside.keys.findChildren(QLabel)]
    assert {"it hurts: stop at once", "F10", "V"} <= set(said)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.beside.keys is None
    qtbot.mouseClick(window.header.keys, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(window.beside.keys, Qt.MouseButton.LeftButton)
    assert window.beside.keys is None


def test_feedback_is_held_back_for_eye_and_ear(window, qtbot, player, monkeypatch):
    heard = []
    monkeypatch.setattr(player, "know", lambda feedback, _task: heard.append(feedback))
    seen = []
    for _ in Feedback:
        qtbot.keyClick(window, Qt.Key.Key_V)
        seen.append(window.state.feedback)
    assert seen == heard == [Feedback.FADED, Feedback.AFTER, Feedback.LIVE]
    assert window.status.text() == "Feedback: live."


def test_a_listener_says_nothing_of_a_rep_that_is_not_shown():
    listener = Listener()
    for event in (*streaming(), opened(), *reps_done(), frame()):
        listener.take(event)
    assert listener.tone() is not None
    listener.know(Feedback.AFTER, None)
    assert listener.tone() is None
    assert Sound.MORE_GLUTE not in listener.take(frame(leader="H", cue=CueWord.MORE_GLUTE))
    listener.know(Feedback.LIVE, None)
    assert Sound.MORE_GLUTE in listener.take(frame(leader="H", cue=CueWord.MORE_GLUTE))


def test_what_the_person_is_at_is_heard():
    listener = Listener()
    listener.take(frame())
    listener.know(Feedback.LIVE, Task("LIE STILL", "TIME LEFT", 8.0))
    assert listener.take(frame(t_s=253.0)) == (Sound.PROMPT,)


def test_what_begins_by_itself_is_counted_down_on_the_page(window):
    window.bridge.push([*streaming(), frame()])
    window.board.show(doing=Doing(LEAD, "Glute bridge", "", 10.0, 15.0), now_s=12.0)
    window.tick()
    assert window.state.task == Task("GET READY", "STARTS IN", 3.0)
    window.board.show(doing=Doing(SET, "Glute bridge", "", 15.0), now_s=15.1)
    window.tick()
    assert window.state.task is None


def test_tension_is_asked_after_a_set_that_asks_for_it(window, qtbot):
    window.bridge.push([*streaming(), opened(asks=ASKS), frame(), set_closed()])
    window.tick()
    assert window.controls.asked.isVisible()
    assert window.controls.asked.text.text() == "Tension in the hamstrings?"
    assert not window.controls.surgery.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_4)
    assert told(window) == [("tension", "4")]
    assert window.controls.buttons["set"].isVisible()
    assert window.screens.currentWidget() is window.training, "a digit that answers is no page"


def test_the_question_can_be_left_out(window, qtbot):
    window.bridge.push([*streaming(), opened(asks=ASKS), frame(), set_closed()])
    window.tick()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert told(window) == []
    assert window.controls.buttons["set"].isVisible()


def test_other_sets_end_without_a_question(window):
    window.bridge.push([*streaming(), opened(), frame(), set_closed()])
    window.tick()
    assert not window.controls.asked.isVisible()
