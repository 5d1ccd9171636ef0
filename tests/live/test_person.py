"""The window as a person uses it, over the real program below: demo to report, a sensor that is lost, closing early."""

import threading
from itertools import islice
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from emgmon.cli import main, start
from emgmon.live import run_window
from emgmon.live.bridge import Bridge
from emgmon.live.endcard import EndCard
from emgmon.live.start import StartWindow
from emgmon.live.state import Light
from emgmon.live.window import Window
from emgmon.model import Mark, Placement
from emgmon.pipeline import Pipeline
from emgmon.runner.board import RECORDING, Board
from emgmon.storage.recorder import Recorder
from emgmon.storage.recording import read_recording

pytestmark = [pytest.mark.qt, pytest.mark.usefixtures("qapp")]
RECORDINGS = Path(__file__).parents[2] / "recordings"
TICK_S = 0.1


def shown(kind: type) -> Window | StartWindow | None:
    found = (widget for widget in QApplication.topLevelWidgets() if isinstance(widget, kind) and widget.isVisible())
    return next(found, None)


class Person:
    """Looks at the screen all the time and takes one step after the other, each when it can be taken.

    A step is a function that returns true when it was taken.
    """

    def __init__(self, *steps, patience_s: float = 60.0) -> None:
        self.steps, self.failure = list(steps), None
        self._left = round(patience_s / 0.02)
        self._timer = QTimer()
        self._timer.timeout.connect(self._look)
        self._timer.start(20)

    def _look(self) -> None:
        self._left -= 1
        try:
            if self.steps and self.steps[0]():
                self.steps.pop(0)
            assert self._left > 0, f"still waiting, {len(self.steps)} steps before the end"
        except Exception as error:  # noqa: BLE001 - told when the window is closed
            self.failure, self.steps = error, []
            for widget in QApplication.topLevelWidgets():
                (getattr(widget, "close_at_once", None) or widget.close)()

    def done(self) -> None:
        self._timer.stop()
        if self.failure is not None:
            raise self.failure
        assert self.steps == []


def step(ready, act):
    """Make a step that is taken with what `ready` returns, as soon as it returns something."""

    def take() -> bool:
        found = ready()
        if found is not None:
            act(found)
        return found is not None

    return take


def click(button) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.mark.slow
def test_from_the_first_window_through_the_demo_to_the_report(tmp_path, monkeypatch, capsys):
    opened, seen = [], []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    monkeypatch.setattr(start, "UNSEEN", ())
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)

    def look_around(window: Window) -> None:
        for name in (*window.pages, "Train"):
            window.show_page(name)
        seen.append((window.state.exercise_title, window.screens.currentWidget() is window.training))

    def look_back(card: EndCard) -> None:
        QTest.mouseClick(card.review, Qt.MouseButton.LeftButton)
        window = shown(Window)
        seen.append(window.screens.currentWidget() is window.review)

    steps = [
        step(lambda: shown(StartWindow), lambda first: click(first.buttons["demo"])),
        step(lambda: shown(Window), lambda _window: None),
        step(lambda: shown(Window) if shown(Window).state.in_set else None, look_around),
        step(lambda: shown(Window).card, lambda card: click(card.open_report)),
        step(lambda: shown(Window).card, look_back),
        step(lambda: shown(Window), lambda window: window.close()),
    ]
    chosen = start.wanted
    monkeypatch.setattr(start, "wanted", lambda: [*chosen(), "--reps", "1", "--speed", "8", "--out", str(tmp_path)])
    person = Person(*steps)
    assert main([]) == 0
    person.done()
    assert seen == [("Glute bridge", True), True]
    (report,) = tmp_path.glob("*.html")
    assert opened == [report.resolve().as_posix()]
    (recording,) = tmp_path.glob("*.mcap")
    kept = read_recording(recording)
    assert any(isinstance(entry, Mark) and entry.kind == "set_start" for entry in kept)
    assert kept.damage == []
    assert "report" in capsys.readouterr().err


@pytest.mark.slow
def test_a_sensor_is_lost_and_found_again_within_a_set(qtbot):
    window = Window(Bridge(), lambda: True)
    qtbot.addWidget(window)
    window.show()
    lost, pipeline = Placement("biceps_femoris", "left"), Pipeline()
    story, shares = [], []
    next_s = 0.0
    for entry in read_recording(RECORDINGS / "bridges-faults.mcap"):
        events = pipeline.feed(entry)
        window.bridge.push(events)
        if any(event.t_s >= next_s for event in events if not hasattr(event, "start_s")):
            next_s = max(event.t_s for event in events if not hasattr(event, "start_s")) + TICK_S
            window.tick()
            state = window.state
            light = state.light(lost)
            if state.in_set and (not story or story[-1] != light):
                story.append(light)
            if light is Light.LOST and state.in_set:
                shares.append(bool(state.frame and state.frame.share))
            if Light.LOST in story and story[-1] is not Light.LOST:
                break
    assert story[0] is Light.GOOD
    assert story[-1] in {Light.GOOD, Light.WEAK}
    assert len(shares) > 10
    assert not any(shares[10:]), "a second after it is lost there is no share"
    assert window.state.in_set
    assert len(window.state.reps) >= 2, "what was done before is still there"


def test_closing_while_recording_asks_and_keeps(tmp_path, monkeypatch):
    path, board, asked = tmp_path / "session.mcap", Board(), []
    entries = list(islice(read_recording(RECORDINGS / "bridges-clean.mcap"), 400))
    answers = [QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes]
    monkeypatch.setattr(QMessageBox, "question", lambda *_: asked.append(1) or answers.pop(0))

    def work(_bridge: Bridge, stop: threading.Event) -> None:
        with Recorder(path) as recorder:
            for entry in entries:
                recorder.append(entry)
            board.show(stage=RECORDING)
            stop.wait()

    def close() -> bool:
        window = shown(Window)
        if window is None or not window.state.recording:
            return False
        assert not window.close()
        return window.isVisible() and asked == [1]

    def close_again() -> bool:
        shown(Window).close()
        return len(asked) == 2

    person = Person(close, close_again)
    run_window(work, title="A session", board=board)
    person.done()
    assert list(read_recording(path)) == entries
    assert not path.with_suffix(".part.mcap").exists()
