"""The gForce as its document has it: commands, refusals, messages in parts, types of data."""

import struct
from itertools import pairwise

import numpy as np
import pytest
from sensorplay import live, payloads, start

from firmware_sim.sensors.gforce import COMMAND, DATA, SERVICE, UV_PER_COUNT, GForce, parts


def ask(sensor, text, mtu=247):
    """Answer to a command, both in hexadecimal."""
    answers = sensor.write(COMMAND, bytes.fromhex(text), mtu, 0.0)
    assert {uuid for uuid, _ in answers} <= {COMMAND}
    return [payload.hex(" ").upper() for _, payload in answers]


def of_type(said, kind):
    return [packet for packet in said if packet[0] == kind]


def test_commands_of_the_document(worn):
    sensor = worn(GForce, 8)
    sensor.connected(0.0, 0.015)
    assert ask(sensor, "3F F4 01 FF 00 80 0C") == ["00 3F"]
    assert ask(sensor, "46") == ["00 46 F4 01 FF 00 80 0C"]
    assert ask(sensor, "4F 90 00 00 00") == ["00 4F"]
    assert ask(sensor, "26 01") == ["00 26"]
    assert ask(sensor, "08") == [f"00 08 {sensor.battery_percent():02X}"]
    assert bytes.fromhex(ask(sensor, "06")[0])[2:] == b"V1.0"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("99", 1),  # not known
        ("3F E8 03 FF 00 80 0C", 2),  # 12 bits are offered up to 500 Hz
        ("3F 2C 01 FF 00 80 08", 2),  # 300 Hz
        ("3F F4 01 00 00 80 08", 2),  # no channel
        ("3F F4 01 FF 00 04 08", 2),  # no room for a sample
        ("3F F4 01 FF 00 80 0A", 2),  # 10 bits
        ("3F F4 01", 2),
        ("26", 2),
        ("4F 90", 2),
    ],
)
def test_refusals(worn, command, code):
    sensor = worn(GForce, 8)
    assert ask(sensor, command) == [f"{code:02X} {command[:2]}"]


def test_the_setting_is_refused_while_emg_streams(worn):
    sensor = worn(GForce, 8)
    start(sensor)
    assert ask(sensor, "3F F4 01 FF 00 80 08") == ["03 3F"]
    assert ask(sensor, "4F 00 00 00 00") == ["00 4F"]
    assert ask(sensor, "3F F4 01 FF 00 80 08") == ["00 3F"]


def test_old_firmware_knows_no_index(worn):
    sensor = worn(GForce, 8, knows_index=False)
    assert (COMMAND, b"\x01\x26") in start(sensor)
    said = payloads(live(sensor, 1.0), DATA)
    assert {len(packet) for packet in of_type(said, 0x08)} == {129}
    assert {len(packet) for packet in of_type(said, 0x05)} == {17}


def test_each_type_counts_its_own_packets(worn):
    sensor = worn(GForce, 8)
    start(sensor)
    said = payloads(live(sensor, 6.0), DATA)
    assert {packet[0] for packet in said} == {0x01, 0x02, 0x05, 0x08}
    for kind, size in ((0x08, 130), (0x05, 18), (0x01, 14), (0x02, 14)):
        own = of_type(said, kind)
        assert {len(packet) for packet in own} == {size}
        assert [packet[1] for packet in own] == [n % 256 for n in range(len(own))]
    assert len(of_type(said, 0x08)) * 8 / 6.0 == pytest.approx(500, rel=0.01)
    assert len(of_type(said, 0x05)) / 6.0 == pytest.approx(50, rel=0.01)


@pytest.mark.parametrize(("bits", "coding", "samples", "rate_hz"), [(12, "<u2", 8, 500), (8, "u1", 16, 1000)])
def test_emg_is_sample_major_around_the_middle(worn, bits, coding, samples, rate_hz):
    sensor = worn(GForce, 6, bits=bits)
    start(sensor)
    own = of_type(payloads(live(sensor, 3.0), DATA), 0x08)
    values = np.concatenate([np.frombuffer(packet[2:], coding).reshape(samples, 8) for packet in own]).astype(float)
    assert len(values) / 3.0 == pytest.approx(rate_hz, rel=0.01)
    assert values.mean(axis=0) == pytest.approx([1 << (bits - 1)] * 8, abs=1)
    assert np.ptp(values[:, 0]) / 2 * UV_PER_COUNT[bits] == pytest.approx(200.0, rel=0.05)
    assert (values[:, 0] == values[:, 5]).all()
    assert values[:, 6:].std() * UV_PER_COUNT[bits] < 8.0


def test_motion_is_fixed_point_and_float(worn):
    sensor = worn(GForce, 8)
    start(sensor)
    ask(sensor, "4F 1F 00 00 00")
    said = payloads(live(sensor, 1.0), DATA)
    assert np.array(struct.unpack("<3i", of_type(said, 1)[-1][2:])) / 65536 == pytest.approx(
        [-0.5, 0.0, np.sqrt(0.75)], abs=1e-3
    )
    assert np.array(struct.unpack("<3i", of_type(said, 2)[-1][2:])) / 65536 == pytest.approx([10.0, 0.0, 0.0], abs=0.01)
    field_ut = np.array(struct.unpack("<3i", of_type(said, 3)[-1][2:])) / 65536
    assert np.linalg.norm(field_ut) == pytest.approx(np.hypot(20.0, 45.0), abs=0.01)
    assert abs(struct.unpack("<3f", of_type(said, 4)[-1][2:])[1]) == pytest.approx(30.0, abs=0.1)
    assert np.linalg.norm(struct.unpack("<4f", of_type(said, 5)[-1][2:])) == pytest.approx(1.0, abs=1e-5)


def test_a_small_mtu_splits_messages_into_parts_that_count_down():
    message = bytes(range(50))
    cut = parts(message, 20)
    assert [part[:2] for part in cut] == [b"\xff\x02", b"\xff\x01", b"\xff\x00"]
    assert b"".join(part[2:] for part in cut) == message
    assert parts(message, 50) == [message]


def test_at_mtu_23_all_still_arrives(worn):
    sensor = worn(GForce, 8)
    answers = start(sensor, mtu=23)
    assert (COMMAND, b"\x00\x06V1.0") in answers
    said = payloads(live(sensor, 1.0), DATA)
    assert max(map(len, said)) <= 20
    for one, next_one in pairwise(said):
        if one[0] == 0xFF and one[1] > 0:
            assert next_one[:2] == bytes((0xFF, one[1] - 1))
    joined = b"".join(packet[2:] if packet[0] == 0xFF else packet for packet in said)
    assert joined[0] in {1, 2, 5, 8}


def test_what_the_link_does_not_take_shows_in_the_index(worn):
    sensor = worn(GForce, 8)
    start(sensor)
    before = of_type(payloads(live(sensor, 1.0), DATA), 8)
    assert live(sensor, 1.5, from_s=1.0, air=False) == []
    after = of_type(payloads(live(sensor, 2.0, from_s=1.5), DATA), 8)
    assert after[0][1] - before[-1][1] - 1 == pytest.approx(31, abs=2)


def test_it_advertises_its_service_and_can_be_switched_off(worn):
    sensor = worn(GForce, 8, "gForceOct-3F7A")
    said = sensor.advertisement()
    assert (said.name, said.service_uuids, len(said.service_data[SERVICE])) == ("gForceOct-3F7A", (SERVICE,), 6)
    assert ask(sensor, "1D") == ["00 1D"]
    assert not sensor.powered
