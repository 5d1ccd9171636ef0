"""The shape of a driver: recognise, handshake, decode. No Bluetooth in here: bytes in, bytes out.

A driver is a `Driver`, three functions and two names. Whoever owns the radio (`emgmon.sources.ble`) carries out what
the handshake asks for and records every byte that the sensor says; the decoder sees the same packets live and in a
replay.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from emgmon.model import Packet, SampleBlock, Stream


@dataclass(frozen=True, slots=True)
class Advertisement:
    """What a sensor shouts before anyone is connected. UUIDs are lower-case 128-bit strings."""

    name: str
    service_uuids: tuple[str, ...] = ()
    service_data: Mapping[str, bytes] = field(default_factory=dict)
    manufacturer_data: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """What the host wants from a sensor.

    Attributes
    ----------
    emg_hz, imu_hz : int
        Rates; a sensor that does not offer them refuses.
    packet_s : float
        Wanted length of a packet. Short is quick, long costs less: 0.025 for live work.
    mtu : int
        Largest attribute payload that the link carries, plus 3.
    ports : mapping of str to frozenset of str
        Characteristics that the sensor has, with their properties in Bleak's words (``read``, ``write``,
        ``write-without-response``, ``notify``, ``indicate``); empty when unknown.
    """

    emg_hz: int = 1000
    imu_hz: int = 100
    packet_s: float = 0.025
    mtu: int = 247
    ports: Mapping[str, frozenset[str]] = field(default_factory=dict)


ANSWER_S = 5.0
WRITTEN = ">"
"""Prefix of the port of a packet that the host wrote; recorded, because what was asked for decides what comes."""


class Read(NamedTuple):
    """Read a characteristic; the handshake is sent its value, which is recorded too."""

    port: str


class Subscribe(NamedTuple):
    """Ask for notifications or indications of a characteristic."""

    port: str


class Write(NamedTuple):
    """Write a characteristic and wait for nothing but the link's own confirmation, if `confirmed`."""

    port: str
    payload: bytes
    confirmed: bool = True


class Receive(NamedTuple):
    """Wait for the next value of a subscribed characteristic that this conversation was not sent yet."""

    port: str
    timeout_s: float = ANSWER_S


class Request(NamedTuple):
    """Write to a characteristic and wait for the next value of `answers_on`, of the same one when empty.

    Values that came before the request are dropped.
    """

    port: str
    payload: bytes
    answers_on: str = ""
    timeout_s: float = ANSWER_S
    confirmed: bool = True


class Pause(NamedTuple):
    """Give the sensor time."""

    length_s: float


Step = Read | Subscribe | Write | Receive | Request | Pause
Handshake = Generator[Step, bytes, None]
"""A conversation. It is sent what each step brought (``b""`` where nothing); `emgmon.errors.NoAnswer` is thrown into it
where an answer did not come in time, and ends it unless it is caught."""


def silence() -> Handshake:
    """Say nothing: the conversation of sensors that need none."""
    return
    yield


class Decoder(Protocol):
    """Turns the packets of one sensor into samples; keeps what it learnt about that sensor."""

    loss_evidence: str
    """``index``, ``counter``, ``time``, ``file`` or ``none``: how a lost sample is noticed."""

    clock_ppm: float
    """Largest error of the clock behind `SampleBlock.device_s`: 100 for a crystal, 20,000 where samples of a nominal
    rate are all that is counted."""

    battery_percent: int | None

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Streams that the sensor described so far."""

    def decode(self, packet: Packet) -> list[SampleBlock]:
        """Turn one packet into blocks; raises nothing but `emgmon.errors.PacketError`.

        Packets of ports that mean nothing here, and those the host wrote (`WRITTEN`) unless needed, give none.
        """

    def restart(self) -> None:
        """Forget running indices: the sensor was connected anew."""


@dataclass(frozen=True, slots=True)
class Driver:
    """One kind of sensor.

    Attributes
    ----------
    name : str
        Stands in recordings; never changes.
    title : str
        Name to show.
    recognises : callable
        Whether an advertisement is of this kind.
    handshake : callable
        From settings to the start-up conversation; raises `emgmon.errors.HandshakeFailed` when refused.
    decoder : callable
        From the sensor's name in the session to a fresh decoder.
    farewell : callable
        The conversation before the host leaves; without it some sensors go on measuring until they are empty.
    pairing : bool
        Whether the sensor wants to be paired before it speaks.
    identify : callable or None
        The conversation that lets a streaming sensor show which one it is; None where it cannot.
    """

    name: str
    title: str
    recognises: Callable[[Advertisement], bool]
    handshake: Callable[[StreamSettings], Handshake]
    decoder: Callable[[str], Decoder]
    farewell: Callable[[], Handshake] = silence
    pairing: bool = False
    identify: Callable[[], Handshake] | None = None
