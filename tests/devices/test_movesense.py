"""Movesense against vectors worked out by hand from two clients."""

import struct

import numpy as np
import pytest
from devices.captured import captured
from devices.conversations_emg import GSP, MOVESENSE, movesense_data, movesense_says
from devices.conversing import converse, started

from emgmon.devices.base import Request, StreamSettings
from emgmon.devices.movesense import DRIVER
from emgmon.errors import HandshakeFailed, NoAnswer, PacketError
from emgmon.model import Packet

COMMAND, NOTIFY = GSP.format(1), GSP.format(2)
VECTORS = captured("movesense")


def decoded(name):
    decoder = DRIVER.decoder("S")
    return [block for packet in VECTORS[name] for block in decoder.decode(packet)]


def subscribed(path, reference=0x62):
    decoder = DRIVER.decoder("S")
    decoder.decode(Packet("S", ">" + COMMAND, 0, bytes([1, reference]) + path.encode()))
    return decoder


def data(decoder, payload, host_ns=0):
    return decoder.decode(Packet("S", NOTIFY, host_ns, payload))


def imu_message(time_ms, n=8):
    vectors = struct.pack(f"<{6 * n}f", *range(6 * n))
    return struct.pack("<I", time_ms) + vectors


def test_biopotential_in_microvolt():
    first, _second = decoded("ecg")
    np.testing.assert_allclose(first.samples[:, 0], [999.83, -999.83], atol=0.005)
    assert (first.stream.quantity, first.stream.unit, first.stream.fs_hz) == ("emg", "uv", 512)
    assert first.device_s == 1.0


def test_motion_of_six_axes():
    first, _second = decoded("imu6")
    np.testing.assert_allclose(first.samples, [[0, 0, 9.81 / 9.80665, 1, 2, 3]], atol=1e-6)
    assert (first.stream.quantity, first.stream.unit, first.device_s) == ("imu", "g,dps", 2.0)


def test_all_vectors_of_one_kind_come_first():
    decoder = subscribed("/Meas/IMU9/52")
    message = struct.pack("<I", 40) + struct.pack("<18f", *range(18))
    data(decoder, b"\x02\x62" + message)
    imu, field = data(decoder, b"\x02\x62" + message[:0] + struct.pack("<I", 78) + message[4:])[:2]
    np.testing.assert_allclose(imu.samples[:, 3:], [[6, 7, 8], [9, 10, 11]])
    np.testing.assert_allclose(field.samples, [[12, 13, 14], [15, 16, 17]])
    assert field.stream.quantity == "magnetic_field"


@pytest.mark.parametrize(
    ("path", "width", "quantities"),
    [
        ("/Meas/Acc/104", 3, ["acceleration"]),
        ("/Meas/Gyro/104", 3, ["angular_velocity"]),
        ("/Meas/Magn/13", 3, ["magnetic_field"]),
        ("/Meas/IMU6m/104\0", 6, ["acceleration", "magnetic_field"]),
    ],
)
def test_other_paths(path, width, quantities):
    decoder = subscribed(path)
    for time_ms in (0, 1000):
        blocks = data(decoder, b"\x02\x62" + struct.pack(f"<I{width}f", time_ms, *range(width)))
    assert [block.stream.quantity for block in blocks[: len(quantities)]] == quantities


def test_millivolt_path():
    decoder = subscribed("/Meas/ECG/250/mV")
    data(decoder, bytes.fromhex("02 62 00 00 00 00 e8 03 18 fc"))
    first, *_ = data(decoder, bytes.fromhex("02 62 08 00 00 00 00 00 00 00"))
    np.testing.assert_array_equal(first.samples, [[1000], [-1000]])


def test_a_long_message_in_two_parts_is_joined_from_the_first_on():
    decoder, blocks = subscribed("/Meas/IMU6/104"), []
    for k in range(4):
        message = imu_message(77 * k)
        blocks += data(decoder, b"\x02\x62" + message[:100], 2 * k)
        blocks += data(decoder, b"\x03\x62" + message[100:], 2 * k + 1)
    assert [(block.first, len(block.samples), block.host_ns) for block in blocks] == [
        (0, 8, 1), (8, 8, 3), (16, 8, 5), (24, 8, 7),
    ]  # fmt: skip
    np.testing.assert_array_equal(blocks[0].samples[:, 3], range(24, 48, 3))


