"""The Ganglion as its document has it: two ways to squeeze, stale and missing samples, one-letter commands."""

import numpy as np
import pytest
from sensorplay import live, payloads, start

from firmware_sim.sensors.base import AttError
from firmware_sim.sensors.ganglion import (
    COMMAND,
    DATA,
    HANG_UP,
    SOFTWARE,
    UV_PER_COUNT,
    Ganglion,
    absolute_fields,
    difference_fields,
    packed_fields,
)

A, B = (0, 1280, -1280, 100000), (-100000, 8388600, -8388608, -64)


def bits_of(packet, bits):
    """Eight fields of a packet, as plain integers."""
    text = "".join(f"{byte:08b}" for byte in packet[1:])
    return [int(text[at * bits : (at + 1) * bits], 2) for at in range(8)]


def values_3(packet, bits):
    """Decode a packet of firmware 3 by the document's words."""
    fields = [(field & ~1) - (1 << bits if field >> (bits - 1) else 0) for field in bits_of(packet, bits)]
    return np.array(fields).reshape(2, 4) << (24 - bits)


@pytest.mark.parametrize(
    ("bits", "expected"),
    [
        (18, "00 00 00 01 4F FF B4 06 1A FE 79 5F FF E8 00 07 FF FF"),
        (19, "00 00 00 00 A3 FF EC 80 C3 4F E7 96 FF FF A0 00 0F FF FF"),
    ],
)
def test_absolute_samples_of_the_document(bits, expected):
    assert packed_fields(absolute_fields(np.array([*A, *B]), bits), bits) == bytes.fromhex(expected)


@pytest.mark.parametrize(
    ("bits", "differences", "expected"),
    [
        (18, [0, 2, 10, 4, 131074, 245760, 114698, 49162], "00 00 00 00 20 00 28 00 04 80 00 BC 00 07 00 28 C0 0A"),
        (
            18,
            [-3, -5, -7, -11, -262139, -198429, -262137, -4095],
            "FF FF 7F FF BF FF E7 FF F5 00 01 4F 8E 30 00 1F F0 01",
        ),
        (19, [0, 2, 10, 4, 262148, 507910, 393222, 8], "00 00 00 00 08 00 05 00 00 48 00 09 F0 01 B0 00 30 00 08"),
        (
            19,
            [-3, -5, -7, -11, -262139, -198429, -262137, -4095],
            "FF FF BF FF EF FF FC FF FF 58 00 0B 3E 38 E0 00 3F F0 01",
        ),
    ],
)
def test_differences_of_the_makers_tests(bits, differences, expected):
    assert packed_fields(difference_fields(np.array(differences)), bits) == bytes.fromhex(expected)


def test_single_field_of_the_document():
    assert int.from_bytes(bytes.fromhex("04 A1 01"), "big") == difference_fields(np.array([-220927]))[0] & 0x7FFFF


def test_firmware_3_without_accelerometer_counts_from_100_behind_a_stale_99(worn):
    sensor = worn(Ganglion, 4)
    start(sensor)
    said = payloads(live(sensor, 3.0), DATA)
    assert [packet[0] for packet in said[:3]] == [99, 100, 101]
    assert [packet[0] for packet in said[1:]] == [100 + n % 100 for n in range(len(said) - 1)]
    assert {len(packet) for packet in said} == {20}


def test_firmware_3_with_accelerometer_counts_from_0_behind_a_stale_255(worn):
    sensor = worn(Ganglion, 4, accelerometer=True)
    start(sensor)
    said = payloads(live(sensor, 3.0), DATA)
    assert [packet[0] for packet in said[:2]] == [255, 0]
    assert [packet[0] for packet in said[1:]] == [n % 100 for n in range(len(said) - 1)]
    signed = np.array([packet[19] for packet in said[1:]], np.uint8).view(np.int8) / 64
    assert signed[[1, 2, 3]] == pytest.approx([-0.5, 0.0, np.sqrt(0.75)], abs=0.02)
    assert (signed[4:11] == 0).all()


