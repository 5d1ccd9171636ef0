import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices

from emgmon.live.bridge import Bridge, Ending
from emgmon.live.theme import DARK, LIGHT
from emgmon.live.window import Window
from emgmon.model import Notice

from .scenes import SITES, noise, scenes, set_closed

pytestmark = pytest.mark.qt


@pytest.fixture
def window(qtbot) -> Window:
    made = Window(Bridge(), lambda: True, title="A session", recording=True)
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_tick_takes_what_waits_into_state_and_signals(window):
    window.bridge.push([*scenes()["on-target"], *noise("GL", 0.0, 1.0), Notice(253.0, "Press the left electrode.")])
    window.tick()
    assert window.bridge.drain() == []
    assert window.state.exercise_title == "Glute bridge"
    assert SITES["GL"] in window.signals.scales()
    assert window.status.text() == "Press the left electrode."
    assert window.state.recording


def test_a_tick_repaints_only_the_screen_that_is_seen(window, monkeypatch):
    calls = []
    monkeypatch.setattr(window.training, "update", lambda: calls.append("train"))
    monkeypatch.setattr(window.signals, "refresh", lambda: calls.append("signals"))
    window.tick()
    assert calls == []
    window.bridge.push(scenes()["rest"])
    window.tick()
    assert calls == ["train"]
    window.select(1)
    assert calls == ["train", "signals"], "a page that comes to the front shows what is new"
    window.bridge.push(scenes()["rest"])
    window.tick()
    assert calls == ["train", "signals", "signals"]


def test_keys_change_screen_and_theme(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_2)
    assert window.screens.currentWidget() is window.signals
    assert [number for number, button in enumerate(window.header.buttons) if button.isChecked()] == [1]
    qtbot.keyClick(window, Qt.Key.Key_1)
    assert window.screens.currentWidget() is window.training
    qtbot.keyClick(window, Qt.Key.Key_T)
    assert window.training.theme is window.signals.theme is LIGHT
    qtbot.keyClick(window, Qt.Key.Key_T)
    assert window.training.theme is DARK


def test_signals_are_raw_or_filtered_by_a_key_where_they_are_seen(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_U)
    assert not window.signals.raw
    qtbot.keyClick(window, Qt.Key.Key_2)
    qtbot.keyClick(window, Qt.Key.Key_U)
    assert window.signals.raw
    qtbot.keyClick(window, Qt.Key.Key_U)
    assert not window.signals.raw


def test_tabs_can_be_clicked(window, qtbot):
    qtbot.mouseClick(window.header.buttons[1], Qt.MouseButton.LeftButton)
    assert window.screens.currentWidget() is window.signals


def test_space_pauses_the_signals_only(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert not window.signals.paused
    qtbot.keyClick(window, Qt.Key.Key_2)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert window.signals.paused
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert not window.signals.paused


def test_full_screen_is_the_training_alone(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_F11)
    assert window.isFullScreen()
    assert not window.header.isVisible()
    assert window.training.shows_notice
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    assert window.header.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.isVisible()


def test_control_q_and_closing_ask_whether_the_session_is_saved(qtbot):
    answers, asked = [False, True], []
    window = Window(Bridge(), lambda: asked.append(1) or answers.pop(0))
    qtbot.addWidget(window)
    window.show()
    qtbot.keyClick(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert window.isVisible()
    window.close()
    assert not window.isVisible()
    assert len(asked) == 2


def test_the_end_card_says_what_was_done_and_opens_the_report(window, qtbot, monkeypatch, tmp_path):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    window.bridge.push([set_closed(2, 0.53, 0.49)])
    window.tick()
    window.select(1)
    report = tmp_path / "a report.html"
    window.show_ending("Session done", Ending(str(report), "Saved <b>all</b>.\nGood night."))
    assert window.screens.currentWidget() is window.training
    said = [label.text() for label in window.card.findChildren(type(window.status))]
    assert said == [
        "Session done",
        "Glute bridge, set 2: 6 reps, glute share 53 % then 49 % (first, second half)",
        "Saved <b>all</b>.",
        "Good night.",
        str(report),
    ]
    qtbot.mouseClick(window.card.open_report, Qt.MouseButton.LeftButton)
    assert opened == [report.as_posix()]
    window.set_theme(LIGHT)
    window.resize(700, 500)
    assert window.training.rect().contains(window.card.geometry())


def test_without_a_report_there_is_no_button(window):
    window.show_ending("Session done", Ending(None, ""))
    assert window.card.open_report is None