def test_a_lost_second_part_is_a_hole_of_one_message():
    decoder, blocks = subscribed("/Meas/IMU6/104"), []
    for k in range(4):
        message = imu_message(77 * k)
        blocks += data(decoder, b"\x02\x62" + message[:100])
        if k != 2:
            blocks += data(decoder, b"\x03\x62" + message[100:])
    assert [block.first for block in blocks] == [0, 8, 24]


def test_answers_are_found_past_data_that_runs():
    def says(step):
        busy = movesense_data(0) if isinstance(step, Request) and step.payload[1] == 0x64 else []
        return [*busy, *movesense_says(step)]

    steps, _packets = converse(MOVESENSE, says=says)
    assert steps[-1].port == NOTIFY


def test_a_path_that_is_refused_is_tried_with_its_end():
    asked = []

    def says(step):
        if isinstance(step, Request) and step.payload[0] == 1:
            asked.append(step.payload)
            status = b"\xc8\x00" if step.payload.endswith(b"\0") else b"\x94\x01"
            return [(NOTIFY, bytes([1, step.payload[1]]) + status)]
        return movesense_says(step)

    _steps, packets = converse(MOVESENSE, says=says)
    assert asked[:2] == [b"\x01\x63/Meas/ECG/512", b"\x01\x63/Meas/ECG/512\0"]
    decoder = DRIVER.decoder("S")
    for packet in packets:
        decoder.decode(packet)
    assert [stream.quantity for stream in decoder.streams] == ["emg", "imu"]


def test_a_path_without_an_answer_is_tried_with_its_end_and_then_given_up():
    def says(step):
        return movesense_says(step) if not isinstance(step, Request) or step.payload[0] == 0 else []

    asked = []

    def heard(step):
        if isinstance(step, Request):
            asked.append(step.payload)
        return says(step)

    with pytest.raises(NoAnswer):
        converse(MOVESENSE, says=heard)
    assert [payload[-1:] for payload in asked[-2:]] == [b"2", b"\0"]


def test_refusals_say_what_to_do():
    def says(step):
        if isinstance(step, Request) and step.payload[0] == 1:
            return [(NOTIFY, bytes([1, step.payload[1]]) + b"\xa7\x01")]
        return movesense_says(step)

    with pytest.raises(HandshakeFailed, match="at 512 Hz with status 423; restart it"):
        converse(MOVESENSE, says=says)
    with pytest.raises(HandshakeFailed, match="MTU of 39 is too small"):
        converse(MOVESENSE, StreamSettings(mtu=39))


def test_a_small_link_goes_without_motion():
    asked = [s.payload for s in converse(MOVESENSE, StreamSettings(mtu=60))[0] if isinstance(s, Request)]
    assert asked == [b"\x00\x01", b"\x01\x63/Meas/ECG/512"]


def test_time_wraps_after_49_days():
    decoder = subscribed("/Meas/ECG/500")
    messages = [struct.pack("<I16i", time_ms % (1 << 32), *range(16)) for time_ms in (-32, 0, 32)]
    blocks = [block for message in messages for block in data(decoder, b"\x02\x62" + message)]
    assert [block.first for block in blocks] == [0, 16, 32]
    assert blocks[2].device_s - blocks[0].device_s == pytest.approx(0.064)


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"\x02", "unknown kind"),
        (b"\x07\x62", "unknown kind"),
        (b"\x02\x61\0\0\0\0", "reference 97, to which nobody subscribed"),
        (b"\x03\x62\0\0\0\0", "second part of a message without a first"),
    ],
)
def test_bad_packets_say_what_is_wrong(payload, words):
    with pytest.raises(PacketError, match=words):
        data(subscribed("/Meas/ECG/512"), payload)


def test_a_message_with_half_a_sample_is_refused():
    decoder = subscribed("/Meas/ECG/512")
    data(decoder, b"\x02\x62" + bytes(9))
    with pytest.raises(PacketError, match="whole number of samples"):
        data(decoder, b"\x02\x62" + bytes(9))


def test_an_unknown_path_is_refused():
    with pytest.raises(PacketError, match="'/Meas/Temp', which cannot be read here"):
        subscribed("/Meas/Temp")


def test_farewell_ends_what_was_begun():
    assert [step.payload for step in DRIVER.farewell()] == [b"\x02\x63", b"\x02\x64"]
    decoder = started(MOVESENSE)
    decoder.decode(Packet("S", ">" + COMMAND, 0, b"\x02\x63"))
    assert [stream.quantity for stream in decoder.streams] == ["imu"]
