"""Myo against packets that were captured from hardware."""

import numpy as np
import pytest
from devices.captured import captured
from devices.conversations_emg import BATTERY, MOVESENSE, MYO, MYO_ARMBAND, POLAR_H10
from devices.conversing import converse, packets_of, started

from emgmon.devices.base import Read, StreamSettings, Subscribe, Write
from emgmon.devices.myo import DRIVER
from emgmon.errors import HandshakeFailed, PacketError
from emgmon.model import Packet
from emgmon.pipeline.intake import DeviceIntake

VECTORS = captured("myo")
EMG = [MYO.format(0x0105 + 0x100 * k) for k in range(4)]


def decoded(name):
    blocks = [block for packet in VECTORS[name] for block in DRIVER.decoder("S").decode(packet)]
    return {block.stream.quantity: block for block in blocks}


def firsts(turns, step_s=0.01):
    decoder = DRIVER.decoder("S")
    packets = (Packet("S", EMG[turn], round(k * step_s * 1e9), bytes(16)) for k, turn in turns)
    return [decoder.decode(packet)[0].first for packet in packets]


def test_captured_emg():
    block = decoded("emg")["emg"]
    np.testing.assert_array_equal(block.samples, [[9, 13, 1, -2, -2, -2, -6, 2], [6, -23, -4, -3, -4, -2, 5, 2]])
    assert (block.stream.unit, block.stream.fs_hz, block.stream.width) == ("a.u.", 200, 8)


def test_captured_motion():
    blocks = decoded("imu")
    expected = [[0.1630859375, 0.96728515625, 0.04248046875, 0.1875, -0.6875, -0.25]]
    np.testing.assert_array_equal(blocks["imu"].samples, expected)
    quaternion = [[0.7225341796875, 0.68231201171875, -0.11102294921875, 0.002197265625]]
    np.testing.assert_array_equal(blocks["quaternion"].samples, quaternion)


def test_captured_rectified():
    block = decoded("rectified")["envelope"]
    np.testing.assert_array_equal(block.samples, [[850, 206, 97, 377, 216, 98, 111, 371]])


def test_start_up_by_the_vendors_header():
    steps, _packets = converse(MYO_ARMBAND)
    assert [s.payload.hex(" ") for s in steps if isinstance(s, Write)] == ["09 01 01", "01 03 03 01 00"]
    assert {s.port for s in steps if isinstance(s, Subscribe)} == {*EMG, MYO.format(0x0402)}


@pytest.mark.parametrize("talk", [MYO_ARMBAND, MOVESENSE, POLAR_H10], ids=lambda talk: talk.driver)
def test_a_sensor_without_a_battery_service_is_not_asked_for_its_battery(talk):
    ports = {s.port for s in converse(talk)[0] if hasattr(s, "port")} - {BATTERY[0]}
    steps, _packets = converse(talk, StreamSettings(ports={port: frozenset({"read", "write"}) for port in ports}))
    assert BATTERY[0] not in {s.port for s in steps if hasattr(s, "port")}


def test_an_unknown_firmware_is_refused():
    with pytest.raises(HandshakeFailed, match="firmware that emgmon does not know"):
        converse(MYO_ARMBAND, says=lambda step: [(step.port, bytes(8))] if isinstance(step, Read) else [])


@pytest.mark.parametrize("lost", [{4}, {4, 5}, {4, 5, 6}])
def test_up_to_three_lost_packets_show_in_the_order(lost):
    kept = [k for k in range(12) if k not in lost]
    assert firsts([(k, k % 4) for k in kept]) == [2 * k for k in kept]


def test_a_second_of_silence_is_a_hole_of_a_second():
    kept = [*range(100), *range(202, 300)]
    found = firsts([(k, k % 4) for k in kept])
    assert found[100] == 2 * 102  # until it is clear that nothing was held back, the smallest hole
    assert found[-1] - 2 * 299 == pytest.approx(0, abs=2 * 12)


def test_motion_stands_on_the_clock_of_the_emg_when_its_own_is_a_percent_slow():
    """A minute in which the motion sensor takes 49.5 samples a second: its times stay where the EMG's are."""
    intake = DeviceIntake("S", DRIVER.decoder("S"))
    packets = [Packet("S", EMG[k % 4], round((k + 1) * 1e7), bytes(16)) for k in range(6000)]
    packets += [Packet("S", MYO.format(0x0402), round((k + 1) / 49.5 * 1e9), bytes(20)) for k in range(2970)]
    off_s, n = [], 0
    for packet in sorted(packets, key=lambda item: item.host_ns):
        for block in intake.take(packet, 0):
            if block.stream.quantity == "imu":
                n += 1
                off_s.append(block.start_s - n / 49.5)
    assert n == 2970
    assert np.max(np.abs(off_s[100:])) < 0.03


def test_battery_and_what_is_cut_short():
    decoder = started(MYO_ARMBAND)
    assert decoder.battery_percent == 87
    for port, length in ((EMG[0], 15), (MYO.format(0x0402), 19), (MYO.format(0x0104), 16)):
        with pytest.raises(PacketError, match="not"):
            decoder.decode(Packet("S", port, 0, bytes(length)))
    assert len(decoder.streams) == 0
    for group in packets_of(MYO_ARMBAND, range(4)):
        for packet in group:
            decoder.decode(packet)
    assert [stream.quantity for stream in decoder.streams] == ["emg", "imu", "quaternion"]


def test_farewell_stops_all():
    assert [step.payload for step in DRIVER.farewell()] == [bytes.fromhex("01 03 00 00 00")]
