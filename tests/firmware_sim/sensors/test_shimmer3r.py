"""The Shimmer3R as its document has it: checksum, inquiry, frames, refusals, a serial line."""

import numpy as np
import pytest
from sensorplay import live, payloads, start

from firmware_sim.sensors import shimmer_frames as frames
from firmware_sim.sensors.base import AttError
from firmware_sim.sensors.shimmer3r import PIPE_1, PIPE_2, Shimmer3R

FRAME_BYTES = 23  # gyro, accelerometer, status and two channels of 24 bits


def ask(sensor, text, world_s=0.0):
    """What a command brings, both in hexadecimal."""
    answers = sensor.write(PIPE_2, bytes.fromhex(text), 247, world_s)
    return b"".join(payload for _, payload in answers).hex(" ").upper()


def rows(sent, extra=2, port=PIPE_1):
    data = b"".join(payloads(sent, port))
    size = FRAME_BYTES + extra
    assert len(data) % size == 0
    return np.frombuffer(data, np.uint8).reshape(-1, size)


def ticks_of(found):
    return found[:, 1].astype(int) | found[:, 2].astype(int) << 8 | found[:, 3].astype(int) << 16


def emg_of(found, channel=0):
    at = 17 + 3 * channel
    high, middle, low = (found[:, at + n].astype(int) for n in range(3))
    value = high << 16 | middle << 8 | low
    return np.where(value >= 1 << 23, value - (1 << 24), value) * 2.42e6 / 12 / ((1 << 23) - 1)


@pytest.mark.parametrize(("last", "expected"), [(8, "AA 48"), (9, "5D 2A"), (10, "17 8B"), (11, "4E 79")])
def test_checksum_of_the_makers_self_test(last, expected):
    message = bytes(range(1, last + 1))
    assert frames.checksum(message).to_bytes(2, "little") == bytes.fromhex(expected)
    many = np.frombuffer(message * 3, np.uint8).reshape(3, -1)
    assert frames.checksums(many).tolist() == [frames.checksum(message)] * 3


def test_frame_of_the_document():
    form = frames.layout(frames.GYRO | frames.LOW_NOISE_ACC | frames.EXG1)
    assert form.dtype.itemsize == FRAME_BYTES
    motion = np.array([[0.0, 0.0, 1 / 9.80665, -1.0, -1.0, 0.0]])
    measured = frames.Measured(motion, np.zeros((1, 3)), np.array([[1000.09, -1000.09]]))
    packed = frames.frames(form, np.array([0x012345]), measured, gyro_range=0, gain=12)
    assert packed == bytes.fromhex("00 45 23 01 E5 00 1B FF 00 00 00 00 00 00 78 F9 80 00 A2 80 FF 5D 80")


def test_inquiry_tells_rate_ranges_and_order(worn):
    sensor = worn(Shimmer3R, 2)
    sensor.connected(0.0, 0.015)
    assert ask(sensor, "01") == "FF 02 80 02 00 00 01 00 00 00 00 03 01 0A 0B 0C"
    assert ask(sensor, "49 00") == "FF"
    assert ask(sensor, "01") == "FF 02 80 02 00 00 00 00 00 00 00 03 01 0A 0B 0C"  # the maker's test vector
    assert ask(sensor, "05 40 00") == "FF"
    assert ask(sensor, "08 D0 00 00") == "FF"
    assert ask(sensor, "49 05") == "FF"
    assert ask(sensor, "01") == "FF 02 40 00 00 00 01 00 04 00 00 09 01 0A 0B 0C 00 01 02 1D 1E 1F"


def test_settings_are_refused_while_it_streams(worn):
    sensor = worn(Shimmer3R, 2, crc=0)
    start(sensor)
    for command in ("05 40 00", "08 D0 00 00", "49 01", "5E 01", "61 00 00 0A" + " 00" * 10):
        assert ask(sensor, command) == "FE"
    assert ask(sensor, "20") == "FF"
    assert ask(sensor, "05 40 00") == "FF"
    assert ask(sensor, "C7") == "FE"


def test_commands_may_be_cut_and_joined(worn):
    sensor = worn(Shimmer3R, 2)
    assert ask(sensor, "05 40") == ""
    assert ask(sensor, "00 5E 01 49") == "FF FF"
    assert ask(sensor, "01") == "FF"


def test_the_answer_to_the_checksum_command_has_the_checksum(worn):
    sensor = worn(Shimmer3R, 2)
    one = ask(sensor, "8B 01")
    two = ask(sensor, "8B 02")
    crc = frames.checksum(b"\xff")
    assert one == f"FF {crc & 0xFF:02X}"
    assert two == f"FF {crc & 0xFF:02X} {crc >> 8:02X}"
    answer = bytes.fromhex(ask(sensor, "01"))
    assert frames.checksum(answer[:-2]) == int.from_bytes(answer[-2:], "little")


@pytest.mark.parametrize("crc", [0, 1, 2])
def test_frames_step_by_the_divisor_and_are_summed(worn, crc):
    sensor = worn(Shimmer3R, 2, crc=crc)
    start(sensor)
    found = rows(live(sensor, 3.0), crc)
    assert set(np.diff(ticks_of(found)) % (1 << 24)) == {64}
    assert len(found) / 3.0 == pytest.approx(512, rel=0.01)
    assert set(found[:, 0]) == {0}
    for row in found[:20]:
        summed = frames.checksum(row[:FRAME_BYTES].tobytes()).to_bytes(2, "little")[:crc]
        assert row[FRAME_BYTES:].tobytes() == summed


