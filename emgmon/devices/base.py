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
    """

    emg_hz: int = 1000
    imu_hz: int = 100
    packet_s: float = 0.025
    mtu: int = 247


class Read(NamedTuple):
    """Read a characteristic; the handshake is sent its value, which is recorded too."""

    port: str


class Subscribe(NamedTuple):
    """Ask for notifications or indications of a characteristic."""

    port: str


class Request(NamedTuple):
    """Write to a control point and wait for its answer on the same port; the handshake is sent the answer."""

    port: str
    payload: bytes


Step = Read | Subscribe | Request
Handshake = Generator[Step, bytes, None]


class Decoder(Protocol):
    """Turns the packets of one sensor into samples; keeps what it learnt about that sensor."""

    loss_evidence: str
    """``index``, ``counter``, ``time``, ``file`` or ``none``: how a lost sample is noticed."""

    battery_percent: int | None

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Streams that the sensor described so far."""

    def decode(self, packet: Packet) -> list[SampleBlock]:
        """Turn one packet into blocks; raises nothing but `emgmon.errors.PacketError`."""

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
    """

    name: str
    title: str
    recognises: Callable[[Advertisement], bool]
    handshake: Callable[[StreamSettings], Handshake]
    decoder: Callable[[str], Decoder]
