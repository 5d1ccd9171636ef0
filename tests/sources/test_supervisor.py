"""How sensors are kept: refusals, pairing, a radio that goes, farewells. No radio: a scripted client."""

import asyncio
import contextlib
from types import SimpleNamespace

import pytest
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakError,
    BleakGATTProtocolError,
)

from emgmon.devices.base import Driver, Read, StreamSettings, Subscribe, Write
from emgmon.errors import DeviceError, HandshakeFailed
from emgmon.model import Mark, Packet
from emgmon.sources import supervisor
from emgmon.sources.ble import Found, Radio, forgotten
from emgmon.sources.interval import advice, ask_for_throughput
from emgmon.sources.supervisor import BleSource

DATA, CONTROL = "data", "control"


class Client:
    """Stands for BleakClient; `air` says what happens."""

    def __init__(self, handle, gone, *, air, **options):
        self.air, self.gone, self.options = air, gone, options
        self.handle = handle
        sizes = SimpleNamespace(uuid=DATA, properties=["notify"], max_write_without_response_size=244)
        self.services = [SimpleNamespace(characteristics=[sizes])]
        air.clients.append(self)

    async def connect(self):
        self.air.happen("connect")
        if self.air.connect_errors:
            raise self.air.connect_errors.pop(0)

    async def disconnect(self):
        self.air.happen("disconnect")

    async def pair(self):
        self.air.happen("pair")
        self.air.paired = True

    async def read_gatt_char(self, _port):
        if self.air.wants_pairing and not self.air.paired:
            raise BleakGATTProtocolError(0x05)
        return b"description"

    async def start_notify(self, port, listener):
        self.air.listeners[port] = listener

    async def write_gatt_char(self, port, payload, *, response):  # noqa: ARG002
        self.air.happen(f"write {payload.decode()}")
        if self.air.breaks:
            raise BleakError("disconnected")


class Air:
    """What is on the air, and what happened."""

    def __init__(self, **state):
        self.clients, self.events, self.listeners, self.connect_errors = [], [], {}, []
        self.wants_pairing = self.paired = self.breaks = False
        self.heard_again = object()
        self.__dict__.update(state)

    def happen(self, what):
        self.events.append(what)

    async def find(self, *_where, **_how):
        self.happen("scan")
        return self.heard_again


def handshake(_settings):
    yield Read(CONTROL)
    yield Subscribe(DATA)
    yield Write(CONTROL, b"start")


def farewell():
    yield Write(CONTROL, b"stop")


def keep(monkeypatch, air, seconds=0.05, driver=None, wait_s=0.5):
    """Keep one sensor for a moment; returns the entries."""
    entries = []
    monkeypatch.setattr(supervisor, "BleakClient", lambda *args, **named: Client(*args, air=air, **named))
    monkeypatch.setattr(supervisor, "BleakScanner", SimpleNamespace(find_device_by_address=air.find))
    monkeypatch.setattr(supervisor, "RETRY_S", (0.0,))
    driver = driver or Driver("toy", "Toy", lambda _a: True, handshake, None, farewell)
    found = [Found("toy-1", "AA:BB", -50, driver, object())]

    async def run():
        ticks = iter(range(10**9))
        source = BleSource(Radio(lambda: next(ticks)), StreamSettings(), entries.append)
        async with source.streaming(found, wait_s=wait_s):
            await asyncio.sleep(seconds)

    with contextlib.suppress(DeviceError):
        asyncio.run(run())
    return entries


def marks(entries):
    return [e.kind for e in entries if isinstance(e, Mark)]


def test_the_host_says_farewell_before_it_leaves(monkeypatch):
    air = Air()
    entries = keep(monkeypatch, air)
    assert air.events == ["connect", "write start", "write stop", "disconnect"]
    assert marks(entries) == ["device", "connected", "started"]
    assert [e.port for e in entries if isinstance(e, Packet)] == [CONTROL, ">" + CONTROL]


def test_a_sensor_that_wants_pairing_is_paired_once_asked(monkeypatch):
    air = Air(wants_pairing=True)
    keep(monkeypatch, air)
    assert air.events[:3] == ["connect", "pair", "write start"]


