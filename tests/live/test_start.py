from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFileDialog

from emgmon.cli import main, start
from emgmon.live.start import StartWindow, ask_what

pytestmark = pytest.mark.qt


@pytest.fixture
def window(qtbot) -> StartWindow:
    made = StartWindow()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.mark.parametrize(
    ("name", "command"), [("live", ["live"]), ("demo", ["demo"]), ("weeks", ["demo", "--weeks", "8"])]
)
def test_a_choice_is_a_command(window, qtbot, name, command):
    qtbot.mouseClick(window.buttons[name], Qt.MouseButton.LeftButton)
    assert window.chosen == command
    assert not window.isVisible()


def test_a_recording_is_asked_for(window, qtbot, monkeypatch):
    answers = [("", ""), ("/home/ada/a.mcap", "Recordings")]
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: answers.pop(0))
    qtbot.mouseClick(window.buttons["review"], Qt.MouseButton.LeftButton)
    assert window.isVisible(), "nothing was chosen"
    qtbot.mouseClick(window.buttons["review"], Qt.MouseButton.LeftButton)
    assert window.chosen == ["review", str(Path("/home/ada/a.mcap"))]


def test_closing_the_first_window_is_no_choice(qapp):
    timer = QTimer()
    timer.timeout.connect(lambda: [w.close() for w in qapp.topLevelWidgets() if isinstance(w, StartWindow)])
    timer.start(10)
    assert ask_what() == []
    timer.stop()


def test_without_a_screen_there_is_help(capsys):
    assert start.wanted() is None
    assert main([]) == 0
    assert "COMMAND" in capsys.readouterr().out


def test_what_was_chosen_is_run(monkeypatch, capsys):
    monkeypatch.setattr(start, "wanted", lambda: ["exercises", "bridge_2leg"])
    assert main([]) == 0
    assert "Glute bridge" in capsys.readouterr().out
