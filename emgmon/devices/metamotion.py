"""MbientLab MetaMotion R, RL and S: acceleration and angular velocity.

After the tests of the vendor's library (facts only). Each message is ``module, register, data``; numbers are
little-endian. Two generations of sensor chips number their registers differently, and an answer tells which one is in
there. Three samples come in a packet, without counter or time, acceleration and angular velocity apart.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import numpy.typing as npt

from emgmon.devices.base import (
    WRITTEN,
    Advertisement,
    Driver,
    Handshake,
    Receive,
    Request,
    Step,
    StreamSettings,
    Subscribe,
    Write,
)
from emgmon.devices.counting import ArrivalCounter
from emgmon.devices.facts import facts_of
from emgmon.errors import HandshakeFailed, PacketError
from emgmon.model import Array, Packet, SampleBlock, Stream

FACTS = facts_of("metamotion")
SERVICE = "326a9000-85cb-9195-d9dd-464cfbbae75a"
COMMANDS = "326a9001-85cb-9195-d9dd-464cfbbae75a"
NOTIFY = "326a9006-85cb-9195-d9dd-464cfbbae75a"

ACC, GYRO, SETTINGS, INFORMATION, BATTERY = 0x03, 0x13, 0x11, 0x80, 0x8C
CONFIGURE = 0x03
CHIPS = {ACC: {1: "BMI160", 4: "BMI270"}, GYRO: {0: "BMI160", 1: "BMI270"}}
"""Generation by a module's implementation number."""

RATE_CODES = {25.0: 6, 50.0: 7, 100.0: 8, 200.0: 9}
RANGES_G = {"BMI160": {0x03: 2, 0x05: 4, 0x08: 8, 0x0C: 16}, "BMI270": {0: 2, 1: 4, 2: 8, 3: 16}}
RANGES_DPS = (2000, 1000, 500, 250, 125)
FACTS_RANGE_G, FACTS_RANGE_DPS = 8, 2000
"""Ranges to which the scales of the facts belong, and which are asked for."""

ACC_REQUEST = {"BMI160": (0x20, 0x08), "BMI270": (0xA0, 0x02)}
"""High bits of the byte with the rate, and the byte for 8 g."""

PACKED = {ACC: {"BMI160": 0x1C, "BMI270": 0x05}, GYRO: {"BMI160": 0x07, "BMI270": 0x05}}
"""Register of three samples in a packet."""

DATA_REGISTERS = {ACC: (0x04, 0x05, 0x1C), GYRO: (0x04, 0x05, 0x07)}
"""Registers of one and of three samples; the length tells them apart."""

STOP = tuple(map(bytes.fromhex, ("03 01 00", "13 01 00", "03 02 00 01", "13 02 00 01")))
MAX_BETWEEN = 100
"""Data messages that may come before an answer."""

MOST_UNPAIRED = 2
"""Packets of one kind that may wait for the other; when there are more, one of the other's was lost."""

PATIENCE = 10
"""Pairs in a row after which a packet was still left over, when one of the other kind must have been lost."""


def recognises(advertisement: Advertisement) -> bool:
    """Whether a sensor advertises the vendor's service."""
    return SERVICE in advertisement.service_uuids


def handshake(settings: StreamSettings) -> Handshake:
    """Stop what may run, find out which chips are in there, configure both, start."""
    yield Subscribe(NOTIFY)
    for command in STOP:
        yield Write(COMMANDS, command)
    chips = {}
    for module, title in ((ACC, "accelerometer"), (GYRO, "gyroscope")):
        answer = yield from _ask(bytes([module, INFORMATION]))
        chips[module] = CHIPS[module].get(answer[2], "") if len(answer) > 2 else ""
        if not chips[module]:
            raise HandshakeFailed(f"the sensor has no {title} that emgmon knows (it says {answer.hex(' ')})")
    yield from _ask(bytes([SETTINGS, BATTERY]))
    code = RATE_CODES[FACTS.signals["acceleration"].nearest_hz(settings.imu_hz)]
    high, acc_range = ACC_REQUEST[chips[ACC]]
    for command in (
        bytes([ACC, CONFIGURE, high | code, acc_range]),
        bytes([GYRO, CONFIGURE, 0x20 | code, 0x00]),
        bytes([ACC, PACKED[ACC][chips[ACC]], 1]),
        bytes([GYRO, PACKED[GYRO][chips[GYRO]], 1]),
        bytes.fromhex("03 02 01 00"),
        bytes.fromhex("13 02 01 00"),
        bytes.fromhex("03 01 01"),
        bytes.fromhex("13 01 01"),
    ):
        yield Write(COMMANDS, command)


def _ask(question: bytes) -> Generator[Step, bytes, bytes]:
    """Read a register, past the data that still comes; returns the answer."""
    answer = yield Request(COMMANDS, question, NOTIFY)
    for _ in range(MAX_BETWEEN):
        if answer[:2] == question:
            return answer
        answer = yield Receive(NOTIFY)
    raise HandshakeFailed(f"the sensor did not answer {question.hex(' ')}; switch it off and on")


