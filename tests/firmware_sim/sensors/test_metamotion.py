"""The MetaMotion as its vendor's tests show it: modules, steps to a stream, scales."""

import numpy as np
import pytest
from sensorplay import live, payloads, start

from firmware_sim.sensors.metamotion import BATTERY, COMMAND, NOTIFY, SERVICE, MetaMotion, triples


def ask(sensor, text):
    return [payload.hex(" ").upper() for _, payload in sensor.write(COMMAND, bytes.fromhex(text), 23, 0.0)]


def tell(sensor, *texts):
    for text in texts:
        assert ask(sensor, text) == []


def test_packets_of_the_vendors_tests():
    gyro_dps = np.array([[262.409, 499.497, -499.512]])
    assert triples(0x13, 5, np.rint(gyro_dps * 65.6).astype(int)) == bytes.fromhex("13 05 3E 43 FF 7F 00 80")
    acc_g = np.array([[-1.872, -2.919, -1.495]])
    assert np.frombuffer(triples(3, 4, np.rint(acc_g * 8192).astype(int))[2:], "<i2") == pytest.approx(
        np.frombuffer(bytes.fromhex("16 C4 94 A2 2A D0"), "<i2"), abs=5
    )


@pytest.mark.parametrize(("chip", "acc", "gyro"), [("bmi160", 1, 0), ("bmi270", 4, 1)])
def test_modules_say_which_chip_it_is(worn, chip, acc, gyro):
    sensor = worn(MetaMotion, 0, chip=chip)
    assert ask(sensor, "03 80") == [f"03 80 {acc:02X} 01"]
    assert ask(sensor, "13 80") == [f"13 80 {gyro:02X} 01"]
    assert ask(sensor, "15 80") == ["15 80"]  # absent


def test_battery(worn):
    sensor = worn(MetaMotion, 0)
    sensor.conditions.battery_percent = 99.5
    [text] = ask(sensor, "11 8C")
    assert text.startswith("11 8C 63 ")
    assert 3200 < int.from_bytes(bytes.fromhex(text)[3:], "little") < 4200
    assert sensor.read(BATTERY) == b"\x63"


@pytest.mark.parametrize("chip", ["bmi160", "bmi270"])
def test_packed_samples_by_the_book(worn, chip):
    sensor = worn(MetaMotion, 0, chip=chip)
    start(sensor, mtu=23)
    said = payloads(live(sensor, 3.0), NOTIFY)
    assert {len(packet) for packet in said} == {20}
    acc = [packet for packet in said if packet[0] == 3]
    gyro = [packet for packet in said if packet[0] == 0x13]
    assert {packet[1] for packet in acc} == {0x1C if chip == "bmi160" else 0x05}
    assert {packet[1] for packet in gyro} == {0x07 if chip == "bmi160" else 0x05}
    assert len(acc) * 3 / 3.0 == pytest.approx(100 * sensor.clock.rate, rel=0.01)
    assert np.frombuffer(acc[-1][2:8], "<i2") / 4096 == pytest.approx([-0.5, 0, np.sqrt(0.75)], abs=1e-3)
    assert np.frombuffer(gyro[-1][2:8], "<i2") / 16.4 == pytest.approx([10.0, 0, 0], abs=0.05)


def test_each_step_is_needed(worn):
    steps = ["03 03 28 08", "03 04 01", "03 02 01 00", "03 01 01"]
    for missing in steps[1:]:
        sensor = worn(MetaMotion, 0)
        sensor.subscribed(NOTIFY, True, 23, 0.0)
        tell(sensor, *(step for step in steps if step != missing))
        assert live(sensor, 0.5) == []
    sensor = worn(MetaMotion, 0)
    sensor.subscribed(NOTIFY, True, 23, 0.0)
    tell(sensor, *steps)
    assert {packet[:2] for packet in payloads(live(sensor, 0.5), NOTIFY)} == {b"\x03\x04"}
    tell(sensor, "03 01 00")
    assert live(sensor, 1.0, from_s=0.5) == []


@pytest.mark.parametrize(("code", "counts_per_g"), [("03", 16384), ("05", 8192), ("08", 4096), ("0C", 2048)])
def test_ranges(worn, code, counts_per_g):
    sensor = worn(MetaMotion, 0)
    sensor.subscribed(NOTIFY, True, 23, 0.0)
    tell(sensor, f"03 03 27 {code}", "03 04 01", "03 02 01 00", "03 01 01")
    assert ask(sensor, "03 83") == [f"03 83 27 {code}"]
    said = payloads(live(sensor, 1.0), NOTIFY)
    assert len(said) == pytest.approx(50, abs=2)
    assert np.frombuffer(said[-1][2:], "<i2")[2] / counts_per_g == pytest.approx(np.sqrt(0.75), abs=1e-3)


def test_fusion_gives_a_quaternion(worn):
    sensor = worn(MetaMotion, 0)
    sensor.subscribed(NOTIFY, True, 23, 0.0)
    tell(sensor, "19 07 01", "19 02 02 13", "03 03 28 0C", "13 03 28 00", "19 03 08 00", "19 01 01")
    assert live(sensor, 0.5) == []  # the chip's halves were not started
    tell(sensor, "03 02 01 00", "13 02 01 00", "03 01 01", "13 01 01", "19 01 01")
    said = payloads(live(sensor, 1.0, from_s=0.5), NOTIFY)
    assert {(packet[:2], len(packet)) for packet in said} == {(b"\x19\x07", 18)}
    attitude = np.frombuffer(said[-1][2:], "<f4")
    assert np.linalg.norm(attitude) == pytest.approx(1.0, abs=1e-5)
    assert abs(attitude[2]) == pytest.approx(np.sin(np.pi / 12), abs=1e-4)
    tell(sensor, "19 03 00 7F")
    assert live(sensor, 1.5, from_s=1.0) == []


def test_its_clock_errs_and_it_says_nothing_of_time(worn):
    rates = [worn(MetaMotion, 0, seed=seed).clock.ppm for seed in range(8)]
    assert max(map(abs, rates)) > 2000


def test_name_service_and_the_end(worn):
    sensor = worn(MetaMotion, 0, "MetaWear")
    assert (sensor.advertisement().name, sensor.advertisement().service_uuids) == ("MetaWear", (SERVICE,))
    start(sensor)
    sensor.disconnected()
    assert sensor.next_due_s() is None
