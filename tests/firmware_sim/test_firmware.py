import struct

import numpy as np
import pytest

from firmware_sim import bridges, profile
from firmware_sim.firmware import SENSOR_SITES, Sensor
from firmware_sim.kits import units_of
from firmware_sim.physiology import body_signals
from firmware_sim.profile import Flag, Status
from firmware_sim.sensors.base import AttError

OK = Status.SUCCESS


@pytest.fixture(scope="module")
def signals():
    return body_signals(bridges(1), ("gluteus_maximus", "left"))


@pytest.fixture
def sensor(signals):
    return Sensor("EMG-GL", signals)


def command(sensor, text, *, mtu=247, world_s=1.0):
    """Write hexadecimal digits to the control point; the last answer, op and status checked apart."""
    data = bytes.fromhex(text)
    uuid, answer = sensor.write(profile.CONTROL, data, mtu, world_s)[-1]
    assert uuid == profile.CONTROL
    assert answer[:2] == bytes((0x80, data[0]))
    return answer[2:]


def header(packet):
    names = ("version", "flags", "sequence", "first", "device_us", "mask", "count")
    return dict(zip(names, struct.unpack_from("<BBHIIBB", packet), strict=True))


def received(sensor, uuid, from_s, to_s, step_s=0.1, **kwargs):
    packets = []
    for world_s in np.arange(from_s, to_s + 1e-9, step_s):
        packets += [packet for _, port, packet in sensor.advance(world_s, **kwargs) if port == uuid]
    return packets


def test_description_is_the_documents_tlv(sensor):
    text = sensor.read(profile.DESCRIPTION)
    assert text[:2] == b"\x01\x02"
    emg_length = text[3]
    assert (text[2], text[4 + emg_length]) == (1, 2)
    emg = profile.split_tlv(text[4 : 4 + emg_length])
    assert dict(emg) == {
        1: b"\x01",
        2: struct.pack("<3H", 500, 1000, 2000),
        3: b"\x00",
        4: struct.pack("<f", 0.25),
        5: b"\x00",
        6: struct.pack("<2H", 100, 4500),
        7: struct.pack("<f", 8.19175),
        8: struct.pack("<H", 12),
        9: struct.pack("<H", 60),
        10: b"gluteus_maximus/left",
        12: bytes([115]),
    }
    imu = profile.split_tlv(text[6 + emg_length :])
    assert text[5 + emg_length] == len(text) - 6 - emg_length
    scales = [struct.unpack("<f", value)[0] for tag, value in imu if tag == 4]
    assert scales == pytest.approx([1 / 4096, 1 / 16.4])
    assert dict(imu)[2] == struct.pack("<2H", 100, 200)
    assert dict(imu)[12] == bytes([19])
    assert 11 in dict(imu)


def test_description_length_bytes_hold_the_longest_labels(signals):
    text = Sensor("EMG-GL", signals, label="x" * 40).read(profile.DESCRIPTION)
    assert (10, b"x" * 40) in profile.split_tlv(text[4 : 4 + text[3]])


def test_advertisement_names_the_sensor(signals):
    fields = Sensor("EMG-HR", signals).advertisement()
    assert fields.name == "EMG-HR"
    assert fields.service_uuids == (profile.SERVICE,)
    said = fields.service_data[profile.SERVICE]
    assert (said[0], said[2:]) == (1, bytes((0x82, 0)))


def test_unknown_names_are_refused_with_the_known_ones():
    assert list(SENSOR_SITES) == ["EMG-GL", "EMG-GR", "EMG-HL", "EMG-HR", "EMG-EL", "EMG-ER"]
    with pytest.raises(ValueError, match=r"EMG-XX; there are EMG-GL"):
        units_of("emgmon", ["EMG-XX"])


@pytest.mark.parametrize(("uuid", "code"), [(profile.EMG_DATA, 0x02), (profile.CONTROL, 0x02), ("0000ffff-0", 0x0A)])
def test_reading_what_cannot_be_read_is_an_att_error(sensor, uuid, code):
    with pytest.raises(AttError) as error:
        sensor.read(uuid)
    assert error.value.code == code


def test_writing_elsewhere_or_nothing_is_an_att_error(sensor):
    with pytest.raises(AttError, match="0x03"):
        sensor.write(profile.EMG_DATA, b"\x01", 247, 0.0)
    with pytest.raises(AttError, match="0x0d"):
        sensor.write(profile.CONTROL, b"", 247, 0.0)


