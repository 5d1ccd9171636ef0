"""Rules of the EMG Stream profile that a sensor keeps while it does not stream: what it is, and its control point.

Each function returns an empty text when its rule is kept, else what was seen.
"""

from __future__ import annotations

import struct

from emgmon.devices import emgmon_gatt as profile
from emgmon.errors import PacketError
from emgmon.model import Placement
from emgmon.sources.conformance import Exam, SkipRule, echo, refusal

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
OP_GET_CONFIG, OP_IDENTIFY, OP_SET_LABEL, OP_ELECTRODES = 0x01, 0x06, 0x07, 0x09


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
    return refusal(await exam.ask(b"\x7f"), 0x7F, UNKNOWN_OP)


async def invalid_parameter(exam: Exam) -> str:
    """Answer a start of no stream with status 3."""
    return refusal(await exam.ask(bytes([profile.OP_START, 0])), profile.OP_START, INVALID)


async def rate_not_offered(exam: Exam) -> str:
    """Refuse a rate that the description does not offer, with status 6."""
    stream, said = _any_stream(exam)
    rate_hz = next(rate for rate in (123, 124) if rate not in said.rates_hz)
    config = bytes([profile.OP_SET_CONFIG, stream, profile.TAG_RATES, 2, *struct.pack("<H", rate_hz)])
    return refusal(await exam.ask(config), profile.OP_SET_CONFIG, NOT_OFFERED)


async def mtu_too_small(exam: Exam) -> str:
    """Refuse to start with packets that the MTU cannot carry, with status 7."""
    stream, said = _any_stream(exam)
    width = 2 * said.channels if stream == profile.STREAM_EMG else 12
    samples = (exam.wire.mtu - 3 - profile.HEADER.size) // width + 1
    if samples > said.max_samples:
        raise SkipRule(f"{said.max_samples} samples, the most of a packet, fit this link's MTU of {exam.wire.mtu}")
    before = _packet_samples(await exam.ask(bytes([OP_GET_CONFIG, stream])))
    await exam.ask(bytes([profile.OP_SET_CONFIG, stream, profile.TAG_MAX_SAMPLES, 1, samples]))
    seen = refusal(await exam.ask(bytes([profile.OP_START, 1 << (stream - 1)])), profile.OP_START, MTU_SMALL)
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
    return refusal(await exam.ask(bytes([4, exam.mask])), 4, WRONG_STATE)


async def time_echo(exam: Exam) -> str:
    """Give the nonce back, and a device time that goes on."""
    times = []
    for nonce in (0x01020304, 0xFFFFFFFE):
        answer = await exam.ask(echo(nonce))
        seen = refusal(answer, 5, SUCCESS)
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
    return refusal(await exam.ask(bytes([OP_IDENTIFY, 1])), OP_IDENTIFY, SUCCESS)


async def stored_label(exam: Exam) -> str:
    """Keep a new label; it stands in the description afterwards."""
    before = next((stream.label for stream in exam.streams.values() if stream.label), "")
    other = "biceps_femoris/left" if before != "biceps_femoris/left" else "soleus/right"
    seen = refusal(await exam.ask(bytes([OP_SET_LABEL]) + other.encode()), OP_SET_LABEL, SUCCESS)
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
    return refusal(answer, OP_ELECTRODES, SUCCESS) or ("" if right else f"states {states.hex(' ') or 'missing'}")


def _any_stream(exam: Exam) -> tuple[int, profile.StreamDescription]:
    if not exam.streams:
        raise SkipRule("the description names no stream")
    stream = min(exam.streams)
    return stream, exam.streams[stream]
