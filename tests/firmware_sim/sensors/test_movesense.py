"""The Movesense as its document has it: paths, statuses, counts, messages in two parts."""

import struct
from itertools import pairwise

import numpy as np
import pytest
from sensorplay import live, payloads, start

from firmware_sim.sensors.base import AttError
from firmware_sim.sensors.movesense import (
    BATTERY,
    NOTIFY,
    SERVICE,
    UV_PER_COUNT,
    WRITE,
    Movesense,
    ecg_body,
    message,
    vectors_body,
)

NAME = "Movesense 174630000190"


def ask(sensor, command, world_s=0.0, mtu=161):
    """Answer to a command, in hexadecimal."""
    return [payload.hex(" ").upper() for _, payload in sensor.write(WRITE, command, mtu, world_s)]


def streams(said):
    """Data messages by reference, parts put together again."""
    found = {}
    for packet in said:
        if packet[0] == 2:
            found.setdefault(packet[1], []).append(packet[2:])
        elif packet[0] == 3:
            found[packet[1]][-1] += packet[2:]
    return found


def test_vectors_of_the_document(worn):
    sensor = worn(Movesense, 1, NAME)
    assert ask(sensor, bytes.fromhex("01 63 2F 4D 65 61 73 2F 45 43 47 2F 35 31 32")) == ["01 63 C8 00"]
    counts = np.array([2621, -2621])
    assert message(0x63, ecg_body(1000, counts), 158)[0] == bytes.fromhex("02 63 E8 03 00 00 3D 0A 00 00 C3 F5 FF FF")
    assert counts * UV_PER_COUNT == pytest.approx([999.83, -999.83], abs=0.01)
    vectors = [np.array([[0.0, 0.0, 9.81]]), np.array([[1.0, 2.0, 3.0]])]
    assert message(0x62, vectors_body(2000, vectors), 158) == [
        bytes.fromhex("02 62 D0 07 00 00 00 00 00 00 00 00 00 00 C3 F5 1C 41 00 00 80 3F 00 00 00 40 00 00 40 40")
    ]
    info = sensor.write(WRITE, b"\x04\x05/Meas/ECG/Info", 161, 0.0)[0][1]
    assert info == b"\x01\x05\xc8\x00" + struct.pack("<B7H", 7, 125, 128, 200, 250, 256, 500, 512)


def test_hello_has_no_status(worn):
    said = worn(Movesense, 1, NAME).write(WRITE, b"\x00\x01", 161, 0.0)[0][1]
    assert said[:3] == b"\x01\x01\x01"
    assert said[3:].split(b"\0")[0] == b"174630000190"
    assert said.count(b"\0") == 5


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (b"\x01\x09/Meas/ECG/300", 404),
        (b"\x01\x09/Meas/ECG/512/uV", 404),
        (b"\x01\x09/Meas/Acc/100", 404),
        (b"\x01\x09/Meas/HR", 404),
        (b"\x01\x00/Meas/ECG/512", 400),
        (b"\x01\x09/Meas/ECG/512\0", 200),
        (b"\x01\x09/Meas/ECG/512/mV", 200),
        (b"\x01\x09/Meas/IMU9/13", 200),
        (b"\x02\x09", 404),
        (b"\x04\x09/Meas/Temp/Info", 404),
        (b"\x08\x09" + bytes(8), 200),
        (b"\x08\x09" + bytes(4), 400),
        (b"\x03\x09", 501),
    ],
)
def test_statuses(worn, command, status):
    assert ask(worn(Movesense, 1, NAME), command) == [
        bytes((1, command[1], status & 0xFF, status >> 8)).hex(" ").upper()
    ]


def test_one_ecg_rate_at_a_time_and_no_reference_twice(worn):
    sensor = worn(Movesense, 1, NAME)
    assert ask(sensor, b"\x01\x05/Meas/ECG/512") == ["01 05 C8 00"]
    assert ask(sensor, b"\x01\x06/Meas/ECG/128") == ["01 06 99 01"]
    assert ask(sensor, b"\x01\x05/Meas/Acc/52") == ["01 05 99 01"]
    assert ask(sensor, b"\x02\x05") == ["01 05 C8 00"]
    assert ask(sensor, b"\x01\x06/Meas/ECG/128") == ["01 06 C8 00"]