def test_device_time_drifts_with_the_crystal(worn):
    sensor = worn(Shimmer3R, 2)
    start(sensor)
    found = rows(live(sensor, 60.0))
    true_hz = len(found) / 60.0
    assert true_hz == pytest.approx(512 * sensor.clock.rate, abs=0.05)


def test_emg_rides_on_an_electrode_offset(worn):
    sensor = worn(Shimmer3R, 2)
    start(sensor)
    found = rows(live(sensor, 3.0))
    for channel in (0, 1):
        uv = emg_of(found, channel)
        assert np.ptp(uv) / 2 == pytest.approx(200.0, rel=0.02)
        assert 500.0 < abs(uv.mean()) < 60_500.0
    assert set(found[:, 16]) == {0x80}


def test_without_power_for_the_board_the_emg_is_zero(worn):
    sensor = worn(Shimmer3R, 2, crc=0)
    sensor.connected(0.0, 0.015)
    sensor.subscribed(PIPE_1, True, 247, 0.0)
    assert ask(sensor, "05 40 00 08 D0 00 00 07") == "FF FF FF"
    assert set(emg_of(rows(live(sensor, 0.5), 0))) == {0.0}


def test_sixteen_bits_drop_the_lowest_seven(worn):
    sensor = worn(Shimmer3R, 2, crc=0)
    sensor.connected(0.0, 0.015)
    sensor.subscribed(PIPE_1, True, 247, 0.0)
    registers = "61 00 00 0A 02 A8 10 69 60 20 00 00 02 03"
    ask(sensor, "05 40 00 5E 01" + registers + "08 00 00 10 07")
    data = np.frombuffer(b"".join(payloads(live(sensor, 3.0), PIPE_1)), np.uint8).reshape(-1, 9)
    uv = np.ascontiguousarray(data[:, 5:7]).view(">i2")[:, 0] * 3.0772
    assert np.ptp(uv) / 2 == pytest.approx(200.0, rel=0.04)


def test_motion_is_in_the_units_axes(worn):
    sensor = worn(Shimmer3R, 2)
    start(sensor)
    row = rows(live(sensor, 1.0))[-1]
    raw = np.frombuffer(row[4:16].tobytes(), "<i2").astype(float)
    assert raw[:3] / 114 * [-1, 1, -1] == pytest.approx([10.0, 0.0, 0.0], abs=0.02)
    assert raw[3:] / 1672 / 9.80665 * [-1, 1, -1] == pytest.approx([-0.5, 0.0, np.sqrt(0.75)], abs=1e-3)


def test_notifications_cut_frames_anywhere(worn):
    sensor = worn(Shimmer3R, 2, chunk_bytes=42)
    start(sensor)
    said = payloads(live(sensor, 1.0), PIPE_1)
    assert max(map(len, said)) == 42
    assert len({len(packet) % 25 for packet in said}) > 1


def test_a_full_buffer_drops_whole_frames(worn):
    sensor = worn(Shimmer3R, 2)
    start(sensor)
    live(sensor, 1.0)
    assert live(sensor, 2.0, from_s=1.0, air=False) == []
    found = rows(live(sensor, 3.0, from_s=2.0))
    steps = np.diff(ticks_of(found)) % (1 << 24) // 64
    assert np.count_nonzero(steps > 1) == 1
    assert steps.max() == pytest.approx(512 - 4096 // 25, abs=20)


def test_an_answer_stands_between_frames(worn):
    sensor = worn(Shimmer3R, 2)
    start(sensor)
    live(sensor, 1.0)
    status = bytes.fromhex(ask(sensor, "72", 1.0))
    assert status[:4] == b"\xff\x8a\x71\x12"
    live(sensor, 1.2, from_s=1.0, air=False)
    assert ask(sensor, "72", 1.2) == ""  # it waits behind the frames
    assert status in b"".join(payloads(live(sensor, 1.3, from_s=1.2), PIPE_1))


def test_calibration_is_that_of_the_ranges(worn):
    sensor = worn(Shimmer3R, 2)
    ask(sensor, "49 00")
    gyro = bytes.fromhex(ask(sensor, "16"))
    assert np.frombuffer(gyro[2:14], ">i2").tolist() == [0, 0, 0, 22900, 22900, 22900]
    assert np.frombuffer(gyro[14:], np.int8).reshape(3, 3).diagonal().tolist() == [-100, 100, -100]
    acc = bytes.fromhex(ask(sensor, "13"))
    assert np.frombuffer(acc[2:14], ">i2").tolist()[3:] == [1672] * 3


def test_both_uses_of_the_pair_of_characteristics(worn):
    sensor = worn(Shimmer3R, 2, pipe="module")
    start(sensor)
    assert payloads(live(sensor, 1.0), PIPE_2)
    other = worn(Shimmer3R, 2)
    with pytest.raises(AttError, match="0x03"):
        other.write(PIPE_1, b"\x2e", 247, 0.0)