def test_a_driver_that_needs_pairing_has_it_from_the_start(monkeypatch):
    air = Air()
    keep(monkeypatch, air, driver=Driver("toy", "Toy", lambda _a: True, handshake, None, pairing=True))
    assert air.clients[0].options["pair"] is True


def test_links_that_break_again_and_again_before_it_streams_may_be_a_forgotten_pairing(monkeypatch):
    monkeypatch.setattr(supervisor, "forgotten", lambda address: f"; remove {address}")
    entries = keep(monkeypatch, Air(breaks=True))
    told = [e.data["text"] for e in entries if isinstance(e, Mark) and e.kind == "trouble"]
    assert told == ["disconnected", "disconnected; remove AA:BB"]
    assert marks(entries).count("connected") > supervisor.BREAKS


@pytest.mark.parametrize(("platform", "command"), [("linux", "'bluetoothctl remove AA:BB'"), ("darwin", "settings,")])
def test_what_to_do_about_a_forgotten_pairing_is_a_sentence(platform, command):
    said = forgotten("AA:BB", platform)
    assert command in said
    assert said.startswith(". If the sensor was reset, ")


def test_bluetooth_off_is_told_once_in_words_and_waited_out(monkeypatch):
    off = BleakBluetoothNotAvailableError("off", BleakBluetoothNotAvailableReason.POWERED_OFF)
    air = Air(connect_errors=[off, off])
    entries = keep(monkeypatch, air)
    told = [e.data["text"] for e in entries if isinstance(e, Mark) and e.kind == "trouble"]
    assert told == ["No Bluetooth: Bluetooth is switched off; switch it on in the system's settings."]
    assert marks(entries)[-2:] == ["connected", "started"]


def test_what_bluez_says_is_told_without_its_names(monkeypatch):
    air = Air(connect_errors=[BleakDBusError("org.bluez.Error.Failed", ["Input/output error"])])
    told = [e.data["text"] for e in keep(monkeypatch, air) if isinstance(e, Mark) and e.kind == "trouble"]
    assert told == ["the system could not connect it (Input/output error); is Bluetooth on, and the sensor near?"]


def test_after_some_failures_the_sensor_is_scanned_for_and_its_new_handle_used(monkeypatch):
    fresh = object()
    air = Air(connect_errors=[BleakError("gone")] * 3, heard_again=fresh)
    keep(monkeypatch, air)
    tries = [event for event in air.events if event in {"connect", "scan"}]
    assert tries == ["connect", "connect", "connect", "scan", "connect"]
    assert air.clients[-1].handle is fresh


def test_a_sensor_that_is_not_heard_is_not_connected_to(monkeypatch):
    air = Air(connect_errors=[BleakError("gone")] * 3, heard_again=None)
    entries = keep(monkeypatch, air, wait_s=0.1)
    assert air.events.count("connect") == 3
    assert "not heard" in [e.data["text"] for e in entries if e.kind == "trouble"][-1]


def test_a_refusal_is_told_with_the_sensors_name_and_tried_again(monkeypatch):
    def refuse(_settings):
        yield Read(CONTROL)
        raise HandshakeFailed("the sensor is on its charger; unplug it")

    air = Air()
    entries = keep(monkeypatch, air, driver=Driver("toy", "Toy", lambda _a: True, refuse, None), wait_s=0.1)
    assert air.events.count("connect") > 1
    trouble = [e for e in entries if isinstance(e, Mark) and e.kind == "trouble"]
    assert [e.data for e in trouble] == [{"device": "toy-1", "text": "the sensor is on its charger; unplug it"}]


def test_every_system_has_advice_and_only_windows_is_asked():
    asked = []
    device = SimpleNamespace(request_preferred_connection_parameters=asked.append)
    client = SimpleNamespace(_backend=SimpleNamespace(_requester=device))
    assert ask_for_throughput(client, "linux") is None
    assert ask_for_throughput(SimpleNamespace(), "win32") is None
    assert not asked
    assert len({advice(platform) for platform in ("linux", "win32", "darwin", "plan9")}) == 4


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_advice_is_one_line(platform):
    assert "\n" not in advice(platform)