def test_one_sample_in_201_is_not_sent(worn):
    sensor = worn(Ganglion, 4)
    start(sensor)
    said = payloads(live(sensor, 31.0), DATA)
    rounds = [at for at, packet in enumerate(said) if packet[0] == 100]
    assert set(np.diff(rounds)) == {100}
    samples_a_second = 2 * len(said) / 31.0
    assert samples_a_second == pytest.approx(200 * 200 / 201, rel=0.001)


def test_firmware_3_gives_the_potential(worn):
    sensor = worn(Ganglion, 2)
    start(sensor)
    uv = np.concatenate([values_3(packet, 19) for packet in payloads(live(sensor, 3.0), DATA)[1:]]) * UV_PER_COUNT
    averaged = np.sinc(50.0 / 200.0)  # the converter's own response at 50 Hz
    assert uv[50:, 0].std() * np.sqrt(2) == pytest.approx(200.0 * averaged, rel=0.03)
    assert uv[:, 2:].std() < 5.0


def test_firmware_2_sends_one_whole_sample_and_a_hundred_packets_of_differences(worn):
    sensor = worn(Ganglion, 4, firmware=2)
    start(sensor)
    said = payloads(live(sensor, 4.0), DATA)
    assert [packet[0] for packet in said[:103]] == [0, *range(101, 201), 0, 101]
    last = np.array([int.from_bytes(said[0][1 + 3 * n : 4 + 3 * n], "big", signed=True) for n in range(4)])
    decoded = [last]
    for packet in said[1:101]:
        delta = np.array([field - (1 << 19 if field & 1 else 0) for field in bits_of(packet, 19)]).reshape(2, 4)
        for row in delta:
            last = last - row
            decoded.append(last)
    again = np.array([int.from_bytes(said[101][1 + 3 * n : 4 + 3 * n], "big", signed=True) for n in range(4)])
    uv = np.array(decoded) * UV_PER_COUNT
    assert uv[9:, 0].std() * np.sqrt(2) == pytest.approx(200.0 * np.sinc(50.0 / 200.0), rel=0.03)
    assert np.abs(again - decoded[-1]).max() * UV_PER_COUNT < 400.0  # no error piled up


def test_only_the_first_letter_of_a_write_counts(worn):
    sensor = worn(Ganglion, 4)
    start(sensor)
    sensor.write(COMMAND, b"sb", 23, 0.1)
    assert sensor.next_due_s() is None


def test_channels_can_be_switched_off_and_a_square_wave_on(worn):
    sensor = worn(Ganglion, 4)
    start(sensor)
    sensor.write(COMMAND, b"2", 23, 0.0)
    sensor.write(COMMAND, b"[", 23, 0.0)
    said = np.concatenate([values_3(packet, 19) for packet in payloads(live(sensor, 2.0), DATA)[1:]])
    assert set(said[:, 1]) == {0}
    assert np.unique(np.abs(said[:, 0])).size <= 2
    sensor.write(COMMAND, b"@", 23, 2.0)
    sensor.write(COMMAND, b"]", 23, 2.0)
    said = np.concatenate([values_3(packet, 19) for packet in payloads(live(sensor, 3.0, from_s=2.0), DATA)])
    assert said[10:, 1].std() > 0


def test_a_reset_speaks_in_text_packets(worn):
    sensor = worn(Ganglion, 4)
    answers = sensor.write(COMMAND, b"v", 23, 0.0)
    assert [payload[0] for _, payload in answers] == [206] * (len(answers) - 1) + [207]
    assert b"".join(payload[1:] for _, payload in answers).startswith(b"OpenBCI Ganglion")


def test_a_connection_resets_and_a_hang_up_stops(worn):
    sensor = worn(Ganglion, 4, accelerometer=True)
    start(sensor)
    sensor.connected(1.0, 0.015)
    assert sensor.next_due_s() is None
    start(sensor, world_s=2.0)
    sensor.write(HANG_UP, b"\x00", 23, 2.1)
    assert sensor.next_due_s() is None


@pytest.mark.parametrize(("firmware", "first"), [(3, b"3"), (2, b"2")])
def test_the_software_revision_tells_the_firmware(worn, firmware, first):
    sensor = worn(Ganglion, 4, firmware=firmware)
    assert sensor.read(SOFTWARE)[:1] == first
    with pytest.raises(AttError, match="0x02"):
        sensor.read(COMMAND)
