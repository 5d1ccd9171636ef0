"""The BITalino as its document has it: frames with their CRC, commands, a pipe that overflows."""

import numpy as np
import pytest
from sensorplay import live, payloads, start

from firmware_sim.sensors.bitalino import (
    COMMANDS,
    FRAMES,
    MAKER,
    PIPE_BYTES,
    SERVICE,
    UV_PER_COUNT,
    Bitalino,
    frames,
)

TABLE = (0, 3, 6, 5, 12, 15, 10, 9, 11, 8, 13, 14, 7, 4, 1, 2)


def whole(frame):
    """Whether the CRC of a frame is right, nibble by nibble."""
    state = 0
    for byte in frame[:-1]:
        for nibble in (byte >> 4, byte & 15):
            state = TABLE[state] ^ nibble
    return TABLE[TABLE[state] ^ frame[-1] >> 4] == frame[-1] & 15


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([512], "00 B8 52"),
        ([512, 300], "2C 01 B8 58"),
        ([512, 300, 1023, 1], "10 C0 FF 2C 01 B8 54"),
        ([512, 300, 1023, 1, 42, 17], "91 1A C0 FF 2C 01 B8 5C"),
    ],
)
def test_frames_of_the_document(values, text):
    assert frames(np.array([values]), 5, 0b1011).tobytes() == bytes.fromhex(text)


def test_frames_of_all_widths_have_a_right_crc_and_count():
    rng = np.random.default_rng(1)
    for columns, size in zip(range(1, 7), (3, 4, 6, 7, 8, 8), strict=True):
        values = rng.integers(0, 64, (40, columns))
        packed = frames(values, 11, 0b1100)
        assert packed.shape == (40, size)
        assert all(whole(bytes(row)) for row in packed)
        assert (packed[:, -1] >> 4 == (11 + np.arange(40)) % 16).all()


def test_start_of_two_channels_at_1000_hz(worn):
    sensor = worn(Bitalino, 2)
    sensor.connected(0.0, 0.0075)
    sensor.subscribed(FRAMES, True, 23, 0.0)
    assert sensor.write(COMMANDS, b"\xc3", 23, 0.0) == []
    assert sensor.write(COMMANDS, b"\x0d", 23, 0.0) == []
    said = payloads(live(sensor, 3.0), FRAMES)
    assert max(map(len, said)) == 20
    joined = b"".join(said)
    rows = [joined[at : at + 4] for at in range(0, len(joined) // 4 * 4, 4)]
    assert all(whole(row) for row in rows)
    assert len(rows) / 3.0 == pytest.approx(1000, rel=0.01)
    first = np.array([(row[2] & 15) << 6 | row[1] >> 2 for row in rows], float)
    second = np.array([(row[1] & 3) << 8 | row[0] for row in rows], float)
    assert (first == second).all()
    assert first.mean() == pytest.approx(512, abs=1)
    assert first.std() * np.sqrt(2) * UV_PER_COUNT == pytest.approx(200.0, rel=0.03)
    assert {row[2] >> 4 for row in rows} == {0b1100}


def test_notifications_do_not_keep_frames_together(worn):
    sensor = worn(Bitalino, 3)
    start(sensor)
    said = payloads(live(sensor, 1.0), FRAMES)
    assert any(len(part) % 6 for part in said)


def test_answers_stand_in_the_pipe(worn):
    sensor = worn(Bitalino, 1)
    assert sensor.write(COMMANDS, b"\x07", 23, 0.0) == [(FRAMES, b"BITalino_v5.2\n")]
    assert len(sensor.write(COMMANDS, b"\x0b", 23, 0.0)[0][1]) in {16, 17}
    assert sensor.write(COMMANDS, b"\x28", 23, 0.0) == []
    assert sensor.write(COMMANDS, b"\x0b", 23, 0.0)[0][1][-2] == 10


def test_while_it_measures_it_understands_only_stop(worn):
    sensor = worn(Bitalino, 1)
    start(sensor)
    assert sensor.write(COMMANDS, b"\x07", 23, 0.0) == []
    sensor.write(COMMANDS, b"\x83", 23, 0.0)
    assert len(b"".join(payloads(live(sensor, 1.0), FRAMES))) == pytest.approx(3000, rel=0.02)
    sensor.write(COMMANDS, b"\x00", 23, 1.0)
    assert sensor.next_due_s() is None


def test_the_radio_stops_the_board_when_the_host_leaves(worn):
    sensor = worn(Bitalino, 1)
    start(sensor)
    sensor.disconnected()
    assert sensor.next_due_s() is None
    assert live(sensor, 1.0) == []


def test_simulated_signals_and_six_bits(worn):
    sensor = worn(Bitalino, 6)
    sensor.connected(0.0, 0.0075)
    sensor.write(COMMANDS, b"\x83", 23, 0.0)
    sensor.write(COMMANDS, bytes((2 | 0x3F << 2,)), 23, 0.0)
    joined = b"".join(payloads(live(sensor, 2.0), FRAMES))
    rows = [joined[at : at + 8] for at in range(0, len(joined) // 8 * 8, 8)]
    assert all(whole(row) for row in rows)
    sixth = np.array([row[0] & 63 for row in rows])
    assert (sixth.min(), sixth.max()) == (pytest.approx(12, abs=2), pytest.approx(51, abs=2))


def test_a_pipe_that_overflows_breaks_frames(worn):
    sensor = worn(Bitalino, 6)
    start(sensor, interval_s=0.05)
    joined = b"".join(payloads(live(sensor, 3.0), FRAMES))
    assert len(joined) == pytest.approx(3.0 / 0.05 * 6 * 20, rel=0.03)  # what the radio carries, of 8000 bytes a second
    assert not all(whole(joined[at : at + 8]) for at in range(0, len(joined) // 8 * 8, 8))


def test_a_stalled_link_leaves_a_full_pipe(worn):
    sensor = worn(Bitalino, 1)
    start(sensor)
    assert live(sensor, 1.0, air=False) == []
    assert len(sensor._pipe) == PIPE_BYTES


def test_it_advertises_its_service(worn):
    sensor = worn(Bitalino, 1, "BITalino BLE")
    assert (sensor.advertisement().name, sensor.advertisement().service_uuids) == ("BITalino BLE", (SERVICE,))
    assert sensor.read(MAKER) == b"Plux"
