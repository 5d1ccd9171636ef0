"""Blocks whose index or time cannot be: one is refused, a second that confirms it is believed."""

import numpy as np
import pytest

from emgmon.model import Packet, SampleBlock, Stream
from emgmon.pipeline.intake import DeviceIntake

STREAM = Stream("S", "emg", "uv", 100.0, (None,))
N = 10


class Plain:
    """Decoder of payloads that are the index of their first sample, as text."""

    loss_evidence, clock_ppm, battery_percent, streams = "index", 100.0, None, ()

    def decode(self, packet):
        first = int(packet.payload)
        return [SampleBlock(STREAM, np.zeros((N, 1)), first, first / 100.0, packet.host_ns)]

    def restart(self):
        pass


def packet(first, host_s):
    return Packet("S", "p", round(host_s * 1e9), str(first).encode())


def fed(pairs):
    intake = DeviceIntake("S", Plain())
    for first, host_s in pairs:
        intake.take(packet(first, host_s), 0)
    return intake, intake.streams[STREAM].counter


def steady(count, from_index=0, from_s=0.0):
    return [(from_index + k * N, from_s + k * 0.1 + 0.12) for k in range(count)]


@pytest.mark.parametrize("wrong", [60_000, 2_000, -50_000])
def test_one_impossible_time_costs_one_packet(wrong):
    pairs = steady(200)
    pairs[100] = (pairs[100][0] + wrong, pairs[100][1])
    intake, counter = fed(pairs)
    assert intake.bad_packets == 1
    assert (counter.received, counter.lost, counter.repeated) == (199 * N, N, 0)
    assert intake.clock.session_s(10.0) == pytest.approx(10.0 + 0.12 - 0.09, abs=1e-3)


def test_a_sensor_that_counts_anew_is_believed_at_the_second_packet():
    intake, counter = fed([*steady(100), *steady(100, 0, 15.0)])
    assert intake.bad_packets == 1
    assert counter.received == 199 * N
    (quality,) = intake.quality(25.0, {})
    assert quality.lost == pytest.approx(500 + N, abs=1)


def test_packets_held_back_for_seconds_are_believed():
    pairs = steady(200)
    pairs[100:130] = [(first, pairs[130][1]) for first, _host_s in pairs[100:130]]
    intake, counter = fed(pairs)
    assert (intake.bad_packets, counter.received, counter.lost) == (0, 200 * N, 0)


def test_the_hole_of_an_absence_is_measured_by_the_clock_as_it_is_known_later():
    """The first packets after a return are old ones, out of the sensor's memory, and arrive at once."""
    intake = DeviceIntake("S", Plain())
    for first, host_s in steady(100):
        intake.take(packet(first, host_s), 0)
    intake.connected()
    for k in range(100):
        taken_s = 15.0 + 0.1 * k
        intake.take(packet(1500 + k * N, max(taken_s + 0.12, 15.42 + 0.001 * k)), 0)
    (quality,) = intake.quality(25.0, {})
    assert quality.lost == pytest.approx(500, abs=1)
