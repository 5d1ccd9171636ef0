"""The NPG Lite as its document has it: ASCII control, counted samples, four firmwares."""

import numpy as np
import pytest
from sensorplay import live, payloads, start

from firmware_sim.sensors.base import AttError
from firmware_sim.sensors.npg_lite import BATTERY, CONTROL, DATA, IMU, SERVICE, UV_PER_COUNT, NpgLite, counted


def test_two_samples_of_the_document():
    values = np.array([[2048, 0, 4095], [2048, 0, 4095]])
    assert counted(254, values, ">u2") == bytes.fromhex("FE 08 00 00 00 0F FF FF 08 00 00 00 0F FF")
    assert counted(256, values[:1], ">u2")[0] == 0


def test_control_of_the_document(worn):
    sensor = worn(NpgLite, 3)
    sensor.connected(0.0, 0.015)
    assert sensor.write(CONTROL, bytes.fromhex("57 48 4F 52 55"), 247, 0.0) == [
        (CONTROL, bytes.fromhex("4E 50 47 2D 4C 49 54 45"))
    ]
    assert sensor.write(CONTROL, b"STATUS", 247, 0.0) == [(CONTROL, b"STOPPED")]
    assert sensor.write(CONTROL, b"START", 247, 0.0) == []
    assert sensor.write(CONTROL, b"STATUS", 247, 0.0) == [(CONTROL, b"RUNNING")]
    assert sensor.read(CONTROL) == b"RUNNING"
    assert sensor.write(CONTROL, b"start", 247, 0.0) == [(CONTROL, b"UNKNOWN COMMAND")]
    assert sensor.write(CONTROL, b"STOP", 247, 0.0) == []


def test_the_idf_firmware_answers_start_and_stop(worn):
    sensor = worn(NpgLite, 3, firmware="idf")
    assert sensor.write(CONTROL, b"START", 247, 0.0) == [(CONTROL, b"RUNNING")]
    assert sensor.write(CONTROL, b"STOP", 247, 0.0) == [(CONTROL, b"STOPPED")]


@pytest.mark.parametrize(
    ("firmware", "size", "samples", "rate_hz", "channels"),
    [
        ("early", 70, 10, 500, 3),
        ("3ch", 70, 10, 500, 3),
        ("6ch", 130, 10, 500, 6),
        ("idf", 175, 25, 250, 3),
        ("band", 140, 20, 500, 3),
    ],
)
def test_sizes_and_rates(worn, firmware, size, samples, rate_hz, channels):
    sensor = worn(NpgLite, channels, firmware=firmware)
    start(sensor)
    said = payloads(live(sensor, 4.0), DATA)
    assert {len(packet) for packet in said} == {size}
    assert len(said) * samples / 4.0 == pytest.approx(rate_hz, rel=0.02)
    step = size // samples
    counters = np.concatenate([np.frombuffer(packet, np.uint8)[::step] for packet in said])
    assert (counters == np.arange(counters.size) % 256).all()


def test_values_are_unsigned_big_endian_around_2048(worn):
    sensor = worn(NpgLite, 1)
    start(sensor)
    said = b"".join(payloads(live(sensor, 2.0), DATA))
    values = np.frombuffer(said, np.dtype([("counter", "u1"), ("values", ">u2", (3,))]))["values"].astype(float)
    assert values.mean(axis=0) == pytest.approx([2048] * 3, abs=1)
    assert values[:, 0].std() * np.sqrt(2) * UV_PER_COUNT == pytest.approx(200.0, rel=0.02)
    assert values[:, 1:].std() * UV_PER_COUNT < 5.0  # leads that nobody wears


def test_counters_begin_anew_at_start(worn):
    sensor = worn(NpgLite, 3)
    start(sensor)
    live(sensor, 1.0)
    sensor.write(CONTROL, b"START", 247, 1.0)
    assert payloads(live(sensor, 2.0, from_s=1.0), DATA)[0][0] == 0


def test_what_a_stalled_link_does_not_take_is_lost_and_counted_on(worn):
    sensor = worn(NpgLite, 3)
    start(sensor)
    before = payloads(live(sensor, 1.0), DATA)
    assert live(sensor, 1.2, from_s=1.0, air=False) == []
    after = payloads(live(sensor, 2.0, from_s=1.2), DATA)
    assert (after[0][0] - before[-1][-7] - 1) % 256 == pytest.approx(100, abs=10)


def test_a_small_mtu_cuts_notifications(worn):
    sensor = worn(NpgLite, 3)
    start(sensor, mtu=23)
    assert {len(packet) for packet in payloads(live(sensor, 1.0), DATA)} == {20}


def test_battery_every_ten_seconds_and_none_in_the_early_firmware(worn):
    sensor = worn(NpgLite, 3)
    start(sensor)
    assert payloads(live(sensor, 25.0), BATTERY) == [sensor.read(BATTERY)] * 2
    early = worn(NpgLite, 3, firmware="early")
    assert BATTERY not in {entry.uuid for entry in early.gatt_table}
    with pytest.raises(AttError, match="0x0a"):
        early.read(BATTERY)


def test_below_five_percent_it_sleeps(worn):
    sensor = worn(NpgLite, 3)
    start(sensor)
    sensor.conditions.battery_percent = 4.5
    assert live(sensor, 1.0) == []
    assert not sensor.powered


def test_the_band_has_an_accelerometer(worn):
    sensor = worn(NpgLite, 3, firmware="band")
    start(sensor)
    said = payloads(live(sensor, 2.0), IMU)
    assert len(said) == pytest.approx(40, abs=1)  # twenty a second
    samples = np.frombuffer(b"".join(said), np.dtype([("counter", "u1"), ("acc", ">i2", (3,))]))
    assert (samples["counter"] == np.arange(samples.size) % 256).all()
    assert samples["acc"][-1] / 16384 == pytest.approx([-0.5, 0.0, np.sqrt(0.75)], abs=1e-3)


def test_it_advertises_a_service_that_others_share(worn):
    said = worn(NpgLite, 3, "NPG-Lite-3CH:4C:11").advertisement()
    assert (said.name, said.service_uuids) == ("NPG-Lite-3CH:4C:11", (SERVICE,))
