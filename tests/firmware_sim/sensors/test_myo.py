"""The Myo as captured from real ones: packets, modes, turns."""

import numpy as np
import pytest
from sensorplay import live, payloads, start

from firmware_sim.sensors.base import AttError
from firmware_sim.sensors.myo import (
    BATTERY,
    COMMAND,
    CONTROL_SERVICE,
    EMG,
    IMU,
    INFO,
    RECTIFIED,
    SLEEPS_AFTER_S,
    UV_PER_COUNT,
    VERSION,
    Myo,
    emg_packet,
    imu_packet,
)


def test_captured_packets():
    samples = np.array([[9, 13, 1, -2, -2, -2, -6, 2], [6, -23, -4, -3, -4, -2, 5, 2]], float)
    assert emg_packet(samples) == bytes.fromhex("09 0D 01 FE FE FE FA 02 06 E9 FC FD FC FE 05 02")
    attitude = np.array([0.7225341796875, 0.68231201171875, -0.11102294921875, 0.002197265625])
    motion = np.array([0.1630859375, 0.96728515625, 0.04248046875, 0.1875, -0.6875, -0.25])
    assert imu_packet(attitude, motion) == bytes.fromhex("3E 2E AB 2B E5 F8 24 00 4E 01 BD 07 57 00 03 00 F5 FF FC FF")


def test_information_and_version_as_captured(worn):
    sensor = worn(Myo, 8)
    assert sensor.read(VERSION) == bytes.fromhex("01 00 05 00 B2 07 02 00")
    assert sensor.read(INFO)[:11] == bytes.fromhex("8E 32 94 85 3B D2 05 00 00 00 01")
    assert len(sensor.read(INFO)) == 20
    assert sensor.read(BATTERY)[0] == sensor.battery_percent()


def test_the_four_characteristics_take_turns(worn):
    sensor = worn(Myo, 1)
    start(sensor, mtu=23)
    sent = live(sensor, 3.0)
    turns = [EMG.index(port) for _, port, _ in sent if port in EMG]
    assert turns == [number % 4 for number in range(len(turns))]
    assert len(turns) * 2 / 3.0 == pytest.approx(200, rel=0.01)
    assert len(payloads(sent, IMU)) / 3.0 == pytest.approx(50, rel=0.03)
    assert max(len(payload) for _, _, payload in sent) == 20
    values = np.concatenate([np.frombuffer(p, np.int8).reshape(2, 8) for _, port, p in sent if port in EMG])
    assert values[:, 0].std() * np.sqrt(2) * UV_PER_COUNT == pytest.approx(200.0, rel=0.05)
    assert values[:, 1:].astype(float).std() < 1.5
    motion = np.frombuffer(payloads(sent, IMU)[-1], "<i2")
    assert motion[4:7] / 2048 == pytest.approx([-0.5, 0.0, np.sqrt(0.75)], abs=1e-3)
    assert motion[7:] / 16 == pytest.approx([10.0, 0.0, 0.0], abs=0.05)


def test_eight_bits_clip():
    assert emg_packet(np.full((2, 8), 900.0)) == b"\x7f" * 16
    assert emg_packet(np.full((2, 8), -900.0)) == b"\x80" * 16


def test_modes(worn):
    sensor = worn(Myo, 1)
    start(sensor)
    sensor.write(COMMAND, bytes.fromhex("01 03 01 00 00"), 23, 0.0)
    sent = live(sensor, 1.0)
    assert {port for _, port, _ in sent} == {RECTIFIED}
    assert {len(payload) for _, _, payload in sent} == {17}
    assert len(sent) == pytest.approx(50, abs=2)
    sensor.write(COMMAND, bytes.fromhex("01 03 03 00 00"), 23, 1.0)
    raw = [np.frombuffer(p, np.int8).reshape(2, 8) for _, port, p in live(sensor, 3.0, from_s=1.0) if port in EMG]
    assert np.abs(np.concatenate(raw)[:, 1:].mean(axis=0)).max() > 0.5  # offsets of the raw mode
    sensor.write(COMMAND, bytes.fromhex("01 03 00 00 00"), 23, 3.0)
    assert live(sensor, 4.0, from_s=3.0) == []


def test_a_length_that_is_wrong_is_refused(worn):
    sensor = worn(Myo, 1)
    for command in ("01 03 02 01", "01", "01 02 02 01 00"):
        with pytest.raises(AttError, match="0x0d"):
            sensor.write(COMMAND, bytes.fromhex(command), 23, 0.0)


def test_it_sleeps_unless_told_not_to(worn):
    told = worn(Myo, 1)
    start(told)
    assert live(told, SLEEPS_AFTER_S + 2.0, step_s=1.0)
    assert told.powered
    untold = worn(Myo, 1)
    start(untold)
    untold.write(COMMAND, bytes.fromhex("09 01 00"), 23, 0.0)
    live(untold, SLEEPS_AFTER_S + 2.0, step_s=1.0)
    assert not untold.powered


def test_deep_sleep(worn):
    sensor = worn(Myo, 1)
    sensor.write(COMMAND, b"\x04\x00", 23, 0.0)
    assert not sensor.powered


def test_what_a_stalled_link_does_not_take_is_lost_and_the_turn_goes_on(worn):
    sensor = worn(Myo, 1)
    start(sensor)
    live(sensor, 1.0)
    assert live(sensor, 1.03, from_s=1.0, step_s=0.03, air=False) == []
    assert live(sensor, 1.2, from_s=1.03, step_s=0.17)


def test_it_advertises_its_control_service(worn):
    assert worn(Myo, 1, "Myo left").advertisement().service_uuids == (CONTROL_SERVICE,)