def test_example_start_of_both_streams(sensor):
    sensor.restart(10.0)
    assert sensor.write(profile.CONTROL, bytes.fromhex("03 03"), 247, 10.0) == [
        (profile.CONTROL, bytes.fromhex("80 03 01 00 00 00 00"))
    ]


def test_example_start_refused_while_charging(sensor):
    sensor.conditions.charging = True
    assert sensor.write(profile.CONTROL, bytes.fromhex("03 01"), 247, 0.0) == [
        (profile.CONTROL, bytes.fromhex("80 03 09"))
    ]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("01", 3), ("01 03", 3), ("01 01 00", 3),
        ("02", 3), ("02 03 02 02 E8 03", 3), ("02 01 02 02 E8", 3), ("02 01 63 01 00", 3),
        ("02 01 02 02 E9 03", 6), ("02 01 08 02 01 00", 6), ("02 01 0C 01 00", 3), ("02 01 0C 01 74", 6),
        ("02 02 02 02 2C 01", 6), ("02 02 10 01 04", 6),
        ("03", 3), ("03 00", 3), ("03 04", 3), ("03 01 01", 3),
        ("04 01", 5), ("04 00", 3),
        ("05 01 02 03", 3), ("06", 3), ("07", 3), ("07 FF FE", 3), ("07" + "41" * 21, 3),
        ("08 01", 3), ("08 01 02", 3), ("08 05 01", 3), ("09 01", 3), ("0A 00", 3),
        ("0B", 2), ("00", 2), ("FF 01", 2),
    ],
)  # fmt: skip
def test_control_point_refuses_with_the_documents_status(sensor, text, status):
    assert command(sensor, text) == bytes((status,))


def test_start_twice_and_settings_while_streaming_are_wrong_state(sensor):
    assert command(sensor, "03 01")[:1] == bytes((OK,))
    assert command(sensor, "03 03") == b"\x05"
    assert command(sensor, "02 01 02 02 D0 07") == b"\x05"
    assert command(sensor, "02 02 02 02 C8 00") == bytes((OK,))
    assert command(sensor, "03 02")[:1] == bytes((OK,))


@pytest.mark.parametrize(("mtu", "status"), [(23, 7), (66, 7), (67, 1), (247, 1)])
def test_start_is_refused_where_a_packet_does_not_fit_the_mtu(sensor, mtu, status):
    assert command(sensor, "03 01", mtu=mtu)[0] == status


def test_smallest_mtu_allows_no_rate_above_100_hz_even_in_small_packets(sensor):
    assert command(sensor, "02 01 0C 01 03") == bytes((OK,))
    assert command(sensor, "03 01", mtu=23) == b"\x07"


def test_start_is_refused_with_a_flat_battery(sensor):
    sensor.conditions.battery_percent = 4.9
    assert command(sensor, "03 01") == b"\x08"
    assert sensor.read(profile.BATTERY_LEVEL) == b"\x04"


def test_settings_are_read_back(sensor):
    assert command(sensor, "01 01") == bytes.fromhex("01 02 02 E8 03 08 02 0C 00 0C 01 19")
    assert command(sensor, "02 01 02 02 D0 07 0C 01 64") == bytes((OK,))
    assert command(sensor, "01 01") == bytes.fromhex("01 02 02 D0 07 08 02 0C 00 0C 01 64")
    assert command(sensor, "01 02") == bytes.fromhex("01 02 02 64 00 0C 01 05")


def test_refused_settings_change_nothing(sensor):
    assert command(sensor, "02 01 02 02 D0 07 0C 01 FF") == b"\x06"
    assert command(sensor, "01 01") == bytes.fromhex("01 02 02 E8 03 08 02 0C 00 0C 01 19")


def test_time_echo_label_identify_electrodes(sensor):
    answer = command(sensor, "05 01 02 03 04", world_s=2.0)
    assert answer[:5] == bytes.fromhex("01 01 02 03 04")
    assert struct.unpack("<I", answer[5:])[0] == sensor.clock.device_us(2.0)
    assert command(sensor, "07" + "müsli".encode().hex()) == bytes((OK,))
    assert "müsli".encode() in sensor.read(profile.DESCRIPTION)
    assert command(sensor, "06 05", world_s=3.0) == bytes((OK,))
    assert sensor.identify_until_s == 8.0
    assert command(sensor, "09") == bytes((OK, 0))
    sensor.conditions.begin_s = 0.0
    sensor.conditions.lifted_s = ((2.0, 4.0),)
    assert command(sensor, "09", world_s=3.0) == bytes((OK, 1))


