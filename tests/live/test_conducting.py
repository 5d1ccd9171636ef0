"""A session conducted in the window, from the Sensors screen to the report, over a simulated world."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

import firmware_sim
from emgmon.cli import live as command
from emgmon.cli.live import LiveSession
from emgmon.exercise.catalogue import packaged
from emgmon.live.bridge import Bridge
from emgmon.live.sensor_cards import HeardCard, MissingCard, SensorCard
from emgmon.live.strings import words
from emgmon.live.theme import LIGHT
from emgmon.live.window import Window
from emgmon.model import DeviceChanged, Placement
from emgmon.runner.board import CONNECTING, PLACING, RECORDING, SCANNING, Board, Channel, Heard
from emgmon.runner.doing import SET, Doing
from emgmon.sources.ble import Radio
from firmware_sim.virtualtime import run_virtually

from .scenes import SITES, noise

pytestmark = pytest.mark.qt

GL = SITES["GL"]


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture
def window(qapp, board) -> Iterator[Window]:  # noqa: ARG001 - a window needs an application
    made = Window(Bridge(), lambda: True, board=board, catalogue=packaged())
    made.show()
    yield made
    made.close_at_once()
    made.deleteLater()


def told(board) -> list[tuple[str, str]]:
    commands = []
    while (command := board.told()) is not None:
        commands.append(command)
    return commands


def show(window, **changed) -> None:
    window.board.show(**changed)
    window.tick()


def placing(window, second=None) -> None:
    channels = (Channel("a", "emg", 0, GL), Channel("b", "emg", 0, None), Channel("b", "emg", 1, second))
    show(window, stage=PLACING, wanted=("a", "b", "c"), channels=channels, can_identify=frozenset({"a"}))


def recording(window, **changed) -> None:
    placing(window)
    show(window, stage=RECORDING, exercise="bridge_2leg", rested=True, **changed)


def test_heard_sensors_are_chosen_and_connected(window, board, qtbot):
    heard = (Heard("a", "uMyo", -50), Heard("b", "Ganglion", -70))
    show(window, heard=heard)
    assert [row.heard.name for row in window.sensors.rows] == ["a", "b"]
    assert window.sensors.go.text() == "Connect 2 sensors"
    window.sensors.rows[1].wanted.setChecked(False)
    show(window, heard=(*heard, Heard("c", "uMyo", -80)))
    assert [row.wanted.isChecked() for row in window.sensors.rows] == [True, False, True]
    qtbot.mouseClick(window.sensors.go, Qt.MouseButton.LeftButton)
    assert told(board) == [("connect", "a\tc")]
    show(window, stage=CONNECTING)
    assert not window.sensors.go.isEnabled()


def test_a_problem_is_shown_where_it_can_be_mended(window):
    show(window, stage=SCANNING, problem="No Bluetooth: it is switched off.")
    assert window.sensors.nothing.isVisible()
    assert window.sensors.nothing.title.text() == "No Bluetooth: it is switched off."
    show(window, problem="The sensor refuses.", heard=(Heard("a", "uMyo", -50),))
    assert not window.sensors.nothing.isVisible()
    assert window.sensors.head.problem.text() == "The sensor refuses."
    show(window, problem="")
    assert not window.sensors.head.problem.isVisible()


def test_channels_are_placed_together_and_fewer_may_go_on(window, board, qtbot):
    placing(window)
    rows = window.sensors.rows
    assert isinstance(rows.pop(), MissingCard), "the third was chosen and does not stream"
    assert [row.chosen() for row in rows] == ["gluteus_maximus/left", "-", "-"]
    assert window.sensors.go.text() == "Go on with 1"
    rows[2].places.setCurrentIndex(rows[2].places.findData("biceps_femoris/right"))
    rows[2].places.activated.emit(0)
    assert told(board) == [("place", "b=-,biceps_femoris/right")]
    qtbot.mouseClick(rows[0].identify, Qt.MouseButton.LeftButton)
    assert told(board) == [("identify", "a")]
    assert not rows[1].identify.isVisible()
    qtbot.mouseClick(window.sensors.go, Qt.MouseButton.LeftButton)
    assert told(board) == [("go", "")]


def test_a_muscle_that_is_claimed_twice_is_marked(window):
    placing(window, second=GL)
    show(window, doubles=(f"a and b both claim {GL.title}.",))
    assert "both claim" in window.sensors.head.problem.text()
    claimed, nowhere = words("state.twice"), words("state.nowhere")
    marked = [row.remark.text() for row in window.sensors.rows if isinstance(row, SensorCard)]
    assert marked == [claimed, nowhere, claimed]


def test_the_recording_opens_calibration_and_locks_the_places(window):
    recording(window, batteries={"a": 61})
    assert window.screens.currentWidget() is window.calibrate
    assert window.state.recording
    assert window.controls.isVisible()
    cards = [row for row in window.sensors.rows if isinstance(row, SensorCard)]
    assert not any(row.places.isEnabled() for row in cards)
    assert window.sensors.rows[0].battery.text == "61 %"


def test_keys_are_words(window, board, qtbot):
    recording(window, pain=0.0, kind="T1")
    for key in "RGBSXNCF":
        qtbot.keyClick(window, getattr(Qt.Key, f"Key_{key}"))
        if key == "N":
            qtbot.keyClicks(window.controls.note, "left knee")
            qtbot.keyClick(window.controls.note, Qt.Key.Key_Return)
    expected = [("rest", ""), ("reference", "G"), ("reference", "E"), ("set", ""), ("hurts", ""), ("note", "left knee")]
    assert told(board) == [*expected, ("cancel", ""), ("finish", "")]


def test_a_reference_asks_for_pain_first(window, board, qtbot):
    recording(window)
    qtbot.keyClick(window, Qt.Key.Key_G)
    assert window.controls.asked.isVisible()
    window.controls.surgery.setChecked(True)
    qtbot.keyClick(window, Qt.Key.Key_2)
    assert told(board) == [("pain", "2 surgery")]
    assert not window.controls.asked.isVisible()
    assert window.screens.currentWidget() is window.calibrate, "the digit was no screen"


def test_nothing_is_lost_by_going_through_the_screens(window, qtbot):
    recording(window, pain=0.0, kind="T1", doing=Doing(SET, "Glute bridge", "", 3.0), now_s=9.0)
    window.bridge.push([DeviceChanged(1.0, "a", "streaming", (GL,), 80), *noise("GL", 0.0, 0.5)])
    window.tick()
    qtbot.keyClick(window, Qt.Key.Key_N)
    window.controls.note.setText("half a no")
    for key in (Qt.Key.Key_1, Qt.Key.Key_3, Qt.Key.Key_4, Qt.Key.Key_2):
        qtbot.keyClick(window, key)
    assert window.controls.note.text() == "half a no"
    assert window.controls.doing.text() == "Glute bridge: 6 s"
    assert list(window.signals.scales()) == [GL]
    window.set_theme(LIGHT)
    assert len(window.sensors.rows) == 4


def test_what_came_before_a_new_placement_is_forgotten(window):
    old, new = GL, Placement("soleus", "left")
    window.bridge.push([DeviceChanged(1.0, "a", "streaming", (old,), 80), *noise("GL", 0.0, 0.5)])
    window.tick()
    window.bridge.begin_anew()
    window.bridge.push([DeviceChanged(1.0, "a", "streaming", (new,), 80)])
    window.tick()
    assert window.state.placements() == {new}
    assert window.signals.scales() == {}


@pytest.mark.parametrize(("answer", "closed"), [(True, True), (False, False)])
def test_closing_while_recording_asks(window, monkeypatch, answer, closed):
    recording(window)
    monkeypatch.setattr(window, "confirms", lambda: answer)
    window.close()
    assert window.isVisible() is not closed


def test_closing_at_once_does_not_ask(window, monkeypatch):
    recording(window)
    monkeypatch.setattr(window, "confirms", lambda: pytest.fail("asked"))
    window.close_at_once()
    assert not window.isVisible()


@pytest.mark.slow
@pytest.mark.system
def test_from_sensors_to_report(qtbot, tmp_path, monkeypatch):  # noqa: PLR0915 - one story from end to end
    """Press what a person would press; the simulated person begins when the recording does."""
    worlds, begin = [], threading.Event()

    @contextlib.asynccontextmanager
    async def radio(_options):
        script = firmware_sim.bridges(1, seed=2)
        async with firmware_sim.open_world(script, seed=2, sensors=["EMG-GL", "EMG-HL"]) as world:

            async def person():
                while not begin.is_set():  # noqa: ASYNC110 - set by another thread
                    await asyncio.sleep(0.02)
                world.begin()

            task = asyncio.create_task(person())
            worlds.append(world)
            yield Radio(world.clock_ns, world.client_kwargs, world.scanner_kwargs), {"simulated": True}
            await task

    monkeypatch.setattr(command, "_radio", radio)
    # four times as fast as a clock, and slower where the computer is busy
    monkeypatch.setattr(command.asyncio, "run", lambda work: run_virtually(work, 4.0))
    options = SimpleNamespace(
        exercise="bridge_2leg",
        reps=1,
        catalogue=None,
        place=[],
        place_file=tmp_path / "p.toml",
        script=None,
        out=tmp_path,
        seconds=1.0,
        no_store=True,
        lsl=None,
    )
    session, stop = LiveSession(options, headless=False), threading.Event()
    bridge = Bridge()
    window = Window(bridge, lambda: True, board=session.board, catalogue=session.catalogue)
    qtbot.addWidget(window)
    window.show()
    thread = threading.Thread(target=session.run, args=(bridge.push, stop, bridge.begin_anew))
    thread.start()

    def until(true) -> None:
        def ticked() -> bool:
            window.tick()
            return bool(true())

        qtbot.waitUntil(ticked, timeout=40_000)

    try:
        until(lambda: len([row for row in window.sensors.rows if isinstance(row, HeardCard)]) == 2)
        qtbot.mouseClick(window.sensors.go, Qt.MouseButton.LeftButton)
        until(lambda: session.board.view.stage == PLACING and len(session.board.view.placed) == 2)
        until(lambda: all(isinstance(row, SensorCard) for row in window.sensors.rows))
        qtbot.mouseClick(window.sensors.rows[0].identify, Qt.MouseButton.LeftButton)
        name = window.sensors.rows[0].channel.device
        until(lambda: worlds[0].sensors[name].identify_until_s > 0.0)
        qtbot.mouseClick(window.sensors.go, Qt.MouseButton.LeftButton)
        until(lambda: window.screens.currentWidget() is window.calibrate)
        begin.set()
        qtbot.keyClick(window, Qt.Key.Key_R)
        until(lambda: session.board.view.rested and not session.board.view.doing.what)
        qtbot.keyClick(window, Qt.Key.Key_S)
        window.show_page("Train")
        until(lambda: window.state.in_set)
        until(lambda: session.board.view.now_s - session.board.view.doing.since_s > 8.0)
        qtbot.keyClick(window, Qt.Key.Key_S)
        until(lambda: window.state.summaries)
        qtbot.keyClick(window, Qt.Key.Key_F)
        until(lambda: not thread.is_alive())
    finally:
        window.close_at_once()
        begin.set()
        stop.set()
        thread.join(10)
        QApplication.processEvents()
    assert session.path.exists()
    assert session.path.with_suffix(".html").exists()
    assert len(session.summary.sets) == 1
    assert "EMG-GL" in (tmp_path / "p.toml").read_text()
