"""The rules of the EMG Stream profile, one function each, in the order in which a sensor is asked.

Each returns an empty text when the rule is kept, else what was seen. Sections are those of
``docs/emg-stream-profile.md``.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Coroutine, Sequence
from itertools import pairwise
from typing import Any

from emgmon.devices import emgmon_gatt as profile
from emgmon.errors import PacketError
from emgmon.model import Placement
from emgmon.sources.conformance import DataPacket, Exam, Rule, SkipRule, echo

_SIG = "-0000-1000-8000-00805f9b34fb"
BATTERY, MAKER, MODEL, FIRMWARE = (f"0000{short}{_SIG}" for short in ("2a19", "2a29", "2a24", "2a26"))
PROPERTIES = {
    profile.DESCRIPTION: {"read"},
    profile.CONTROL: {"write", "indicate"},
    profile.STATUS: {"read", "notify"},
    BATTERY: {"read"},
}
NOT_LISTENING = 0xFD
SUCCESS, UNKNOWN_OP, INVALID, WRONG_STATE, NOT_OFFERED, MTU_SMALL = 1, 2, 3, 5, 6, 7
OP_GET_CONFIG, OP_IDENTIFY, OP_SET_LABEL, OP_TEST_SIGNAL, OP_ELECTRODES = 0x01, 0x06, 0x07, 0x08, 0x09
FLAG_TEST_SIGNAL = 8
IMU_NUMBERS = {1: 3, 2: 3, 4: 3, 8: 4}
RATE_TOLERANCE = 0.02
TIME_TOLERANCE_US = 1000
STATUS_BYTES = 11


def _status(answer: bytes, op: int, wanted: int) -> str:
    if len(answer) < 3:
        return f"no answer (0x80 {op:02x} status expected)" if not answer else f"answer {answer.hex(' ')} is too short"
    if answer[:2] != bytes((0x80, op)):
        return f"answer {answer.hex(' ')} does not begin with 80 {op:02x}"
    return "" if answer[2] == wanted else f"status {answer[2]}, expected {wanted}"


async def advertisement(exam: Exam) -> str:
    """Carry the service in the advertisement."""
    said = exam.wire.advertisement
    if profile.SERVICE not in said.service_uuids:
        return f"the service is not advertised; seen: {', '.join(said.service_uuids) or 'none'}"
    return "" if said.name.startswith("EMG-") else f"name {said.name!r} does not begin with EMG-"


async def table(exam: Exam) -> str:
    """Have the characteristics, with their properties."""
    for port, wanted in PROPERTIES.items():
        if port not in exam.wire.ports:
            return f"characteristic {port} is missing"
        lacking = wanted - exam.wire.ports[port]
        if lacking:
            return f"characteristic {port} lacks {', '.join(sorted(lacking))}"
    data = [port for port in (profile.EMG, profile.IMU) if "notify" in exam.wire.ports.get(port, ())]
    return "" if data else "neither EMG nor IMU data can be notified"


async def description(exam: Exam) -> str:
    """Describe the streams: version, mandatory tags, lengths."""
    payload = await exam.describe()
    try:
        streams = profile.parse_description(payload)
    except PacketError as error:
        return str(error)
    return "" if set(streams) & {1, 2} else "no stream 1 (EMG) or 2 (IMU) is described"


async def label(exam: Exam) -> str:
    """Say where the sensor sits, as muscle/side, or nothing."""
    texts = [stream.label for stream in exam.streams.values() if stream.label]
    strange = [text for text in texts if Placement.parse(text) is None]
    return f"label {strange[0]!r} is not MUSCLE/SIDE" if strange else ""


async def battery(exam: Exam) -> str:
    """Tell the battery in percent."""
    value = await exam.wire.read(BATTERY)
    return "" if len(value) == 1 and value[0] <= 100 else f"value {value.hex(' ') or 'empty'}"


async def device_information(exam: Exam) -> str:
    """Name maker, model and firmware."""
    for port in (MAKER, MODEL, FIRMWARE):
        if not (await exam.wire.read(port)).strip(b"\0 "):
            return f"{port[4:8]} is missing or empty"
    return ""


async def unheard_control(exam: Exam) -> str:
    """Refuse the control point while nobody listens to its answers."""
    code = await exam.wire.write(profile.CONTROL, bytes([OP_GET_CONFIG, 1]))
    return "" if code == NOT_LISTENING else f"ATT code 0x{code:02x}, expected 0xfd"


async def unknown_operation(exam: Exam) -> str:
    """Answer an operation that does not exist with status 2."""
    return _status(await exam.ask(b"\x7f"), 0x7F, UNKNOWN_OP)


async def invalid_parameter(exam: Exam) -> str:
    """Answer a start of no stream with status 3."""
    return _status(await exam.ask(bytes([profile.OP_START, 0])), profile.OP_START, INVALID)


async def rate_not_offered(exam: Exam) -> str:
    """Refuse a rate that the description does not offer, with status 6."""
    stream, said = _any_stream(exam)
    rate_hz = next(rate for rate in (123, 124) if rate not in said.rates_hz)
    config = bytes([profile.OP_SET_CONFIG, stream, profile.TAG_RATES, 2, *struct.pack("<H", rate_hz)])
    return _status(await exam.ask(config), profile.OP_SET_CONFIG, NOT_OFFERED)


async def mtu_too_small(exam: Exam) -> str:
    """Refuse to start with packets that the MTU cannot carry, with status 7."""
    stream, said = _any_stream(exam)
    width = 2 * said.channels if stream == profile.STREAM_EMG else 12
    samples = (exam.wire.mtu - 3 - profile.HEADER.size) // width + 1
    if samples > said.max_samples:
        raise SkipRule(f"{said.max_samples} samples, the most of a packet, fit this link's MTU of {exam.wire.mtu}")
    before = _packet_samples(await exam.ask(bytes([OP_GET_CONFIG, stream])))
    await exam.ask(bytes([profile.OP_SET_CONFIG, stream, profile.TAG_MAX_SAMPLES, 1, samples]))
    seen = _status(await exam.ask(bytes([profile.OP_START, 1 << (stream - 1)])), profile.OP_START, MTU_SMALL)
    await exam.ask(bytes([4, 1 << (stream - 1)]))
    await exam.ask(bytes([profile.OP_SET_CONFIG, stream, profile.TAG_MAX_SAMPLES, 1, before]))
    return seen


def _packet_samples(answer: bytes) -> int:
    at = 3
    while at + 2 < len(answer):
        if answer[at] == profile.TAG_MAX_SAMPLES:
            return answer[at + 2]
        at += 2 + answer[at + 1]
    return 10


async def stop_of_nothing(exam: Exam) -> str:
    """Answer a stop while nothing streams with status 5."""
    _any_stream(exam)
    return _status(await exam.ask(bytes([4, exam.mask])), 4, WRONG_STATE)


async def time_echo(exam: Exam) -> str:
    """Give the nonce back, and a device time that goes on."""
    times = []
    for nonce in (0x01020304, 0xFFFFFFFE):
        answer = await exam.ask(echo(nonce))
        seen = _status(answer, 5, SUCCESS)
        if seen:
            return seen
        if len(answer) != 11 or answer[3:7] != struct.pack("<I", nonce):
            return f"answer {answer.hex(' ')} does not hold the nonce {nonce:08x} and four bytes of time"
        times.append(struct.unpack("<I", answer[7:])[0])
        await exam.wire.wait(0.2)
    step_us = (times[1] - times[0]) % 2**32
    return "" if 50_000 < step_us < 5_000_000 else f"device time moved by {step_us} us in about 0.2 s"


async def identify(exam: Exam) -> str:
    """Blink on request."""
    return _status(await exam.ask(bytes([OP_IDENTIFY, 1])), OP_IDENTIFY, SUCCESS)


async def stored_label(exam: Exam) -> str:
    """Keep a new label; it stands in the description afterwards."""
    before = next((stream.label for stream in exam.streams.values() if stream.label), "")
    other = "biceps_femoris/left" if before != "biceps_femoris/left" else "soleus/right"
    seen = _status(await exam.ask(bytes([OP_SET_LABEL]) + other.encode()), OP_SET_LABEL, SUCCESS)
    await exam.describe()
    kept = [stream.label for stream in exam.streams.values()]
    if before:
        await exam.ask(bytes([OP_SET_LABEL]) + before.encode())
        await exam.describe()
    return seen or ("" if other in kept else f"after 'set label {other}' the description says {kept}")


async def electrodes(exam: Exam) -> str:
    """Say of each channel whether its electrode is on."""
    if profile.STREAM_EMG not in exam.streams:
        raise SkipRule("no EMG stream")
    answer = await exam.ask(bytes([OP_ELECTRODES]))
    states = answer[3:]
    right = len(states) == exam.streams[profile.STREAM_EMG].channels and all(state <= 2 for state in states)
    return _status(answer, OP_ELECTRODES, SUCCESS) or ("" if right else f"states {states.hex(' ') or 'missing'}")


async def start(exam: Exam) -> str:
    """Answer a start with the device time at which the counters begin."""
    answer = (await exam.recorded()).start_answer
    seen = _status(answer, profile.OP_START, SUCCESS)
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
    return _status((await exam.recorded()).again_answer, profile.OP_START, WRONG_STATE)


async def stop(exam: Exam) -> str:
    """Answer a stop and fall silent."""
    recorded = await exam.recorded()
    late = f"{len(recorded.late)} data packets came more than 0.5 s after the stop" if recorded.late else ""
    return _status(recorded.stop_answer, 4, SUCCESS) or late


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
    seen = _status(await exam.ask(bytes([OP_TEST_SIGNAL, 1, 1])), OP_TEST_SIGNAL, SUCCESS)
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


def _any_stream(exam: Exam) -> tuple[int, profile.StreamDescription]:
    if not exam.streams:
        raise SkipRule("the description names no stream")
    stream = min(exam.streams)
    return stream, exam.streams[stream]


def _rule(check: Callable[[Exam], Coroutine[Any, Any, str]], section: str) -> Rule:
    return Rule(check.__name__, (check.__doc__ or "").partition(".")[0], section, check)


RULES: tuple[Rule, ...] = (
    _rule(advertisement, "Advertisement"),
    _rule(table, "Services"),
    _rule(description, "Description"),
    _rule(label, "Description"),
    _rule(battery, "Services"),
    _rule(device_information, "Services"),
    _rule(unheard_control, "Control point"),
    _rule(unknown_operation, "Control point"),
    _rule(invalid_parameter, "Control point"),
    _rule(rate_not_offered, "Control point"),
    _rule(mtu_too_small, "Control point"),
    _rule(stop_of_nothing, "Control point"),
    _rule(time_echo, "Control point"),
    _rule(identify, "Control point"),
    _rule(stored_label, "Control point"),
    _rule(electrodes, "Control point"),
    _rule(start, "Control point"),
    _rule(data_comes, "Data packets"),
    _rule(packet_form, "Data packets"),
    _rule(sequence, "Data packets"),
    _rule(index, "Data packets"),
    _rule(device_time, "Data packets"),
    _rule(rate, "Data packets"),
    _rule(status, "Status"),
    _rule(start_twice, "Control point"),
    _rule(stop, "Control point"),
    _rule(restart, "Data packets"),
    _rule(marked_test_signal, "Data packets"),
    _rule(disconnection, "Control point"),
)
"""In the order in which a sensor is asked: from a fresh connection on, the last one breaks it."""
