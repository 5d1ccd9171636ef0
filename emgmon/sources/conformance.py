"""Examines a sensor that claims to speak the EMG Stream profile: what is asked of it, and what it said.

`emgmon.sources.profile_rules` judges. What carries the questions is a `Wire`: a Bluetooth connection, or a simulated
sensor in a test.
"""

from __future__ import annotations

import struct
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from emgmon.devices import emgmon_gatt as profile
from emgmon.devices.base import Advertisement
from emgmon.errors import PacketError

ANSWER_S = 2.0
NOTIFYING = (profile.CONTROL, profile.STATUS, profile.EMG, profile.IMU)
DATA_PORTS = {profile.STREAM_EMG: profile.EMG, profile.STREAM_IMU: profile.IMU}
OP_STOP, OP_ECHO = 0x04, 0x05


class Heard(NamedTuple):
    """A value that the sensor notified or indicated at `host_s`."""

    port: str
    host_s: float
    payload: bytes


class Wire(Protocol):
    """A connection to one sensor.

    Attributes
    ----------
    advertisement : Advertisement
    ports : mapping of str to frozenset of str
        Characteristics and their properties.
    mtu : int
    heard : list of Heard
        All values so far.
    """

    advertisement: Advertisement
    ports: Mapping[str, frozenset[str]]
    mtu: int
    heard: list[Heard]

    async def read(self, port: str) -> bytes:
        """Value of a characteristic; empty when the sensor refuses."""

    async def write(self, port: str, payload: bytes) -> int:
        """Write with response; the ATT error code, 0 when it was taken."""

    async def subscribe(self, port: str) -> None:
        """Ask for notifications or indications."""

    async def wait(self, length_s: float) -> None:
        """Let time pass."""

    async def reconnect(self) -> None:
        """Break the connection and make it again; nothing is subscribed then."""


class SkipRule(Exception):  # noqa: N818 - says what happens
    """A rule that cannot be judged with this sensor; the text says why."""


@dataclass(frozen=True, slots=True)
class DataPacket:
    """Header of a data packet, and the length of what follows it."""

    host_s: float
    version: int
    coding: int
    flags: int
    sequence: int
    index: int
    device_us: int
    mask: int
    samples: int
    body_bytes: int


class Recorded(NamedTuple):
    """One run of all streams from start to stop; `data` by stream, `late` what came well after the stop."""

    start_answer: bytes
    again_answer: bytes
    stop_answer: bytes
    data: Mapping[int, Sequence[DataPacket]]
    status: Sequence[Heard]
    late: Sequence[Heard]
    length_s: float


@dataclass(slots=True)
class Exam:
    """What is known of one sensor while it is examined; asks and keeps, judges nothing.

    Attributes
    ----------
    wire : Wire
    length_s : float
        How long the streams are listened to.
    """

    wire: Wire
    length_s: float = 6.0
    streams: dict[int, profile.StreamDescription] = field(default_factory=dict)
    _listening: bool = False
    _recorded: Recorded | None = None

    async def listen(self) -> None:
        """Subscribe to everything that there is."""
        if not self._listening:
            for port in NOTIFYING:
                if port in self.wire.ports:
                    await self.wire.subscribe(port)
            self._listening = True

    async def describe(self) -> bytes:
        """Read the description, and remember its streams if it can be read."""
        payload = await self.wire.read(profile.DESCRIPTION)
        try:
            self.streams = profile.parse_description(payload)
        except PacketError:
            self.streams = {}
        return payload

    async def ask(self, payload: bytes) -> bytes:
        """Write to the control point; its answer, empty when none came."""
        await self.listen()
        seen = len(self.wire.heard)
        if await self.wire.write(profile.CONTROL, payload):
            return b""
        for _ in range(round(ANSWER_S / 0.05)):
            answers = [said.payload for said in self.wire.heard[seen:] if said.port == profile.CONTROL]
            if answers:
                return answers[0]
            await self.wire.wait(0.05)
        return b""

    @property
    def mask(self) -> int:
        """All streams that the sensor described, as the parameter of start and stop."""
        return sum(1 << (stream - 1) for stream in self.streams if stream in DATA_PORTS)

    async def recorded(self) -> Recorded:
        """Start all streams, listen, ask for a second start, stop, and listen again; done once."""
        if self._recorded is None:
            self._recorded = await self.run(self.length_s)
        return self._recorded

    async def run(self, length_s: float) -> Recorded:
        """One run of all streams."""
        if not self.mask:
            raise SkipRule("the description names no stream")
        seen = len(self.wire.heard)
        start = await self.ask(bytes([profile.OP_START, self.mask]))
        await self.wire.wait(length_s)
        again = await self.ask(bytes([profile.OP_START, self.mask]))
        stop = await self.ask(bytes([OP_STOP, self.mask]))
        during = self.wire.heard[seen:]
        await self.wire.wait(0.5)
        stopped = len(self.wire.heard)
        await self.wire.wait(1.0)
        data = {stream: packets_of(during, port) for stream, port in DATA_PORTS.items() if stream in self.streams}
        late = [said for said in self.wire.heard[stopped:] if said.port in DATA_PORTS.values()]
        status = [said for said in during if said.port == profile.STATUS]
        return Recorded(start, again, stop, data, status, late, length_s)

    def forget(self) -> None:
        """Begin anew after a reconnection: nothing is subscribed."""
        self._listening = False


def packets_of(heard: Sequence[Heard], port: str) -> list[DataPacket]:
    """Headers of the data packets of one characteristic; a value shorter than a header has 0 throughout."""
    size = profile.HEADER.size
    out = []
    for said in heard:
        if said.port == port:
            first, flags, sequence, index, device_us, mask, samples = profile.HEADER.unpack_from(
                said.payload.ljust(size, b"\0")
            )
            body = len(said.payload) - size
            out.append(
                DataPacket(said.host_s, first >> 4, first & 15, flags, sequence, index, device_us, mask, samples, body)
            )
    return out


Check = Callable[[Exam], Awaitable[str]]
"""Judges one rule: empty when it is kept, else what was seen instead; raises `SkipRule`."""


class Rule(NamedTuple):
    """One rule of the profile; `section` is where the document has it."""

    name: str
    title: str
    section: str
    check: Check


class Verdict(NamedTuple):
    """How a sensor did: `state` is ``pass``, ``FAIL`` or ``skip``."""

    rule: Rule
    state: str
    seen: str


async def examine(exam: Exam, rules: Sequence[Rule], told: Callable[[Verdict], None]) -> list[Verdict]:
    """Judge every rule in order; `told` takes each verdict as soon as it is there."""
    verdicts = []
    for rule in rules:
        try:
            seen = await rule.check(exam)
            verdict = Verdict(rule, "FAIL" if seen else "pass", seen)
        except SkipRule as reason:
            verdict = Verdict(rule, "skip", str(reason))
        verdicts.append(verdict)
        told(verdict)
    return verdicts


def refusal(answer: bytes, op: int, wanted: int) -> str:
    """Compare an answer of the control point with the status that is due; empty when it is the one."""
    if len(answer) < 3:
        return f"no answer (0x80 {op:02x} status expected)" if not answer else f"answer {answer.hex(' ')} is too short"
    if answer[:2] != bytes((0x80, op)):
        return f"answer {answer.hex(' ')} does not begin with 80 {op:02x}"
    return "" if answer[2] == wanted else f"status {answer[2]}, expected {wanted}"


def echo(nonce: int) -> bytes:
    """Request of a time echo."""
    return struct.pack("<BI", OP_ECHO, nonce)