def test_firmware_that_wants_a_nul(worn):
    sensor = worn(Movesense, 1, NAME, needs_nul=True)
    assert ask(sensor, b"\x01\x05/Meas/ECG/512") == ["01 05 94 01"]
    assert ask(sensor, b"\x01\x05/Meas/ECG/512\0") == ["01 05 C8 00"]


def test_ecg_counts_and_times(worn):
    sensor = worn(Movesense, 1, NAME)
    start(sensor)
    bodies = streams(payloads(live(sensor, 6.0), NOTIFY))[0x63]
    assert {len(body) for body in bodies} == {4 + 16 * 4}
    times_ms = [int.from_bytes(body[:4], "little") for body in bodies]
    assert {later - earlier for earlier, later in pairwise(times_ms)} <= {31, 32}
    assert np.mean(np.diff(times_ms)) == pytest.approx(16 / 512 * 1000, rel=1e-3)
    uv = np.concatenate([np.frombuffer(body[4:], "<i4") for body in bodies]) * UV_PER_COUNT
    assert uv.size / 6.0 == pytest.approx(512, rel=0.01)
    assert uv.std() * np.sqrt(2) == pytest.approx(200.0, rel=0.02)


def test_long_messages_come_in_two_parts(worn):
    sensor = worn(Movesense, 1, NAME)
    start(sensor, mtu=161)
    said = [packet for packet in payloads(live(sensor, 2.0), NOTIFY) if packet[1] == 0x62]
    assert [packet[0] for packet in said[:4]] == [2, 3, 2, 3]
    assert len(said[0]) == 158
    body = streams(said)[0x62][-1]
    vectors = np.frombuffer(body[4:], "<f4").reshape(2, 8, 3)
    assert vectors[0, 0] == pytest.approx([-0.5 * 9.80665, 0.0, np.sqrt(0.75) * 9.80665], abs=1e-3)
    assert vectors[1, 0] == pytest.approx([10.0, 0.0, 0.0], abs=1e-3)
    assert len(streams(said)[0x62]) * 8 / 2.0 == pytest.approx(104, rel=0.03)


def test_millivolts_are_thousandths_in_sixteen_bits(worn):
    sensor = worn(Movesense, 1, NAME)
    sensor.connected(0.0, 0.015)
    ask(sensor, b"\x01\x07/Meas/ECG/500/mV")
    said = payloads(live(sensor, 2.0), NOTIFY)
    assert {len(packet) for packet in said} == {2 + 4 + 16 * 2}
    values = np.concatenate([np.frombuffer(packet[6:], "<i2") for packet in said])
    assert values.std() * np.sqrt(2) == pytest.approx(200.0, rel=0.02)


def test_a_stall_shows_in_the_times(worn):
    sensor = worn(Movesense, 1, NAME)
    start(sensor)
    live(sensor, 1.0)
    assert live(sensor, 1.5, from_s=1.0, air=False) == []
    before = 1.0
    after = streams(payloads(live(sensor, 2.0, from_s=1.5), NOTIFY))[0x63][0]
    boot_ms = sensor._first_us / 1000
    assert int.from_bytes(after[:4], "little") - boot_ms == pytest.approx((before + 0.5) * 1000, abs=40)


def test_it_forgets_its_subscriptions_with_the_host(worn):
    sensor = worn(Movesense, 1, NAME)
    start(sensor)
    sensor.disconnected()
    assert sensor.next_due_s() is None
    assert live(sensor, 1.0) == []


def test_battery_name_and_what_it_does_not_have(worn):
    sensor = worn(Movesense, 1, NAME)
    assert sensor.read(BATTERY) == bytes((sensor.battery_percent(),))
    assert (sensor.advertisement().name, sensor.advertisement().service_uuids) == (NAME, (SERVICE,))
    with pytest.raises(AttError, match="0x02"):
        sensor.read(WRITE)
    with pytest.raises(AttError, match="0x03"):
        sensor.write(NOTIFY, b"", 161, 0.0)