def test_packets_continue_each_other(sensor):
    command(sensor, "03 03", world_s=1.0)
    emg = [header(packet) for packet in received(sensor, profile.EMG_DATA, 1.0, 3.0)]
    assert len(emg) == 80
    assert [packet["sequence"] for packet in emg] == list(range(80))
    assert [packet["first"] for packet in emg] == list(range(0, 2000, 25))
    started_us = sensor.clock.device_us(1.0)
    assert [packet["device_us"] for packet in emg] == list(range(started_us, started_us + 2_000_000, 25_000))
    assert all((p["version"], p["flags"], p["mask"], p["count"]) == (0x10, 0, 1, 25) for p in emg)


def test_imu_packets_hold_acceleration_then_turn_rate(sensor):
    command(sensor, "03 02", world_s=1.0)
    packets = received(sensor, profile.IMU_DATA, 1.0, 3.0)
    assert len(packets) == 40
    assert (header(packets[0])["mask"], header(packets[0])["count"]) == (3, 5)
    values = np.frombuffer(b"".join(packet[14:] for packet in packets), "<i2").reshape(-1, 6)
    assert np.linalg.norm(values[:, :3].mean(axis=0)) / 4096 == pytest.approx(1.0, abs=0.035)
    assert np.linalg.norm(values[:, 3:].mean(axis=0)) / 16.4 < 2.5


@pytest.mark.parametrize("step_s", [0.001, 0.037, 0.4])
def test_same_bytes_for_any_steps(signals, step_s):
    def run(step):
        sensor = Sensor("EMG-GL", signals)
        command(sensor, "03 03", world_s=0.0)
        sent = []
        for world_s in [*np.arange(step, 2.0, step), 2.0]:
            sent += [(t, u, p) for t, u, p in sensor.advance(float(world_s)) if u.startswith("c331000")]
        return sorted((t, u, p) for t, u, p in sent if u != profile.STATUS)

    assert run(step_s) == run(0.1)


def test_a_new_start_begins_at_zero_again(sensor):
    command(sensor, "03 01", world_s=1.0)
    received(sensor, profile.EMG_DATA, 1.0, 2.0)
    sensor.disconnected()
    assert sensor.advance(3.0) == []
    command(sensor, "03 01", world_s=3.5)
    first = header(received(sensor, profile.EMG_DATA, 3.5, 4.0)[0])
    assert (first["sequence"], first["first"]) == (0, 0)
    assert first["device_us"] == sensor.clock.device_us(3.5)


def test_a_reboot_begins_device_time_and_settings_again(sensor):
    command(sensor, "02 01 0C 01 32")
    sensor.restart(100.0)
    assert sensor.clock.device_us(100.0) == 0
    assert command(sensor, "01 01", world_s=100.0)[-1] == 25


def test_stop_sends_the_rest_then_answers(sensor):
    command(sensor, "03 01", world_s=1.0)
    received(sensor, profile.EMG_DATA, 1.0, 1.1)
    out = sensor.write(profile.CONTROL, bytes.fromhex("04 01"), 247, 1.1102)
    assert [uuid for uuid, _ in out] == [profile.EMG_DATA, profile.CONTROL]
    assert header(out[0][1])["first"] == 100
    assert header(out[0][1])["count"] == 11
    assert len(out[0][1]) == 14 + 22
    assert out[1][1] == bytes.fromhex("80 04 01")
    assert sensor.next_due_s() is None


def test_drift_is_within_60_ppm_and_shows_in_the_sample_count(signals):
    ppm = [Sensor(name, signals, seed=seed).clock.ppm for name in SENSOR_SITES for seed in range(20)]
    assert max(map(abs, ppm)) <= 60.0
    assert np.std(ppm) > 20.0
    sensor = Sensor("EMG-GL", signals)
    command(sensor, "03 01", world_s=0.0)
    packets = received(sensor, profile.EMG_DATA, 0.0, 100.0, step_s=0.4)
    taken = header(packets[-1])["first"] + 25
    assert taken == pytest.approx(100_000 * (1 + sensor.clock.ppm * 1e-6), abs=26)


