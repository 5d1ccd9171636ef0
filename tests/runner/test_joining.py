"""A sensor that connects when the recording runs already: offered, placed, recorded and analysed from then on."""

import asyncio
import threading

import pytest

from emgmon.model import Mark, Notice, Packet, Placement, SignalSeen, Stream
from emgmon.runner import analyse
from emgmon.runner.board import CONNECTING, RECORDING, Board, Channel
from emgmon.runner.joining import Joining
from emgmon.runner.placing import read_places
from emgmon.sources.supervisor import BleSource
from firmware_sim import Faults, Window
from firmware_sim.virtualtime import run_virtually

from .attending import attend, seen
from .test_attended import Kept

GL, HR = Placement("gluteus_maximus", "left"), Placement("biceps_femoris", "right")


def emg(name, *places):
    return Stream(name, "emg", "uv", 1000.0, places)


def imu(name, *places):
    return Stream(name, "imu", "g,dps", 100.0, places)


@pytest.fixture
def board():
    made = Board()
    made.show(stage=RECORDING, wanted=("A", "B"), channels=(Channel("A", "emg", 0, GL),))
    return made


def joining(board, places=(), memory=None):
    said = []
    return Joining(board, dict(places), memory, said.append), said


def test_who_was_there_is_nobody_new(board):
    late, said = joining(board)
    assert late.look([emg("A", GL)]) == []
    assert said == []
    assert board.view.joined == ()


def test_a_sensor_without_a_place_is_offered_one_and_placed_once(board, tmp_path):
    memory = tmp_path / "placements.toml"
    late, said = joining(board, memory=memory)
    assert late.look([emg("A", GL), emg("B", None)]) == []
    assert board.view.joined == ("B",)
    assert board.view.may_place("B")
    assert not board.view.may_place("A")
    assert said == ["B has joined and is recorded: choose its place on the Sensors page."]
    late.place("B=biceps_femoris/right")
    assert late.look([emg("A", GL), emg("B", None)]) == [
        {"device": "B", "channels": {"emg": ["biceps_femoris/right"]}},
    ]
    assert late.look([emg("A", GL), emg("B", HR)]) == []
    assert [c.placement for c in board.view.channels] == [GL, HR]
    assert read_places(memory) == {"B": (HR,)}


def test_a_remembered_place_is_taken_and_its_motion_sensor_follows(board):
    late, said = joining(board, {"B": (HR,)})
    assert late.look([emg("B", None)]) == [{"device": "B", "channels": {"emg": [str(HR)]}}]
    assert late.look([emg("B", HR), imu("B", None)]) == [
        {"device": "B", "channels": {"emg": [str(HR)], "imu": [str(HR)]}},
    ]
    assert said == ["B has joined and is recorded: Biceps femoris, right."]
    assert board.view.motion == (HR,)


def test_a_place_that_somebody_bears_is_refused_even_when_the_sensor_says_it(board):
    late, said = joining(board)
    assert late.look([emg("B", GL)]) == [{"device": "B", "channels": {"emg": [None]}}]
    assert "choose its place" in said[-1]
    late.place("B=gluteus_maximus/left")
    assert said[-1] == "Gluteus maximus, left bears a sensor already: choose another place."
    late.place("A=gluteus_maximus/right")
    assert "stays where it was" in said[-1]
    late.place("B=nose/left")
    assert "no place is called 'nose'" in said[-1]
    assert late.look([emg("B", GL)]) == []


def test_a_file_that_cannot_be_written_is_said(board, tmp_path):
    late, said = joining(board, memory=tmp_path)
    late.look([emg("B", None)])
    late.place(f"B={HR}")
    assert str(tmp_path) in said[-1]


@pytest.mark.slow
@pytest.mark.system
def test_over_the_radio_it_is_recorded_and_analysed_from_then_on():
    """Of two sensors one is connected and says nothing until the recording has begun; it is worn elsewhere."""
    kept, board, stop = Kept(), Board(), threading.Event()
    mute = Faults(stalls=(Window("EMG-GR", 0.0, 20.0),))

    async def run():
        began = asyncio.create_task(
            attend(
                kept.open,
                board,
                stop,
                sink=kept.events.extend,
                sensors=["EMG-GL", "EMG-GR"],
                faults=mute,
                by_itself=False,
                begin_at=CONNECTING,
                wait_s=4.0,
            )
        )
        try:
            await seen(board, lambda view: len(view.heard) == 2)
            board.tell("connect")
            await seen(board, lambda view: view.stage == "placing" and len(view.placed) == 1)
            board.tell("go")
            await seen(board, lambda view: view.stage == RECORDING)
            await seen(board, lambda view: view.joined == ("EMG-GR",))
            board.tell("place", "EMG-GR=biceps_femoris/right")
            await seen(board, lambda view: HR in [channel.placement for channel in view.channels])
            await asyncio.sleep(3.0)
        finally:
            stop.set()
            await began

    run_virtually(run())
    marks = [e for e in kept.entries if isinstance(e, Mark)]
    placed = [e for e in marks if e.kind == "placement" and e.data["device"] == "EMG-GR"]
    assert all(e.data["channels"]["emg"] == [str(HR)] for e in placed)
    assert placed[-1].data["channels"]["imu"] == [str(HR)]  # its motion may be heard a moment later
    first_ns = next(e.host_ns for e in kept.entries if isinstance(e, Packet) and e.device == "EMG-GR")
    assert first_ns <= placed[0].host_ns
    assert any("EMG-GR has joined" in e.text for e in kept.events if isinstance(e, Notice))
    assert HR in {event.placement for event in kept.events if isinstance(event, SignalSeen)}
    again = analyse(kept.entries)
    assert {channel.placement for channel in again.channels if channel.quantity == "emg"} >= {GL, HR}


@pytest.mark.slow
@pytest.mark.system
def test_sensors_with_a_place_that_nobody_heard_are_awaited_and_others_are_not(monkeypatch):
    """Of two sensors with a place one was switched off when the session looked; it is one of all when it comes."""
    kept, board, stop, awaited = Kept(), Board(), threading.Event(), []
    streaming = BleSource.streaming

    def watched(source, found, **how):
        awaited.append(set(how["awaited"]))
        source.emit(Mark(1, "device", {"device": "EMG-HR", "driver": "emgmon_gatt"}))
        return streaming(source, found, **{**how, "awaited": ()})

    async def run():
        places = {"EMG-GL": (GL,), "EMG-HR": (HR,)}
        began = asyncio.create_task(
            attend(kept.open, board, stop, sensors=["EMG-GL", "EMG-GR"], places=places, wait_s=4.0)
        )
        await seen(board, lambda view: view.stage == RECORDING)
        stop.set()
        await began

    monkeypatch.setattr(BleSource, "streaming", watched)
    run_virtually(run())
    assert awaited == [{"EMG-HR"}]
    assert set(board.view.wanted) == {"EMG-GL", "EMG-GR", "EMG-HR"}
