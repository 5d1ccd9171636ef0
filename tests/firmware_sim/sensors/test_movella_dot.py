"""The Movella DOT as its maker's document has it: payloads by mode, rates, synchronisation."""

import struct
from itertools import pairwise

import numpy as np
import pytest
from sensorplay import live, payloads, start

from firmware_sim.sensors.base import AttError
from firmware_sim.sensors.movella_dot import (
    ACKNOWLEDGE,
    BATTERY,
    CONTROL,
    DEVICE,
    HEADING,
    HEADING_STATUS,
    INFO,
    LONG,
    MEDIUM,
    MESSAGE,
    MODES,
    SHORT,
    TOLD,
    MovellaDot,
    checksum,
    payload,
)


def began(worn, mode, mtu=247):
    sensor = worn(MovellaDot, 0, "Movella DOT", mode=mode)
    start(sensor, mtu=mtu)
    return sensor


def test_payloads_of_the_document():
    free = np.array([3.0092275, 5.2239056, -2.3260016], "<f4")
    said = payload(1143080408, [free.tobytes()], SHORT)
    assert len(said) == 20
    assert said[:4] + said[16:] == bytes.fromhex("D8 05 22 44 00 00 00 00")
    assert struct.unpack("<3f", said[4:16]) == pytest.approx((3.0092, 5.2239, -2.3260), abs=1e-4)
    parts = [np.array([1, 0, 0, 0], "<f4"), np.array([0, 0, 9.81], "<f4"), np.array([1.5, -2.5, 0], "<f4")]
    custom = payload(1234567, [part.tobytes() for part in parts], LONG)
    assert custom[:44] == bytes.fromhex(
        "87 D6 12 00 00 00 80 3F" + "00" * 12 + "00" * 8 + "C3 F5 1C 41 00 00 C0 3F 00 00 20 C0 00 00 00 00"
    )


def test_custom_5_at_60_hz(worn):
    sensor = began(worn, 26)
    said = payloads(live(sensor, 4.0), LONG)
    assert {len(packet) for packet in said} == {63}
    assert len(said) / 4.0 == pytest.approx(60, rel=0.01)
    times_us = [struct.unpack("<I", packet[:4])[0] for packet in said]
    assert all((later - earlier) % 2**32 == pytest.approx(1e6 / 60, abs=2) for earlier, later in pairwise(times_us))
    values = np.frombuffer(said[-1][4:44], "<f4")
    assert values[:4] == pytest.approx([np.cos(np.pi / 12), 0, -np.sin(np.pi / 12), 0], abs=1e-4) or values[
        2
    ] == pytest.approx(np.sin(np.pi / 12), abs=1e-4)
    assert values[4:7] == pytest.approx([-0.5 * 9.80665, 0, np.sqrt(0.75) * 9.80665], abs=1e-3)
    assert values[7:] == pytest.approx([10.0, 0, 0], abs=1e-3)


@pytest.mark.parametrize(
    ("mode", "size"),
    [
        (2, 36), (3, 32), (4, 16), (5, 20), (6, 16), (7, 32), (16, 28), (20, 34), (21, 28), (22, 40), (23, 34),
        (24, 32), (26, 44),
    ],
)  # fmt: skip
def test_every_mode_is_as_long_as_the_document_says(worn, mode, size):
    sensor = began(worn, mode)
    port = MODES[mode].port
    said = payloads(live(sensor, 0.5), port)
    padded = {LONG: 63, MEDIUM: 40, SHORT: 20}[port]
    assert {len(packet) for packet in said} == {padded}
    assert all(packet[size:] == bytes(padded - size) for packet in said)
    assert size <= padded


@pytest.mark.parametrize("mode", [1, 17, 25, 99])
def test_modes_of_the_makers_library_are_refused(worn, mode):
    with pytest.raises(AttError, match="0x13"):
        worn(MovellaDot, 0).write(CONTROL, bytes((1, 1, mode)), 247, 0.0)


