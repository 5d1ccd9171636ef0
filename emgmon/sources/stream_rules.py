"""Rules of the EMG Stream profile that a sensor keeps while it streams, and when it stops or loses its host.

Each function returns an empty text when its rule is kept, else what was seen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from emgmon.devices import emgmon_gatt as profile
from emgmon.sources.conformance import DataPacket, Exam, SkipRule, refusal

OP_TEST_SIGNAL = 0x08
SUCCESS, WRONG_STATE = 1, 5
FLAG_TEST_SIGNAL = 8
IMU_NUMBERS = {1: 3, 2: 3, 4: 3, 8: 4}
RATE_TOLERANCE = 0.02
TIME_TOLERANCE_US = 1000
STATUS_BYTES = 11


async def start(exam: Exam) -> str:
    """Answer a start with the device time at which the counters begin."""
    answer = (await exam.recorded()).start_answer
    seen = refusal(answer, profile.OP_START, SUCCESS)
    return seen or ("" if len(answer) == 7 else f"answer {answer.hex(' ')} holds no start time of four bytes")


async def data_comes(exam: Exam) -> str:
    """Send data of every described stream."""
    silent = [stream for stream, packets in (await exam.recorded()).data.items() if not packets]
    return f"no data of stream {silent[0]}" if silent else ""


async def packet_form(exam: Exam) -> str:
    """Keep to the header: version, coding, mask, and the length that follows from them."""
    for stream, packets in (await exam.recorded()).data.items():
        said = exam.streams[stream]
        for packet in packets:
            if packet.version != 1 or packet.coding != said.coding:
                return f"stream {stream}: version {packet.version}, coding {packet.coding}"
            numbers = _numbers(stream, packet.mask)
            expected = packet.samples * numbers * (3 if packet.coding else 2)
            if not numbers or not packet.samples or packet.body_bytes != expected:
                return f"stream {stream}: {packet.body_bytes} bytes after the header, {expected} expected"
            if stream == profile.STREAM_EMG and numbers != said.channels:
                return f"stream {stream}: mask {packet.mask:02x} is not {said.channels} channels"
    return ""


def _numbers(stream: int, mask: int) -> int:
    if stream == profile.STREAM_EMG:
        return mask.bit_count()
    return sum(count for bit, count in IMU_NUMBERS.items() if mask & bit)


async def sequence(exam: Exam) -> str:
    """Give the packets the sequence 0, 1, 2 and so on."""
    for stream, packets in (await exam.recorded()).data.items():
        seen = [packet.sequence for packet in packets]
        for number, sequence in enumerate(seen):
            if sequence != number & 0xFFFF:
                return f"stream {stream}: packet {number} since the start has sequence {sequence}"
    return ""


async def index(exam: Exam) -> str:
    """Give the samples an index from 0 on, without a hole."""
    for stream, packets in (await exam.recorded()).data.items():
        expected = 0
        for packet in packets:
            if packet.index != expected:
                return f"stream {stream}: index {packet.index}, expected {expected}"
            expected += packet.samples
    return ""


async def device_time(exam: Exam) -> str:
    """Let the device time of each packet follow from its index and an offered rate."""
    for stream, packets in (await exam.recorded()).data.items():
        if len(packets) < 2:
            continue
        rate_hz = _rate_hz(exam, stream, packets)
        for before, after in pairwise(packets):
            step_us = (after.device_us - before.device_us) % 2**32
            expected_us = before.samples * 1e6 / rate_hz
            if abs(step_us - expected_us) > TIME_TOLERANCE_US + 0.01 * expected_us:
                return f"stream {stream}: time moved by {step_us} us over {before.samples} samples at {rate_hz:g} Hz"
    return ""


async def rate(exam: Exam) -> str:
    """Sample at an offered rate, by the host's clock."""
    for stream, packets in (await exam.recorded()).data.items():
        if len(packets) < 10:
            continue
        measured_hz = (packets[-1].index - packets[0].index) / (packets[-1].host_s - packets[0].host_s)
        offered = exam.streams[stream].rates_hz
        if not any(math.isclose(measured_hz, rate_hz, rel_tol=RATE_TOLERANCE) for rate_hz in offered):
            return f"stream {stream}: {measured_hz:.1f} Hz by the host, offered {offered}"
    return ""


def _rate_hz(exam: Exam, stream: int, packets: Sequence[DataPacket]) -> float:
    span_us = (packets[-1].device_us - packets[0].device_us) % 2**32
    measured_hz = (packets[-1].index - packets[0].index) * 1e6 / span_us if span_us else 0.0
    return float(min(exam.streams[stream].rates_hz, key=lambda offered: abs(offered - measured_hz)))


async def status(exam: Exam) -> str:
    """Send the status each second while streaming."""
    recorded = await exam.recorded()
    if any(len(said.payload) < STATUS_BYTES for said in recorded.status):
        return "a status is shorter than 11 bytes"
    expected = math.floor(recorded.length_s) - 1
    return "" if len(recorded.status) >= expected else f"{len(recorded.status)} in {recorded.length_s:g} s"


async def start_twice(exam: Exam) -> str:
    """Refuse a second start with status 5."""
    return refusal((await exam.recorded()).again_answer, profile.OP_START, WRONG_STATE)


async def stop(exam: Exam) -> str:
    """Answer a stop and fall silent."""
    recorded = await exam.recorded()
    late = f"{len(recorded.late)} data packets came more than 0.5 s after the stop" if recorded.late else ""
    return refusal(recorded.stop_answer, 4, SUCCESS) or late


async def restart(exam: Exam) -> str:
    """Begin with index and sequence 0 at each start."""
    await exam.recorded()
    for stream, packets in (await exam.run(1.0)).data.items():
        if packets and (packets[0].index, packets[0].sequence) != (0, 0):
            return f"stream {stream}: began with index {packets[0].index}, sequence {packets[0].sequence}"
    return ""


async def marked_test_signal(exam: Exam) -> str:
    """Mark packets that carry the test signal."""
    if profile.STREAM_EMG not in exam.streams:
        raise SkipRule("no EMG stream")
    seen = refusal(await exam.ask(bytes([OP_TEST_SIGNAL, 1, 1])), OP_TEST_SIGNAL, SUCCESS)
    packets = (await exam.run(1.0)).data[profile.STREAM_EMG]
    await exam.ask(bytes([OP_TEST_SIGNAL, 1, 0]))
    marked = packets and all(packet.flags & FLAG_TEST_SIGNAL for packet in packets)
    return seen or ("" if marked else "flag 3 is not set in every packet")


async def disconnection(exam: Exam) -> str:
    """Stop all streams when the link breaks; a new connection finds the sensor idle."""
    await exam.ask(bytes([profile.OP_START, exam.mask]))
    await exam.wire.reconnect()
    exam.forget()
    await exam.listen()
    seen = len(exam.wire.heard)
    await exam.wire.wait(1.0)
    data = [said for said in exam.wire.heard[seen:] if said.port in {profile.EMG, profile.IMU}]
    return f"{len(data)} data packets came after the reconnection without a start" if data else ""
