"""Polar H10 chest strap: the heart's ECG and acceleration, from its measurement service.

After the maker's document on online measurement: requests to the control point are answered by an indication
``F0, op, type, status, more, parameters``, and by further ones ``more, parameters`` while ``more`` is 1. Data frames
bear the time of their *last* sample, u64 ns since 2000, and no number. All is little-endian. A strap that is not
stopped before the host leaves goes on measuring.
"""

from __future__ import annotations

import contextlib
import struct

import numpy as np

from emgmon.devices.base import (
    WRITTEN,
    Advertisement,
    Driver,
    Handshake,
    Read,
    Receive,
    Request,
    StreamSettings,
    Subscribe,
)
from emgmon.devices.bits import int24
from emgmon.devices.counting import TimeCounter
from emgmon.devices.facts import facts_of
from emgmon.errors import HandshakeFailed, NoAnswer, PacketError
from emgmon.model import Packet, SampleBlock, Stream

FACTS = facts_of("polar_h10")
CONTROL = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"
BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"

OP_SETTINGS, OP_START, OP_STOP, ANSWER, FEATURES = 1, 2, 3, 0xF0, 0x0F
ECG, ACC = 0, 2
KINDS = {ECG: "ECG", ACC: "acceleration"}
SETTING_RATE, SETTING_RESOLUTION, SETTING_RANGE = 0, 1, 2
SETTING_SIZES = {0: 2, 1: 2, 2: 2, 3: 2, 4: 1, 5: 4}
"""Bytes of one value of each setting; 3 is a range in milli-units that only other products have."""

ALREADY = 6
STATUS_TEXT = {
    1: "does not know this request",
    2: "does not know this kind of measurement",
    3: "does not support this",
    4: "calls the request too short or too long",
    5: "calls a parameter invalid",
    6: "measures already; take it off its strap for a minute",
    7: "does not offer this resolution",
    8: "does not offer this rate",
    9: "does not offer this range",
    10: "needs a larger MTU than this link has; use another Bluetooth adapter",
    11: "does not offer this number of channels",
    12: "is in the wrong state; take it off its strap for a minute",
    13: "is in its charger; take it out",
    14: "has no memory left; delete its recordings with the maker's app",
}
RANGE_G = 8
STOP_S = 1.0
RESOLUTION_BITS = {ECG: 14, ACC: 16}
LARGEST_JITTER = 8
"""Samples by which the time of a frame may be off: its rate is not quite the nominal one."""


def recognises(advertisement: Advertisement) -> bool:
    """Whether a strap advertises its product name."""
    return advertisement.name.startswith("Polar H10")


def handshake(settings: StreamSettings) -> Handshake:
    """Ask what the strap offers, then start ECG and acceleration."""
    yield Subscribe(CONTROL)
    yield Subscribe(DATA)
    features = yield Read(CONTROL)
    if len(features) < 2 or features[0] != FEATURES or not features[1] & 1 << ECG:
        raise HandshakeFailed(f"the strap offers no ECG (it says {features.hex(' ') or 'nothing'}); is it an H10?")
    if not settings.ports or BATTERY_LEVEL in settings.ports:
        yield Read(BATTERY_LEVEL)
    ecg_hz = int(FACTS.signals["ecg"].rate_hz)
    yield from _start(ECG, ecg_hz)
    if features[1] & 1 << ACC:
        yield from _start(ACC, int(FACTS.signals["acceleration"].nearest_hz(settings.imu_hz)))


def _start(kind: int, rate_hz: int) -> Handshake:
    """Check that a rate is offered, and start; a measurement that another host left running is started anew."""
    answer = yield Request(CONTROL, bytes([OP_SETTINGS, kind]))
    _accepted(answer, OP_SETTINGS, kind)
    more, parameters = answer[4:5] == b"\x01", answer[5:]
    while more and len(parameters) < 256:
        answer = yield Receive(CONTROL)
        more, parameters = answer[:1] == b"\x01", parameters + answer[1:]
    try:
        rates = parse_settings(parameters).get(SETTING_RATE, ())
    except PacketError as error:
        raise HandshakeFailed(str(error)) from error
    if rate_hz not in rates:
        offered = ", ".join(str(rate) for rate in rates) or "nothing"
        raise HandshakeFailed(f"the strap does not offer {KINDS[kind]} at {rate_hz} Hz but {offered}; update it")
    config = struct.pack("<BBHBBH", SETTING_RATE, 1, rate_hz, SETTING_RESOLUTION, 1, RESOLUTION_BITS[kind])
    if kind == ACC:
        config += struct.pack("<BBH", SETTING_RANGE, 1, RANGE_G)
    start = bytes([OP_START, kind]) + config
    answer = yield Request(CONTROL, start)
    if len(answer) >= 4 and answer[3] == ALREADY:
        yield Request(CONTROL, bytes([OP_STOP, kind]))
        answer = yield Request(CONTROL, start)
    _accepted(answer, OP_START, kind)