def test_a_long_payload_needs_its_mtu(worn):
    assert live(began(worn, 26, mtu=65), 1.0) == []
    assert live(began(worn, 26, mtu=66), 1.0)
    assert live(began(worn, 5, mtu=23), 1.0)


def test_rate_is_read_changed_and_written_back(worn):
    sensor = worn(MovellaDot, 0)
    settings = bytearray(sensor.read(DEVICE))
    assert (len(settings), settings[24:26]) == (32, b"\x3c\x00")
    settings[0], settings[24] = 0x10, 20
    sensor.write(DEVICE, bytes(settings), 247, 0.0)
    start(sensor)
    assert len(live(sensor, 2.0)) == pytest.approx(40, abs=1)
    with pytest.raises(AttError, match="0x13"):
        sensor.write(DEVICE, bytes(settings), 247, 2.0)  # it measures
    sensor.write(CONTROL, bytes((1, 0, 26)), 247, 2.0)
    settings[24] = 120
    with pytest.raises(AttError, match="0x13"):
        sensor.write(DEVICE, bytes(settings), 247, 2.0)
    settings[0] = 0x01
    sensor.write(DEVICE, bytes(settings), 247, 2.0)
    assert sensor.read(DEVICE)[24] == 20


@pytest.mark.parametrize("port", [DEVICE, CONTROL, HEADING])
def test_wrong_lengths_are_refused(worn, port):
    with pytest.raises(AttError, match="0x0d"):
        worn(MovellaDot, 0).write(port, b"\x01", 247, 0.0)


def test_synchronised_sensors_share_a_clock(worn):
    assert checksum(bytes.fromhex("02 01 08")) == bytes.fromhex("02 01 08 F5")
    sensor, other = worn(MovellaDot, 0, seed=1), worn(MovellaDot, 0, seed=2)
    answer = [(TOLD, bytes.fromhex("02 02 51 09 A2"))]
    assert sensor.write(MESSAGE, bytes.fromhex("02 01 08 F5"), 247, 0.0) == answer
    for one in (sensor, other):
        one.write(MESSAGE, checksum(bytes.fromhex("02 07 01 01 02 03 CD 22 D4")), 247, 0.0)
        one.disconnected()
        one.advance(10.0)
        assert one.write(MESSAGE, bytes.fromhex("02 01 08 F5"), 247, 10.0) == answer
        one.advance(15.0)
        assert one.read(ACKNOWLEDGE) == bytes.fromhex("02 02 51 09 A2")
        assert one.write(MESSAGE, bytes.fromhex("02 01 08 F5"), 247, 15.0) == [(TOLD, bytes.fromhex("02 02 51 04 A7"))]
        start(one, 15.0)
    pairs = zip(live(sensor, 16.0, from_s=15.0), live(other, 16.0, from_s=15.0), strict=True)
    assert all(mine[2][:4] == theirs[2][:4] for mine, theirs in pairs)
    assert sensor.write(MESSAGE, bytes.fromhex("02 01 02 FB"), 247, 16.0) == [(TOLD, bytes.fromhex("02 02 50 00 AC"))]


def test_a_message_with_a_wrong_sum_is_not_answered(worn):
    assert worn(MovellaDot, 0).write(MESSAGE, bytes.fromhex("02 01 08 F6"), 247, 0.0) == []


def test_name_company_address_and_the_rest(worn):
    sensor = worn(MovellaDot, 0, "Movella DOT")
    assert sensor.advertisement().manufacturer == b"\x86\x08"
    assert sensor.address.startswith("D4:22:CD:")
    assert sensor.read(INFO)[3:6] == b"\xcd\x22\xd4"
    assert len(sensor.read(INFO)) == 34
    assert sensor.read(BATTERY) == bytes((sensor.battery_percent(), 0))
    sensor.write(HEADING, b"\x01\x00", 247, 0.0)
    assert sensor.read(HEADING_STATUS) == b"\x01"
    start(sensor)
    assert sensor.read(CONTROL) == bytes((1, 1, 26))
    sensor.disconnected()
    assert sensor.next_due_s() is None
