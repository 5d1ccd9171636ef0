"""What is heard, and what is said when nothing is."""

import asyncio
import threading

import pytest

from emgmon.errors import BluetoothUnavailable, DeviceNotFound
from emgmon.exercise.catalogue import packaged
from emgmon.runner import listening
from emgmon.runner.board import Board
from emgmon.runner.listening import Listening, Plan
from emgmon.sources.ble import Radio


def listen(monkeypatch, scan, *, by_itself, board=None):
    monkeypatch.setattr(listening, "scan", scan)
    monkeypatch.setattr(listening, "AGAIN_S", 0.01)
    board = board or Board()
    plan = Plan(Radio(lambda: 0), {}, packaged(), "bridge_2leg", by_itself=by_itself, scan_s=0.01)

    def commands():
        command = board.told()
        return [command] if command else []

    return asyncio.run(Listening(plan, board, commands).run(threading.Event()))


async def no_bluetooth(_radio, _length_s):
    raise BluetoothUnavailable("No Bluetooth: it is switched off; switch it on in the system's settings.")


async def silence(_radio, _length_s):
    return []


def test_without_anybody_to_ask_no_bluetooth_is_an_error(monkeypatch):
    with pytest.raises(BluetoothUnavailable, match="switch it on"):
        listen(monkeypatch, no_bluetooth, by_itself=True)


def test_without_anybody_to_ask_silence_is_an_error(monkeypatch):
    with pytest.raises(DeviceNotFound, match="Switch it on, hold it near"):
        listen(monkeypatch, silence, by_itself=True)


@pytest.mark.parametrize(("scan", "said"), [(no_bluetooth, "switch it on"), (silence, "hold it near")])
def test_with_a_person_it_is_said_and_tried_again(monkeypatch, scan, said):
    board, tries = Board(), []

    async def counted(radio, length_s):
        tries.append(board.view.problem)
        if len(tries) == 3:
            board.tell("connect")  # nothing is heard: nothing to connect
            board.tell("finish")
        return await scan(radio, length_s)

    assert listen(monkeypatch, counted, by_itself=False, board=board) is None
    assert said in tries[-1]
