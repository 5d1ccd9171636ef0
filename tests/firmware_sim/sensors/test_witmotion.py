"""The WitMotion as its vendor's code reads it: frames in a stream, rates behind a lock, registers."""

import numpy as np
import pytest
from sensorplay import live, payloads, start

from firmware_sim.sensors.witmotion import COMMAND, NOTIFY, SERVICE, UNLOCKING, WitMotion, frame


def found(said):
    """Frames of a stream, searched byte by byte."""
    joined, at, out = b"".join(said), 0, []
    while at + 20 <= len(joined):
        if joined[at : at + 2] in {b"\x55\x61", b"\x55\x71"}:
            out.append(joined[at : at + 20])
            at += 20
        else:
            at += 1
    return out


def test_frames_of_the_document():
    computed = frame(np.array([0, 0, 1.0]), np.array([10.0098, -10.0098, 0]), np.array([45.0, -90.0, 0]))
    assert computed == bytes.fromhex("55 61 00 00 00 00 00 08 A4 00 5C FF 00 00 00 20 00 C0 00 00")
    public = frame(np.array([-0.0991, -0.0815, 1.0049]), np.zeros(3), np.array([-839 / 32768 * 180, 0, 0]))
    assert public[:16] == bytes.fromhex("55 61 35 FF 59 FF 0A 08 00 00 00 00 00 00 B9 FC")


def test_streams_as_soon_as_somebody_listens(worn):
    sensor = worn(WitMotion, 0)
    sensor.connected(0.0, 0.015)
    assert sensor.next_due_s() is None
    sensor.subscribed(NOTIFY, True, 247, 0.0)
    assert len(found(payloads(live(sensor, 5.0), NOTIFY))) == pytest.approx(50, abs=3)


def test_frames_are_cut_anywhere(worn):
    sensor = worn(WitMotion, 0)
    start(sensor)
    said = payloads(live(sensor, 3.0), NOTIFY)
    assert {len(part) for part in said} == {50}
    assert sum(part.startswith(b"\x55\x61") for part in said) < len(said)
    frames = found(said)
    assert len(frames) / 3.0 == pytest.approx(100, rel=0.03)
    values = np.frombuffer(frames[-1][2:], "<i2").astype(float)
    assert values[:3] / 32768 * 16 == pytest.approx([-0.5, 0, np.sqrt(0.75)], abs=1e-3)
    assert values[3:6] / 32768 * 2000 == pytest.approx([10.0, 0, 0], abs=0.05)
    assert values[6:] / 32768 * 180 == pytest.approx([0, 30.0, 0], abs=0.05)


def test_a_small_mtu(worn):
    sensor = worn(WitMotion, 0)
    start(sensor, mtu=23)
    assert {len(part) for part in payloads(live(sensor, 1.0), NOTIFY)} == {20}


@pytest.mark.parametrize(
    ("code", "rate_hz"), [(0x06, 10), (0x07, 20), (0x08, 50), (0x09, 100), (0x0B, 200), (0x0A, 10)]
)
def test_rates_behind_the_lock(worn, code, rate_hz):
    sensor = worn(WitMotion, 0)
    sensor.subscribed(NOTIFY, True, 247, 0.0)
    sensor.write(COMMAND, bytes((0xFF, 0xAA, 0x03, 0x0B, 0)), 247, 0.0)  # locked: ignored
    sensor.write(COMMAND, UNLOCKING, 247, 0.0)
    sensor.write(COMMAND, bytes((0xFF, 0xAA, 0x03, code, 0)), 247, 0.0)
    assert len(found(payloads(live(sensor, 4.0), NOTIFY))) / 4.0 == pytest.approx(rate_hz, rel=0.08)


def test_registers_stand_between_the_frames(worn):
    sensor = worn(WitMotion, 0)
    start(sensor)
    live(sensor, 1.0)
    sensor.write(COMMAND, bytes((0xFF, 0xAA, 0x27, 0x51, 0)), 247, 1.0)
    sensor.write(COMMAND, bytes((0xFF, 0xAA, 0x27, 0x3A, 0)), 247, 1.0)
    frames = [packet for packet in found(payloads(live(sensor, 2.0, from_s=1.0), NOTIFY)) if packet[1] == 0x71]
    assert [packet[2:4] for packet in frames] == [b"\x51\x00", b"\x3a\x00"]
    attitude = np.frombuffer(frames[0][4:12], "<i2") / 32768
    assert np.linalg.norm(attitude) == pytest.approx(1.0, abs=1e-3)
    field_ut = np.frombuffer(frames[1][4:10], "<i2") / 120
    assert np.linalg.norm(field_ut) == pytest.approx(np.hypot(20.0, 45.0), abs=0.1)


def test_what_makes_no_sense_is_ignored(worn):
    sensor = worn(WitMotion, 0)
    for data in (b"", b"\xff\xaa\x03", b"\x00\xaa\x03\x09\x00"):
        assert sensor.write(COMMAND, data, 247, 0.0) == []


def test_name_service_and_the_end(worn):
    sensor = worn(WitMotion, 0, "WT901BLE68")
    assert (sensor.advertisement().name, sensor.advertisement().service_uuids) == ("WT901BLE68", (SERVICE,))
    start(sensor)
    live(sensor, 1.0)
    assert live(sensor, 1.2, from_s=1.0, air=False) == []
    sensor.disconnected()
    assert sensor.next_due_s() is None
