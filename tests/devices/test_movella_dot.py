"""Movella DOT against vectors worked out by hand from its specification."""

import struct

import numpy as np
import pytest
from devices.captured import captured
from devices.conversations_imu import DOT, MOVELLA_DOT, dot_says
from devices.conversing import converse

from emgmon.devices.base import Read, StreamSettings, Subscribe, Write
from emgmon.devices.movella_dot import DRIVER
from emgmon.errors import HandshakeFailed, PacketError
from emgmon.model import Packet

VECTORS = captured("movella_dot")


def decoded(*names):
    decoder = DRIVER.decoder("S")
    blocks = [block for name in names for packet in VECTORS[name] for block in decoder.decode(packet)]
    return {block.stream.quantity: block for block in blocks}


def sample(time_us):
    return Packet("S", DOT.format(0x2002), 0, struct.pack("<I", time_us % (1 << 32)) + bytes(59))


def test_quaternion_acceleration_and_rate():
    blocks = decoded("start_26", "mode_26")
    np.testing.assert_allclose(blocks["imu"].samples, [[0, 0, 9.81 / 9.80665, 1.5, -2.5, 0]], atol=1e-6)
    np.testing.assert_array_equal(blocks["quaternion"].samples, [[1, 0, 0, 0]])
    assert blocks["imu"].device_s == pytest.approx(1.234567)
    assert (blocks["imu"].stream.unit, blocks["imu"].stream.fs_hz) == ("g,dps", 60)


def test_acceleration_and_rate_alone():
    (block,) = decoded("start_21", "mode_21").values()
    np.testing.assert_allclose(block.samples[0, :3] * 9.80665, [3.0092, 5.2239, -2.3260], atol=1e-4)
    np.testing.assert_array_equal(block.samples[0, 3:], [1.5, -2.5, 0])
    assert block.device_s == pytest.approx(1143.080408)


def test_start_up_leaves_a_right_rate_alone_and_asks_for_the_long_payload():
    steps, _packets = converse(MOVELLA_DOT)
    assert [step for step in steps if isinstance(step, Write)] == [Write(DOT.format(0x2001), b"\x01\x01\x1a")]
    assert steps[-2] == Subscribe(DOT.format(0x2002))


def test_another_rate_is_written_back_with_its_bit_alone():
    kept = {"settings": bytearray(dot_says(Read(DOT.format(0x1002)))[0][1])}
    kept["settings"][8:12] = b"name"

    def says(step):
        if isinstance(step, Write) and step.port == DOT.format(0x1002):
            kept["settings"] = step.payload
        if isinstance(step, Read) and step.port == DOT.format(0x1002):
            return [(step.port, bytes(kept["settings"]))]
        return dot_says(step)

    _steps, packets = converse(MOVELLA_DOT, StreamSettings(imu_hz=30), says=says)
    assert kept["settings"] == b"\x10" + bytes(7) + b"name" + bytes(12) + b"\x1e" + bytes(7)
    decoder = DRIVER.decoder("S")
    for packet in packets:
        decoder.decode(packet)
    assert decoder.decode(sample(0))[0].stream.fs_hz == 30


def test_a_rate_that_is_not_taken_is_refused():
    with pytest.raises(HandshakeFailed, match="does not take 30 Hz; stop its recording"):
        converse(MOVELLA_DOT, StreamSettings(imu_hz=30))


def test_a_small_link_gets_the_payload_that_fits():
    steps, _packets = converse(MOVELLA_DOT, StreamSettings(mtu=65))
    assert steps[-1].payload == b"\x01\x01\x15"
    with pytest.raises(HandshakeFailed, match="MTU of 42 is too small, it takes 43"):
        converse(MOVELLA_DOT, StreamSettings(mtu=42))


def test_time_wraps_after_71_minutes():
    decoder = DRIVER.decoder("S")
    before = decoder.decode(sample((1 << 32) - 16_667))[0]
    after = decoder.decode(sample(0))[0]
    assert after.first - before.first == 1
    assert after.device_s - before.device_s == pytest.approx(0.016667)


@pytest.mark.parametrize(
    ("port", "payload", "words"),
    [
        (0x2002, bytes(43), "shorter than 44"),
        (0x2002, bytes(4) + struct.pack("<10f", *[float("nan")] * 10), "a number that is none"),
        (0x2003, bytes(40), "mode that nobody asked for"),
        (0x1002, bytes(32), "unknown size or rate"),
        (0x3001, b"", "battery"),
    ],
)
def test_bad_packets_say_what_is_wrong(port, payload, words):
    with pytest.raises(PacketError, match=words):
        DRIVER.decoder("S").decode(Packet("S", DOT.format(port), 0, payload))


def test_a_mode_that_cannot_be_read_is_refused():
    with pytest.raises(PacketError, match="cannot be read here"):
        DRIVER.decoder("S").decode(Packet("S", ">" + DOT.format(0x2001), 0, b"\x01\x01\x11"))


def test_farewell_stops_either_payload():
    assert [step.payload for step in DRIVER.farewell()] == [b"\x01\x00\x1a", b"\x01\x00\x15"]
