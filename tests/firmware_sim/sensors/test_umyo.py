"""The uMyo as its document has it: layouts, the rule of one notification for each event, and what that costs."""

import struct
from itertools import pairwise

import numpy as np
import pytest
from sensorplay import live, payloads, start

from firmware_sim.sensors.base import AttError
from firmware_sim.sensors.umyo import NAME, TELEMETRY, Umyo, advertised, auxiliary_packet, emg_packet


def split(sent):
    """EMG and auxiliary notifications."""
    said = payloads(sent, TELEMETRY)
    return [p for p in said if len(p) == 52], [p for p in said if len(p) == 26]


def indices(emg):
    return [struct.unpack_from("<I", packet)[0] for packet in emg]


def test_emg_packet_of_the_document():
    counts = np.array([8000, 8010, 7990, 8100, 7900, 8192, 0, 16383] + [8000] * 16, np.int16)
    expected = "C8 04 00 00 40 1F 4A 1F 36 1F A4 1F DC 1E 00 20 00 00 FF 3F" + " 40 1F" * 16
    assert emg_packet(1224, counts) == bytes.fromhex(expected)


def test_auxiliary_packet_of_the_document():
    values = np.array([0, 0, 16384, 100, -100, 0, 10, -20, 30, 32000, 0, 0, 0], float)
    assert auxiliary_packet(values) == bytes.fromhex(
        "00 00 00 00 00 40 64 00 9C FF 00 00 0A 00 EC FF 1E 00 00 7D 00 00 00 00 00 00"
    )


def test_advertisement_of_the_document():
    data = advertised(42, 3700, 40, np.array([0x0100, 300, -2, 1024]), np.array([22627, 22528, 0, 0]) / 32000)
    assert data == bytes.fromhex("2A AA 01 28 01 2C FF FE 04 00 58 63 58 00 00")


def test_it_advertises_seven_letters_and_no_company(worn):
    said = worn(Umyo, 1, "uMyo-1A").advertisement()
    assert (said.name, said.shortened, said.service_uuids) == ("uMyo-1A", True, ())
    assert len(said.manufacturer) == 15
    address = worn(Umyo, 1, "uMyo-1A").address.split(":")
    assert (address[0], address[-1], len(address)) == ("D7", "D4", 6)
    with pytest.raises(ValueError, match="seven letters"):
        worn(Umyo, 1, "uMyo-1A2B")


def test_the_data_number_of_the_advertisement_counts_blocks(worn):
    sensor = worn(Umyo, 1, rate_hz=1116.0)
    sensor.advance(1.0)
    first = sensor.advertisement().manufacturer[0]
    sensor.advance(2.0)
    assert (sensor.advertisement().manufacturer[0] - first) % 256 == pytest.approx(1116 / 8, abs=1.5)


def test_the_subscription_starts_the_stream(worn):
    sensor = worn(Umyo, 1)
    sensor.connected(0.0, 0.0075)
    assert live(sensor, 1.0) == []
    assert sensor.next_due_s() is None
    sensor.subscribed(TELEMETRY, True, 64, 1.0)
    assert live(sensor, 2.0, from_s=1.0)
    sensor.subscribed(TELEMETRY, False, 64, 2.0)
    assert live(sensor, 3.0, from_s=2.0) == []


# Shares of EMG that a link of this interval carries: computed in the document from the same rule.
@pytest.mark.parametrize(
    ("interval_ms", "carried", "auxiliary_hz"),
    [(7.5, 1.0, 25), (11.25, 1.0, 23), (13.75, 1.0, 24), (15.0, 0.96, 22), (20.0, 0.54, 25), (30.0, 0.36, 17)],
)
def test_long_connection_intervals_lose_emg(worn, interval_ms, carried, auxiliary_hz):
    sensor = worn(Umyo, 1, rate_hz=1116.0)
    start(sensor, mtu=64, interval_s=interval_ms * 1e-3)
    emg, auxiliary = split(live(sensor, 20.0))
    assert len(emg) * 24 / (1116.0 * 20.0) == pytest.approx(carried, abs=0.02)
    assert len(auxiliary) / 20.0 == pytest.approx(auxiliary_hz, abs=1.0)
    steps = np.diff(indices(emg))
    assert set(steps % 8) == {0}
    assert (steps > 24).any() == (carried < 1.0)


def test_from_40_ms_on_all_emg_is_lost(worn):
    sensor = worn(Umyo, 1)
    start(sensor, mtu=64, interval_s=0.045)
    emg, auxiliary = split(live(sensor, 5.0))
    assert len(emg) <= 1  # before the first deadline
    assert len(auxiliary) == pytest.approx(5.0 / 0.045, abs=2)


def test_each_connection_event_carries_one_notification(worn):
    sensor = worn(Umyo, 1)
    start(sensor, mtu=64, interval_s=0.0075)
    times = [ready_s for ready_s, _, _ in live(sensor, 3.0)]
    assert min(b - a for a, b in pairwise(times)) > 0.0074


