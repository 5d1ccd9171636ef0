"""The examination over Bluetooth's own stack: a healthy simulated sensor, and one with a flaw."""

import argparse
import json

import pytest

import firmware_sim
from emgmon.cli import check_firmware
from emgmon.errors import DeviceNotFound
from emgmon.sources.ble import Radio
from firmware_sim.flaws import FLAWS
from firmware_sim.virtualtime import run_virtually

pytestmark = [pytest.mark.system, pytest.mark.slow]


def examined(name, flaw="", *, as_json=False):
    """Exit code of an examination over the virtual radio, in virtual time."""

    async def run():
        async with firmware_sim.open_world(firmware_sim.bridges(1, seed=1), seed=1, sensors=["EMG-GL"]) as world:
            if flaw:
                FLAWS[flaw](world.sensors["EMG-GL"])
            radio = Radio(world.clock_ns, world.client_kwargs, world.scanner_kwargs)
            options = argparse.Namespace(address=name, seconds=4.0, scan_seconds=1.0, json=as_json)
            return await check_firmware.checked(radio, options)

    return run_virtually(run())


def test_the_simulated_sensor_keeps_every_rule_over_bluetooth(capsys):
    assert examined("EMG-GL") == 0
    out = capsys.readouterr().out
    assert "FAIL" not in out
    assert out.splitlines()[-1] == "every rule kept"


def test_a_broken_rule_is_named_with_its_place_in_the_document(capsys):
    assert examined("emg-gl", "sequence stands still", as_json=True) == 3
    failed = [verdict for verdict in json.loads(capsys.readouterr().out) if verdict["state"] == "FAIL"]
    assert [(verdict["rule"], verdict["section"]) for verdict in failed] == [("sequence", "Data packets")]


def test_a_sensor_that_is_not_there_is_one_line():
    with pytest.raises(DeviceNotFound, match="'EMG-XX' was heard"):
        examined("EMG-XX")