def farewell() -> Handshake:
    """Stop and switch off both."""
    for command in STOP:
        yield Write(COMMANDS, command)


class MetaMotionDecoder:
    """Decoder of one sensor. Chips, rate and ranges are taken from its answers and from what was written to it.

    Samples of acceleration and angular velocity are paired in the order in which they came: both chips' samples are
    taken by one clock.
    """

    loss_evidence = FACTS.loss_evidence
    clock_ppm = FACTS.clock_ppm

    def __init__(self, device: str) -> None:
        self.device = device
        self.battery_percent: int | None = None
        self._chips: dict[int, str] = {}
        self._range: dict[int, int] = {}
        self._stream: Stream | None = None
        self._counter: ArrivalCounter | None = None
        self._unpaired: dict[int, list[Array]] = {ACC: [], GYRO: []}
        self._left: list[int] = []

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The stream that was configured."""
        return (self._stream,) if self._stream else ()

    def restart(self) -> None:
        """Forget the running index and what waits for its pair: the sensor was connected anew."""
        if self._counter:
            self._counter.restart()
        self._left.clear()
        for waiting in self._unpaired.values():
            waiting.clear()

    def decode(self, packet: Packet) -> list[SampleBlock]:
        """Turn one packet into blocks; see `emgmon.devices.base.Decoder`."""
        payload = packet.payload
        if packet.port == WRITTEN + COMMANDS:
            self._command(payload)
        elif packet.port == NOTIFY:
            if len(payload) < 2:
                raise PacketError("message is shorter than its header", payload)
            module, register = payload[:2]
            if register == INFORMATION and module in CHIPS and len(payload) > 2:
                self._chips[module] = CHIPS[module].get(payload[2], "")
            elif (module, register) == (SETTINGS, BATTERY):
                if len(payload) < 3 or payload[2] > 100:
                    raise PacketError("battery level is not a byte up to 100", payload)
                self.battery_percent = payload[2]
            elif register in DATA_REGISTERS.get(module, ()):
                return self._data(packet, module)
        return []

    def _command(self, payload: bytes) -> None:
        if len(payload) != 4 or payload[1] != CONFIGURE or payload[0] not in self._unpaired:
            return
        self._range[payload[0]] = payload[3]
        rate_hz = next((rate for rate, code in RATE_CODES.items() if code == payload[2] & 15), None)
        if rate_hz is None:
            raise PacketError("a rate that cannot be read here was asked for", payload)
        if payload[0] == ACC:
            self._stream = Stream(self.device, "imu", "g,dps", rate_hz, (None,))
            self._counter = ArrivalCounter(rate_hz)

    def _data(self, packet: Packet, module: int) -> list[SampleBlock]:
        payload = packet.payload
        if len(payload) not in {8, 20}:
            raise PacketError("data is neither one sample nor three", payload)
        if self._stream is None or self._counter is None:
            raise PacketError("data of a rate that nobody asked for", payload)
        counts = np.frombuffer(payload, "<i2", offset=2).reshape(-1, 3)
        waiting = self._unpaired[module]
        waiting.append(self._scaled(counts, module, payload))
        acc, gyro = self._unpaired[ACC], self._unpaired[GYRO]
        if len(waiting) > MOST_UNPAIRED:
            self._counter.take(len(waiting.pop(0)), packet.host_ns)
        if not acc or not gyro:
            return []
        pair = acc.pop(0), gyro.pop(0)
        n = min(len(rows) for rows in pair)
        samples = np.concatenate([rows[:n] for rows in pair], axis=1)
        first = self._counter.take(n, packet.host_ns)
        self._settle(acc or gyro, self._counter, packet.host_ns)
        return [SampleBlock(self._stream, samples, first, first / self._stream.fs_hz, packet.host_ns)]

    def _settle(self, waiting: list[Array], counter: ArrivalCounter, host_ns: int) -> None:
        """Drop what was left over by all of the last pairs: its other half was lost."""
        self._left = [*self._left, len(waiting)][-PATIENCE:]
        if len(self._left) == PATIENCE:
            for _ in range(min(self._left)):
                counter.take(len(waiting.pop(0)), host_ns)
                self._left.clear()

    def _scaled(self, counts: npt.NDArray[np.int16], module: int, payload: bytes) -> Array:
        """Turn counts into g or dps; the scale goes with the range that was asked for."""
        code = self._range.get(module)
        if module == GYRO:
            range_dps = RANGES_DPS[code] if code is not None and code < len(RANGES_DPS) else 0
            share = range_dps / FACTS_RANGE_DPS
        else:
            share = RANGES_G.get(self._chips.get(ACC, ""), {}).get(-1 if code is None else code, 0) / FACTS_RANGE_G
        if not share:
            raise PacketError("data of a range that nobody asked for, or of an unknown chip", payload)
        return FACTS.signals["angular_velocity" if module == GYRO else "acceleration"].values(counts) * share


DRIVER = Driver("metamotion", FACTS.title, recognises, handshake, MetaMotionDecoder, farewell)
