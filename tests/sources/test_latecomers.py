"""Sensors of the set-up that are switched on when the session runs already."""

import asyncio

import pytest

import firmware_sim
from emgmon.devices.base import Driver, StreamSettings
from emgmon.errors import BluetoothUnavailable
from emgmon.model import Mark, Packet
from emgmon.sources import latecomers as module
from emgmon.sources.ble import Found, Radio, scan
from emgmon.sources.latecomers import among, latecomers
from emgmon.sources.supervisor import BleSource
from firmware_sim.virtualtime import run_virtually

TOY = Driver("toy", "Toy", lambda _a: True, None, None)


def found(name, address="AA:BB:CC:DD:EE:01", driver=TOY):
    return Found(name, address, -50, driver, object())


def test_only_awaited_sensors_that_are_not_there_come():
    heard = [found("A"), found("B", "AA:BB:CC:DD:EE:02"), found("C", "AA:BB:CC:DD:EE:03"), found("D", driver=None)]
    assert set(among(heard, {"A", "B", "D"}, {"AA:BB:CC:DD:EE:02"})) == {"A"}


def test_of_two_with_one_name_the_late_one_is_known_by_its_address():
    late = found("uMyo", "AA:BB:CC:DD:EE:02")
    assert among([late], {"uMyo EE:02"}, set()) == {"uMyo EE:02": late}


def looks(monkeypatch, answers, awaited):
    """Who comes, when the radio hears these one after the other; and how many answers are left."""
    left = list(answers)

    async def heard(_radio, _length_s):
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def run():
        came = []
        async for name, driver, item in latecomers(None, asyncio.Lock(), awaited, set()):
            came.append((name, driver.name, item.address))
        return came

    monkeypatch.setattr(module, "scan", heard)
    return run_virtually(run()), len(left)


def test_it_listens_until_all_are_there_whatever_the_radio_does(monkeypatch):
    second = found("B", "AA:BB:CC:DD:EE:02")
    answers = [[], BluetoothUnavailable("off"), [found("A")], [], [second], [second]]
    came, left = looks(monkeypatch, answers, {"A", "B"})
    assert came == [("A", "toy", "AA:BB:CC:DD:EE:01"), ("B", "toy", "AA:BB:CC:DD:EE:02")]
    assert left == 1


@pytest.mark.slow
@pytest.mark.system
@pytest.mark.parametrize("awaited", [("EMG-GR",), ()])
def test_over_the_radio_a_sensor_that_is_switched_on_late_is_recorded_if_it_is_awaited(awaited):
    """The simulated sensor advertises only once the other one streams."""
    entries = []

    async def run():
        script = firmware_sim.bridges(1, seed=2)
        async with firmware_sim.open_world(script, seed=2, sensors=["EMG-GL", "EMG-GR"]) as world:
            late = world._peripheral("EMG-GR")._device
            await late.stop_advertising()
            radio = Radio(world.clock_ns, world.client_kwargs, world.scanner_kwargs)
            first = await scan(radio, 1.0)
            assert [item.name for item in first] == ["EMG-GL"]
            world.begin()
            source = BleSource(radio, StreamSettings(packet_s=0.1), entries.append)
            async with source.streaming(first, wait_s=4.0, awaited=awaited) as ready:
                assert ready == ["EMG-GL"]
                await late.start_advertising(auto_restart=True)
                await asyncio.sleep(15.0)

    run_virtually(run())
    kinds = [e.kind for e in entries if isinstance(e, Mark) and e.data["device"] == "EMG-GR"]
    packets = [e for e in entries if isinstance(e, Packet) and e.device == "EMG-GR"]
    assert kinds == (["device", "connected", "started"] if awaited else [])
    assert bool(packets) is bool(awaited)
