from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog

from emgmon.exercise.catalogue import packaged
from emgmon.live.bridge import Bridge
from emgmon.live.late import is_made
from emgmon.live.theme import LIGHT
from emgmon.live.window import Window
from emgmon.runner.board import Board

from .scenes import SITES, noise, scenes

pytestmark = pytest.mark.qt


@pytest.fixture
def window(qtbot) -> Window:
    made = Window(Bridge(), lambda: True, board=Board(), catalogue=packaged())
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def opened(window, monkeypatch) -> list[Path]:
    paths: list[Path] = []
    monkeypatch.setattr(window.review, "open", paths.append)
    return paths


def drop(window, *paths: str) -> bool:
    """Drag files over the window, and drop them where it takes them."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) for path in paths])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    drag = QDragEnterEvent(QPoint(50, 50), Qt.DropAction.CopyAction, data, buttons, keys)
    drag.ignore()
    QApplication.sendEvent(window, drag)
    if not drag.isAccepted():
        return False
    dropped = QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(window, dropped)
    return dropped.isAccepted()


def test_the_tabs_in_their_order(window, qtbot):
    names = ["Sensors", "Calibrate", "Train", "Signals", "Review", "History", "Programme"]
    assert [button.text() for button in window.header.buttons] == names
    for number, name in enumerate(names):
        qtbot.keyClick(window, Qt.Key(Qt.Key.Key_1 + number))
        assert window.screens.currentWidget() is window.pages[name].widget
        assert [button.text() for button in window.header.buttons if button.isChecked()] == [name]


def test_a_page_that_is_not_asked_for_is_not_made(window):
    late = [name for name in window.pages if not is_made(window, name)]
    assert late == ["Review", "History", "Programme"]
    for name in reversed(late):
        window.set_theme(LIGHT)  # a page is made in the theme of its moment
        window.show_page(name)
        made = window.pages[name].widget
        assert is_made(window, name)
        assert window.screens.currentWidget() is made
        assert made is getattr(window, name.lower())
        assert LIGHT.text in (made.sheet if name == "Review" else made).styleSheet()
    assert [window.screens.widget(n) for n in range(7)] == [page.widget for page in window.pages.values()]


def test_closing_makes_no_page(window):
    window.close_recording()
    assert not is_made(window, "Review")


def test_switching_loses_nothing(window):
    window.bridge.push([*scenes()["on-target"], *noise("GL", 0.0, 1.0)])
    window.tick()
    for name in (*window.pages, *reversed(window.pages)):
        window.show_page(name)
    assert len(window.state.reps) == 6
    assert SITES["GL"] in window.signals.scales()


def test_every_page_takes_the_theme(window):
    window.set_theme(LIGHT)
    pictures = {}
    for name in window.pages:
        window.show_page(name)
        pictures[name] = window.screens.grab().toImage()
    for name, picture in pictures.items():
        assert picture.pixelColor(2, picture.height() - 2).lightness() > 150, name


@pytest.mark.parametrize("name", ["Review", "History"])
def test_an_empty_page_says_how_it_is_filled(window, name):
    window.show_page(name)
    labels = [item.text() for item in window.pages[name].widget.findChildren(type(window.status)) if item.text()]
    assert len(labels) >= 2, labels


def test_a_recording_is_dropped(window, opened, tmp_path):
    wanted = str(tmp_path / "a session.MCAP")
    assert drop(window, str(tmp_path / "notes.txt"), wanted)
    assert opened == [Path(wanted)]
    assert window.screens.currentWidget() is window.review


def test_another_file_is_not_taken(window, opened):
    assert not drop(window, "/home/ada/notes.txt")
    assert opened == []


def test_a_recording_is_pointed_at(window, opened, qtbot, monkeypatch):
    answers = [("", ""), ("/home/ada/a.mcap", "Recordings")]
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: answers.pop(0))
    qtbot.keyClick(window, Qt.Key.Key_O)
    assert opened == []
    qtbot.keyClick(window, Qt.Key.Key_O)
    assert opened == [Path("/home/ada/a.mcap")]
