"""The MyoPod as its maker's document has it: configuration, factors, codings."""

import struct

import numpy as np
import pytest
from sensorplay import live, payloads, start

from firmware_sim.sensors.base import AttError
from firmware_sim.sensors.myopod import CONFIGURATION, DATA, SYNC, MyoPod, coded, data_packet


def configured(worn, text, mtu=247):
    sensor = worn(MyoPod, 1)
    sensor.connected(0.0, 0.015)
    sensor.subscribed(DATA, True, mtu, 0.0)
    sensor.write(CONFIGURATION, bytes.fromhex(text), mtu, 0.0)
    return sensor


def test_packet_of_the_document():
    data = coded(np.array([100.0, -100.0]), 1)
    assert data_packet(7, 0x31, 1.0, 0.001, data) == bytes.fromhex("00 07 31 3F 80 00 00 3A 83 12 6F 04 00 64 FF 9C")


def test_codings():
    assert coded(np.array([1.5]), 0) == struct.pack(">f", 1.5)
    assert coded(np.array([1.0, -1.0, 2047.0, -9999.0]), 2) == bytes.fromhex("001 FFF 7FF 800".replace(" ", ""))
    assert coded(np.array([5.0, -500.0]), 3) == b"\x05\x80"


def test_raw_at_full_rate(worn):
    sensor = configured(worn, "00 00 01 31 00")
    said = payloads(live(sensor, 4.0), DATA)
    assert [packet[1] for packet in said] == list(range(len(said)))
    assert {packet[2] for packet in said} == {0x31}
    assert {packet[11] for packet in said} == {20}
    values = np.concatenate([np.frombuffer(packet[12:], ">i2") for packet in said]) * struct.unpack(">f", said[0][7:11])
    assert values.size / 4.0 == pytest.approx(200, rel=0.02)
    assert values.std() * np.sqrt(2) == pytest.approx(0.2, rel=0.02)
    times_s = [struct.unpack(">f", packet[3:7])[0] for packet in said]
    assert np.mean(np.diff(times_s)) == pytest.approx(0.05, rel=0.02)


@pytest.mark.parametrize(
    ("text", "rate_hz"),
    [("00 00 01 30 00", 200), ("00 00 02 31 00", 100), ("00 00 01 32 00", 200), ("00 00 04 33 00", 50)],
)
def test_averages_and_compressions(worn, text, rate_hz):
    said = payloads(live(configured(worn, text), 4.0), DATA)
    compression = bytes.fromhex(text)[3] & 15
    bytes_each = {0: 4, 1: 2, 2: 1.5, 3: 1}[compression]
    assert sum(packet[11] for packet in said) / bytes_each / 4.0 == pytest.approx(rate_hz, rel=0.03)
    assert all(len(packet) == 12 + packet[11] for packet in said)


def test_a_small_mtu_makes_short_packets(worn):
    said = payloads(live(configured(worn, "00 00 01 31 00", mtu=23), 1.0), DATA)
    assert {len(packet) for packet in said} == {20}


@pytest.mark.parametrize("text", ["00 00 01 41 00", "00 00 01 34 00", "00 00 00 31 00", "00 00 01 11 00"])
def test_what_is_not_defined_is_refused(worn, text):
    with pytest.raises(AttError, match="0x13"):
        configured(worn, text)


def test_a_wrong_length_is_refused(worn):
    with pytest.raises(AttError, match="0x0d"):
        configured(worn, "00 00 01 31")


def test_stop_and_what_can_be_read(worn):
    sensor = configured(worn, "00 00 01 31 00")
    assert sensor.read(CONFIGURATION) == bytes.fromhex("00 00 01 31 00 00 C8 3A 83 12 6F")
    assert len(sensor.read(SYNC)) == 8
    sensor.write(CONFIGURATION, bytes.fromhex("00 00 01 00 00"), 247, 1.0)
    assert sensor.next_due_s() is None


def test_fake_emg_is_a_known_wave(worn):
    said = payloads(live(configured(worn, "00 00 01 60 00"), 2.0), DATA)
    values = np.concatenate([np.frombuffer(packet[12:], ">f4") for packet in said])
    assert values.std() * np.sqrt(2) == pytest.approx(0.5, rel=0.01)


def test_a_stall_shows_in_the_blocks(worn):
    sensor = configured(worn, "00 00 01 31 00")
    before = payloads(live(sensor, 1.0), DATA)[-1][1]
    assert live(sensor, 1.5, from_s=1.0, air=False) == []
    assert payloads(live(sensor, 2.0, from_s=1.5), DATA)[0][1] == before + 11


def test_the_advertisement_says_what_it_is(worn):
    said = worn(MyoPod, 1, "MyoPod 1").advertisement()
    assert said.shortened
    assert said.manufacturer[:3] == b"\xba\x0a\x02"
    assert said.manufacturer[3] >> 1 & 7 == 2
    assert said.manufacturer[5] <= 100
    assert len(said.manufacturer) == 2 + 4 + 4 + 1 + 4
    assert len(worn(MyoPod, 1, "MyoPod 1", schema=1).advertisement().manufacturer) == 10
    start(worn(MyoPod, 1))