def test_a_blocked_link_drops_the_oldest_beyond_half_a_second_and_says_so(sensor):
    command(sensor, "03 01", world_s=1.0)
    before = received(sensor, profile.EMG_DATA, 1.0, 2.0)
    assert received(sensor, profile.EMG_DATA, 2.1, 3.0, air=False) == []
    sent = [(t, packet) for t, port, packet in sensor.advance(3.1) if port == profile.EMG_DATA]
    assert min(t for t, _ in sent) >= 3.0
    first = header(sent[0][1])
    assert first["flags"] == Flag.DROPPED_BEFORE
    assert first["sequence"] == header(before[-1])["sequence"] + 1
    lost = first["first"] - header(before[-1])["first"] - 25
    assert lost == pytest.approx(500, abs=26)
    assert all(header(packet)["flags"] == 0 for _, packet in sent[1:])
    dropped = struct.unpack_from("<HH", sensor.read(profile.STATUS), 4)
    assert dropped[1] == lost
    assert dropped[0] >= lost // 25


def test_a_short_block_loses_nothing(sensor):
    command(sensor, "03 01", world_s=1.0)
    received(sensor, profile.EMG_DATA, 1.0, 2.0)
    received(sensor, profile.EMG_DATA, 2.1, 2.3, air=False)
    assert header(received(sensor, profile.EMG_DATA, 2.4, 2.5)[0])["flags"] == 0


def test_status_comes_each_second_and_when_an_electrode_lifts(sensor):
    sensor.conditions.begin_s = 0.0
    sensor.conditions.lifted_s = ((2.5, 3.5),)
    command(sensor, "03 01", world_s=1.0)
    values = received(sensor, profile.STATUS, 1.0, 6.0)
    assert [value[8] for value in values].count(1) in (1, 2)
    assert 5 <= len(values) <= 7
    assert all(len(value) == 11 for value in values)


def test_a_lifted_electrode_is_flagged_and_full_of_hum(sensor):
    sensor.conditions.begin_s = 0.0
    sensor.conditions.lifted_s = ((1.5, 9.0),)
    command(sensor, "03 01", world_s=1.0)
    packets = received(sensor, profile.EMG_DATA, 1.0, 2.5)
    off = [packet for packet in packets if header(packet)["flags"] & Flag.ELECTRODE_OFF]
    assert len(off) == pytest.approx(40, abs=1)
    hum = np.frombuffer(b"".join(packet[14:] for packet in off[1:]), "<i2") * 0.25
    assert np.abs(hum).max() == pytest.approx(400.0, rel=0.01)


def test_test_signal_replaces_the_electrodes_and_is_flagged_once_as_changed(sensor):
    assert command(sensor, "08 01 01") == bytes((OK,))
    command(sensor, "03 01", world_s=1.0)
    packets = received(sensor, profile.EMG_DATA, 1.0, 2.1)
    assert header(packets[0])["flags"] == Flag.TEST_SIGNAL | Flag.SETTINGS_CHANGED
    assert {header(packet)["flags"] for packet in packets[1:]} == {Flag.TEST_SIGNAL}
    wave_uv = np.frombuffer(b"".join(packet[14:] for packet in packets[:40]), "<i2") * 0.25
    expected = 100.0 * np.sin(2 * np.pi * 80.0 * np.arange(1000) / 1000.0)
    assert np.abs(wave_uv - expected).max() < 0.13


def test_rate_and_packet_size_can_be_set(sensor):
    command(sensor, "02 01 02 02 D0 07 0C 01 64")
    command(sensor, "03 01", world_s=1.0)
    packets = received(sensor, profile.EMG_DATA, 1.0, 2.0)
    assert len(packets) == 20
    assert header(packets[1])["device_us"] - header(packets[0])["device_us"] == 50_000
    assert len(packets[0]) == 214


def test_power_off_ends_everything(sensor):
    command(sensor, "03 03")
    assert command(sensor, "0A") == bytes((OK,))
    assert not sensor.powered
    assert sensor.advance(5.0) == []


def test_a_sensor_without_emg_says_where_it_sits_and_streams_its_imu_alone(signals):
    sensor = Sensor("EMG-SM", signals, site=("sacrum", "midline"), motion_only=True)
    text = sensor.read(profile.DESCRIPTION)
    assert (text[1], text[2]) == (1, profile.IMU_STREAM)
    assert (10, b"sacrum/midline") in profile.split_tlv(text[4:])
    assert sensor.advertisement().service_data[profile.SERVICE][2] == 0
    assert sensor.write(profile.CONTROL, bytes.fromhex("03 03"), 247, 0.0) == [(profile.CONTROL, b"\x80\x03\x03")]
    assert sensor.write(profile.CONTROL, bytes.fromhex("03 02"), 247, 0.0)[0][1][:3] == b"\x80\x03\x01"
    assert {uuid for _, uuid, _ in sensor.advance(0.5)} <= {profile.IMU_DATA, profile.BATTERY_LEVEL}