def _accepted(answer: bytes, op: int, kind: int) -> None:
    if len(answer) < 4 or answer[:3] != bytes([ANSWER, op, kind]):
        raise HandshakeFailed(f"the strap answered with {answer.hex(' ') or 'nothing'}; update its firmware")
    if answer[3]:
        reason = STATUS_TEXT.get(answer[3], f"answered with status {answer[3]}")
        raise HandshakeFailed(f"the strap {reason} (asked for: {KINDS[kind]})")


def farewell() -> Handshake:
    """Stop both measurements, the second also when the first does not answer."""
    for kind in KINDS:
        with contextlib.suppress(NoAnswer):
            yield Request(CONTROL, bytes([OP_STOP, kind]), timeout_s=STOP_S)


def parse_settings(parameters: bytes) -> dict[int, tuple[int, ...]]:
    """Read a list of settings: each is its number, how many values, the values.

    Raises
    ------
    PacketError
        When the list is cut short or has a setting of unknown size.
    """
    found: dict[int, tuple[int, ...]] = {}
    at = 0
    while at < len(parameters):
        size = SETTING_SIZES.get(parameters[at], 0)
        end = at + 2 + (size * parameters[at + 1] if at + 1 < len(parameters) else 0)
        if not size or at + 2 > len(parameters) or end > len(parameters):
            raise PacketError("settings of the strap are cut short or unknown", parameters)
        values = parameters[at + 2 : end]
        found[parameters[at]] = tuple(
            int.from_bytes(values[k : k + size], "little") for k in range(0, len(values), size)
        )
        at = end
    return found


class PolarDecoder:
    """Decoder of one strap. Times are counted from its first frame; the clock's wall time means nothing here."""

    loss_evidence = FACTS.loss_evidence
    clock_ppm = FACTS.clock_ppm

    def __init__(self, device: str) -> None:
        self.device = device
        self.battery_percent: int | None = None
        self._ecg = Stream(device, "ecg", FACTS.signals["ecg"].unit, FACTS.signals["ecg"].rate_hz, (None,))
        self._acc: Stream | None = None
        self._seen: dict[Stream, TimeCounter] = {}
        self._origin_ns: int | None = None

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Streams that sent something."""
        return tuple(self._seen)

    def restart(self) -> None:
        """Forget running indices: the sensor was connected anew."""
        self._origin_ns = None
        for counter in self._seen.values():
            counter.restart()

    def decode(self, packet: Packet) -> list[SampleBlock]:
        """Turn one packet into blocks; see `emgmon.devices.base.Decoder`."""
        if packet.port == DATA:
            return [self._frame(packet)]
        if packet.port == BATTERY_LEVEL:
            if len(packet.payload) != 1 or packet.payload[0] > 100:
                raise PacketError("battery level is not one byte up to 100", packet.payload)
            self.battery_percent = packet.payload[0]
        elif packet.port == WRITTEN + CONTROL and packet.payload[:2] == bytes([OP_START, ACC]):
            rate_hz = (*parse_settings(packet.payload[2:]).get(SETTING_RATE, ()), 0)[0]
            if rate_hz not in FACTS.signals["acceleration"].rates_hz:
                raise PacketError(f"acceleration was asked for at {rate_hz} Hz", packet.payload)
            self._acc = Stream(self.device, "acceleration", FACTS.signals["acceleration"].unit, float(rate_hz), (None,))
        return []

    def _frame(self, packet: Packet) -> SampleBlock:
        payload = packet.payload
        if len(payload) < 10:
            raise PacketError("frame is shorter than its header", payload)
        kind, last_ns, form = payload[0] & 0x3F, int.from_bytes(payload[1:9], "little"), payload[9]
        if (kind, form) == (ECG, 0):
            stream, signal, size = self._ecg, FACTS.signals["ecg"], 3
        elif (kind, form) == (ACC, 1):
            if self._acc is None:
                raise PacketError("acceleration of a rate that nobody asked for", payload)
            stream, signal, size = self._acc, FACTS.signals["acceleration"], 6
        else:
            raise PacketError(f"frame of kind {kind} and form {form}, which an H10 does not send", payload)
        n = (len(payload) - 10) // size
        if not n or len(payload) != 10 + n * size:
            raise PacketError("frame does not hold a whole number of samples", payload)
        if self._origin_ns is None:
            self._origin_ns = last_ns
        device_s = (last_ns - self._origin_ns) * 1e-9 - (n - 1) / stream.fs_hz
        counter = self._seen.setdefault(stream, TimeCounter(stream.fs_hz, min(LARGEST_JITTER, n // 2)))
        first = counter.take(device_s, n)
        counts = int24(payload[10:]) if kind == ECG else np.frombuffer(payload, "<i2", offset=10)
        return SampleBlock(stream, signal.values(counts).reshape(n, -1), first, device_s, packet.host_ns)


DRIVER = Driver("polar_h10", FACTS.title, recognises, handshake, PolarDecoder, farewell)
