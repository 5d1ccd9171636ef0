"""NPG Lite against vectors that were worked out by hand from its firmware's layouts."""

import struct

import numpy as np
import pytest
from devices.captured import captured
from devices.conversations import CONVERSATIONS
from devices.conversing import converse

from emgmon.devices import Advertisement
from emgmon.devices.base import Read, Request, StreamSettings, Subscribe, Write
from emgmon.devices.npg_lite import DRIVER
from emgmon.errors import HandshakeFailed, PacketError
from emgmon.model import Packet

DATA = "beb5483e-36e1-4688-b7f5-ea07361b26a8"
CONTROL = "0000ff01-0000-1000-8000-00805f9b34fb"
BATTERY = "f633d0ec-46b4-43c1-a39f-1ca06d0602e1"
IMU = "5a153fa9-7be0-400c-8ef8-d84502b31c4d"
VECTORS = captured("npg_lite")


def data(start, n, channels=3, value=2048):
    rows = [struct.pack(f">B{channels}H", (start + k) % 256, *[value] * channels) for k in range(n)]
    return b"".join(rows)


def test_samples_at_the_wrap():
    decoder = DRIVER.decoder("S")
    (before,) = decoder.decode(VECTORS["before_wrap"][0])
    (after,) = decoder.decode(VECTORS["after_wrap"][0])
    np.testing.assert_array_equal(before.samples, [[2048, 0, 4095]] * 2)
    assert (before.first, after.first) == (254, 256)
    assert before.stream.unit == "a.u."


@pytest.mark.parametrize(("n", "channels", "rate_hz"), [(10, 3, 500.0), (10, 6, 500.0), (20, 3, 500.0), (25, 3, 250.0)])
def test_each_firmware_is_known_by_its_packets(n, channels, rate_hz):
    (block,) = DRIVER.decoder("S").decode(Packet("S", DATA, 0, data(250, n, channels)))
    assert block.samples.shape == (n, channels)
    assert (block.stream.fs_hz, len(block.stream.placements)) == (rate_hz, channels)


def test_a_second_without_packets_is_a_second_of_loss():
    decoder = DRIVER.decoder("S")
    for first in [*range(0, 100, 10), *range(600, 1000, 10)]:
        (block,) = decoder.decode(Packet("S", DATA, first * 2_000_000, data(first % 256, 10)))
    assert block.first == 990


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"", "no count"),
        (data(0, 10)[:-1], "no count"),
        (data(0, 10, value=4096), "12 bits"),
        (data(0, 5) + data(7, 5), "no count"),
    ],
)
def test_what_is_no_data_is_refused(payload, words):
    with pytest.raises(PacketError, match=words):
        DRIVER.decoder("S").decode(Packet("S", DATA, 0, payload))


def test_a_jump_inside_a_packet_is_refused():
    decoder = DRIVER.decoder("S")
    decoder.decode(Packet("S", DATA, 0, data(0, 10)))
    with pytest.raises(PacketError, match="jumps"):
        decoder.decode(Packet("S", DATA, 20_000_000, data(10, 5) + data(17, 5)))


@pytest.mark.parametrize("rate_hz", [25.0, 100.0, 400.0])
def test_rate_of_the_acceleration_is_seen_from_its_counter(rate_hz):
    decoder = DRIVER.decoder("S")
    n, blocks = int(rate_hz // 20) or 1, []
    for k in range(round(4 * rate_hz / n)):
        rows = [struct.pack(">B3h", (n * k + m) % 256, 0, 0, 16384) for m in range(n)]
        blocks += decoder.decode(Packet("S", IMU, round((k + 1) * n / rate_hz * 1e9), b"".join(rows)))
    assert blocks[0].stream.fs_hz == rate_hz
    assert blocks[0].stream.unit == "g"
    np.testing.assert_array_equal(blocks[0].samples[0], [0, 0, 1])
    assert sum(len(b.samples) for b in blocks) == blocks[-1].first + n - blocks[0].first


def test_gravity_of_the_published_recording_is_near_one():
    decoder = DRIVER.decoder("S")
    payload = VECTORS["gravity"][0].payload
    for k in range(60):
        counted = b"".join(bytes([(3 * k + m) % 256]) + payload[7 * m + 1 : 7 * m + 7] for m in range(3))
        blocks = decoder.decode(Packet("S", IMU, 50_000_000 * k, counted))
    assert np.linalg.norm(blocks[0].samples, axis=1) == pytest.approx(1.0, abs=0.05)


def test_battery_is_read():
    decoder = DRIVER.decoder("S")
    decoder.decode(Packet("S", BATTERY, 0, b"\x2a"))
    assert decoder.battery_percent == 42


def test_handshake_asks_who_it_is_and_whether_it_runs():
    steps, _packets = converse(CONVERSATIONS["npg_lite"])
    said = [step.payload for step in steps if isinstance(step, Write | Request)]
    assert said == [VECTORS["who_asked"][0].payload, b"START", b"STATUS"]
    assert not any(isinstance(step, Read) for step in steps)


def test_handshake_listens_to_what_the_board_has():
    ports = {port: frozenset({"notify"}) for port in (DATA, CONTROL, BATTERY, IMU)}
    steps, _packets = converse(CONVERSATIONS["npg_lite"], StreamSettings(ports=ports))
    assert {step.port for step in steps if isinstance(step, Subscribe)} == set(ports)


@pytest.mark.parametrize(
    ("who", "status", "words"),
    [(b"MY SKETCH", b"RUNNING", "no NPG Lite"), (b"NPG-LITE", b"STOPPED", "charge it")],
)
def test_refusals(who, status, words):
    answers = {b"WHORU": who, b"STATUS": status}

    def says(step):
        return [(CONTROL, answers[step.payload])] if isinstance(step, Request) else []

    with pytest.raises(HandshakeFailed, match=words):
        converse(CONVERSATIONS["npg_lite"], says=says)


def test_a_firmware_that_tells_no_status_is_believed():
    def says(step):
        return [(CONTROL, b"NPG-LITE")] if isinstance(step, Request) and step.payload == b"WHORU" else []

    converse(CONVERSATIONS["npg_lite"], says=says)


def test_a_sketch_with_the_same_uuids_is_not_recognised():
    assert DRIVER.recognises(Advertisement("NPG-AA:BB:CC:DD:EE:FF"))
    assert not DRIVER.recognises(Advertisement("ESP32", ("4fafc201-1fb5-459e-8fcc-c5c9c331914b",)))
