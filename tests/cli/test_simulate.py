"""``emgmon simulate``: a sensor for another process; nothing listens unless asked."""

import argparse
import asyncio
import contextlib
import re
import subprocess
import sys

import pytest

from emgmon.cli import build_parser, main, simulate
from emgmon.errors import BluetoothUnavailable
from emgmon.sources.ble import scan


def options(*arguments):
    return build_parser().parse_args(["simulate", *arguments])


async def port_of(said):
    """Port that the simulator says it listens on."""
    while True:
        found = re.search(r"tcp:127\.0\.0\.1:(\d+)", "\n".join(said))
        if found:
            return int(found[1])
        await asyncio.sleep(0.05)


@pytest.mark.system
def test_another_program_finds_the_sensors_of_a_kit(monkeypatch):
    said = []
    monkeypatch.setattr(simulate, "say", said.append)

    async def session():
        chosen = options("--kit", "mixed", "--listen", "127.0.0.1:0", "--reps", "1")
        air = asyncio.create_task(simulate._simulate(chosen, "mixed", None))
        try:
            port = await asyncio.wait_for(port_of(said), 5.0)
            async with simulate.plugged_in(f"tcp:127.0.0.1:{port}") as radio:
                return await scan(radio, 5.0, enough=5)
        finally:
            air.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await air

    found = asyncio.run(session())
    names = {"uMyo-1A", "uMyo-2B", "Shimmer3R-22B1-BLE", "NPG-Lite-3CH:4C:33", "EMG-SM"}
    assert {item.name for item in found} == names
    assert "  NPG-Lite-3CH:4C:33  emg: erector_spinae/left, erector_spinae/right" in said


@pytest.mark.slow
@pytest.mark.system
def test_scan_in_another_process():
    with subprocess.Popen(
        [sys.executable, "-m", "emgmon", "simulate", "--device", "umyo", "--reps", "1", "--listen", "127.0.0.1:0"],
        stderr=subprocess.PIPE,
        text=True,
    ) as air:
        try:
            address = next(line.split()[-1] for line in air.stderr if "--radio" in line)
            done = subprocess.run(  # noqa: S603
                [sys.executable, "-m", "emgmon", "scan", "--seconds", "2", "--radio", address],
                capture_output=True,
                text=True,
                check=True,
                timeout=60,
            )
        finally:
            air.terminate()
    assert "uMyo-1A" in done.stdout


def test_the_person_begins_when_the_sensors_have_been_started(monkeypatch):
    monkeypatch.setattr(simulate, "SETTLED_S", 0.05)
    monkeypatch.setattr(simulate, "say", lambda _text: None)

    class Silent:
        def __init__(self):
            self.due_s = None

        def next_due_s(self):
            return self.due_s

    async def session():
        sensor = Silent()
        waiting = asyncio.create_task(simulate._heard(argparse.Namespace(sensors={"A": sensor})))
        await asyncio.sleep(0.4)
        assert not waiting.done()
        sensor.due_s = 1.0
        await asyncio.wait_for(waiting, 5.0)

    asyncio.run(session())


def test_it_says_what_there_is(capsys):
    assert main(["simulate", "--device", "list"]) == 0
    out = capsys.readouterr().out
    assert "umyo" in out
    assert "mixed" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--device", "umyo"], "Say where to advertise"),
        (["--device", "toaster", "--listen"], "no simulator of 'toaster'; there are emgmon"),
        (["--kit", "toaster", "--listen"], "no kit is named toaster; there are emgmon"),
        (["--device", "umyo", "--listen", "nowhere"], "'nowhere' is no address"),
        (["--device", "umyo", "--listen", "localhost:99999"], "is no address"),
        (["--device", "umyo", "--hci", "toaster:9"], "no adapter 'toaster:9'"),
        (["--kit", "umyo", "--hci", "usb:0"], "can be one sensor, not 6"),
    ],
)
def test_refusals_are_one_line(arguments, message, capsys):
    assert main(["simulate", *arguments]) == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("emgmon:")]
    assert message in line


def test_a_radio_where_nobody_listens(capsys):
    assert main(["scan", "--radio", "tcp:127.0.0.1:1", "--seconds", "0.5"]) == 1
    assert "start 'emgmon simulate" in capsys.readouterr().err


def test_addresses():
    assert simulate.address_of("tcp:localhost:7300") == ("localhost", 7300)
    assert simulate.address_of("127.0.0.1:0") == ("127.0.0.1", 0)
    with pytest.raises(BluetoothUnavailable, match="tcp:127"):
        simulate.address_of("tcp:7300")