def test_a_notification_that_the_mtu_does_not_carry_is_not_sent(worn):
    sensor = worn(Umyo, 1)
    start(sensor, mtu=23)
    assert live(sensor, 1.0) == []
    start(sensor, mtu=54, world_s=1.0)
    emg, auxiliary = split(live(sensor, 2.0, from_s=1.0))
    assert auxiliary
    assert not emg


def test_counts_are_the_potential_around_8000(worn):
    sensor = worn(Umyo, 1, rate_hz=1116.0)
    start(sensor, mtu=64, interval_s=0.0075)
    emg, _ = split(live(sensor, 4.0))
    counts = np.concatenate([np.frombuffer(packet[4:], "<i2") for packet in emg])[1200:]
    assert counts.mean() == pytest.approx(8000, abs=1)
    assert (counts.max() - counts.min()) / 2 * 2.747 == pytest.approx(200.0, rel=0.02)
    assert (indices(emg)[-1] - indices(emg)[0]) / 24 == len(emg) - 1


def test_the_auxiliary_packet_tells_rest_and_attitude(worn):
    sensor = worn(Umyo, 1)
    start(sensor, mtu=64, interval_s=0.0075)
    values = np.frombuffer(split(live(sensor, 1.0))[1][-1], "<i2").astype(float)
    assert values[:3] / 16384 == pytest.approx([-0.5, 0.0, np.sqrt(0.75)], abs=1e-3)
    assert values[3:6] * 500 / 28572 == pytest.approx([10.0, 0.0, 0.0], abs=0.02)
    w, x, y, z = values[9:] / 32000
    assert w * w + x * x + y * y + z * z == pytest.approx(1.0, abs=1e-3)
    up = np.array([2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)])  # upright axis, sensor's words
    assert up == pytest.approx(values[:3] / 16384, abs=2e-3)
    field_ut = values[6:9] / 10
    assert field_ut @ up == pytest.approx(-45.0, abs=0.3)


def test_each_unit_has_its_own_rate(worn):
    rates = [worn(Umyo, 1, f"uMyo-{n}").rate_hz for n in range(20)]
    assert 1100.0 <= min(rates) < 1115.0
    assert 1145.0 < max(rates) <= 1160.0


def test_the_index_goes_on_over_a_reconnection_and_wraps(worn):
    sensor = worn(Umyo, 1, rate_hz=1116.0, first_index=2**32 - 1200)
    start(sensor, mtu=64, interval_s=0.0075)
    first = indices(split(live(sensor, 0.5))[0])
    sensor.disconnected()
    assert sensor.advance(1.0) == []
    start(sensor, world_s=2.0, mtu=64, interval_s=0.0075)
    second = indices(split(live(sensor, 2.5, from_s=2.0))[0])
    assert first[0] >= 2**32 - 1200
    assert second[0] == pytest.approx(2 * 1116 - 1200, abs=270)  # the ring holds 256 samples


def test_a_stalled_link_overflows_the_ring(worn):
    sensor = worn(Umyo, 1, rate_hz=1116.0)
    start(sensor, mtu=64, interval_s=0.0075)
    before = indices(split(live(sensor, 1.0))[0])
    assert live(sensor, 2.0, from_s=1.0, air=False) == []
    after = indices(split(live(sensor, 3.0, from_s=2.0))[0])
    assert after[0] == before[-1] + 24  # it was prepared when the link fell silent
    lost = after[1] - after[0] - 24
    assert lost == pytest.approx(1116 - 256, abs=60)
    assert lost % 8 == 0


def test_variants(worn):
    sensor = worn(Umyo, 1, format_byte=True)
    start(sensor, mtu=64, interval_s=0.0075)
    said = payloads(live(sensor, 1.0), TELEMETRY)
    assert {(len(packet), packet[0]) for packet in said} == {(53, 2), (27, 3)}
    old = worn(Umyo, 1, advertising_only=True)
    assert old.gatt_table == ()
    assert len(old.advertisement().manufacturer) == 15
    with pytest.raises(AttError, match="0x0a"):
        old.read(NAME)


def test_the_name_is_stored_and_cut(worn):
    sensor = worn(Umyo, 1, "uMyo-1A")
    assert sensor.read(NAME) == b"uMyo-1A\0"
    sensor.write(NAME, b"left glute, upper part", 64, 0.0)
    assert sensor.read(NAME) == b"left glute, upp\0"
    assert sensor.advertisement().name == "left gl"
    sensor.write(NAME, b"\x01\x02", 64, 0.0)
    assert sensor.read(NAME) == b"left glute, upp\0"
    with pytest.raises(AttError, match="0x03"):
        sensor.write(TELEMETRY, b"\x01", 64, 0.0)


def test_an_empty_unit_switches_itself_off(worn):
    sensor = worn(Umyo, 1)
    start(sensor, mtu=64)
    sensor.conditions.battery_percent = 0.5
    assert live(sensor, 1.0) == []
    assert not sensor.powered
    assert sensor.battery_mv() == 3200
