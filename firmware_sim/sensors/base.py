"""What every simulated sensor can be asked by whoever plays its radio: bytes in and out, no waiting, no host time.

`firmware_sim.stream` plays it without a radio, `firmware_sim.peripheral` on a Bluetooth stack. World time is the
simulation's, in seconds; what the sensor thinks of time is its own matter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, Protocol

from firmware_sim.conditions import Conditions

READ_NOT_PERMITTED, WRITE_NOT_PERMITTED, ATTRIBUTE_NOT_FOUND, INVALID_LENGTH = 0x02, 0x03, 0x0A, 0x0D
ATT_HEADER_BYTES = 3  # of each notification and write, within the MTU
SMALLEST_MTU = 23

Answer = tuple[str, bytes]
"""A value to send at once: UUID and payload."""

Sent = tuple[float, str, bytes]
"""A value that was ready at a world time, s: time, UUID and payload."""


@dataclass(frozen=True, slots=True)
class GattEntry:
    """A characteristic.

    Attributes
    ----------
    service, uuid : str
        Full 128-bit, lower case.
    properties : tuple of str
        Of ``read``, ``write``, ``write-without-response``, ``notify``, ``indicate``.
    needs_listener : bool
        Whether a write is refused (ATT error 0xFD) while the host has not subscribed.
    """

    service: str
    uuid: str
    properties: tuple[str, ...]
    needs_listener: bool = False


@dataclass(frozen=True, slots=True)
class Advertisement:
    """What a sensor shouts, flags left out.

    Attributes
    ----------
    name : str
        Local name; empty where none is sent.
    service_uuids : tuple of str
    service_data : mapping of str to bytes
        By service UUID.
    manufacturer : bytes
        The whole field 0xFF: begins with the company's number, unless the maker forgot it.
    shortened : bool
        Whether the name goes out as a shortened one (field 0x08).
    """

    name: str
    service_uuids: tuple[str, ...] = ()
    service_data: Mapping[str, bytes] = field(default_factory=dict)
    manufacturer: bytes = b""
    shortened: bool = False


class AttError(Exception):
    """A request that the attribute protocol itself refuses; `code` is the ATT error code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"ATT error 0x{code:02x}")
        self.code = code


class Read(NamedTuple):
    """The host reads a characteristic."""

    uuid: str


class Subscribe(NamedTuple):
    """The host switches on notifications or indications of a characteristic."""

    uuid: str


class Write(NamedTuple):
    """The host writes a characteristic; `recorded` says whether the bytes stand in the stream behind ``>``."""

    uuid: str
    payload: bytes
    recorded: bool = True


class Wait(NamedTuple):
    """The host waits until what was asked for has come, and then so long; s."""

    length_s: float


HostStep = Read | Subscribe | Write | Wait
"""A step of what a host does that starts the sensor as its maker says; fixed, because a healthy sensor agrees."""


class SimulatedSensor(Protocol):
    """One sensor, worn by somebody.

    Attributes
    ----------
    driver : str
        Name that recordings give to this kind.
    gatt_table : tuple of GattEntry
        Services and characteristics in the order of their handles.
    largest_mtu : int
        What the sensor answers to a host that asks for more.
    interval_s : float or None
        Connection interval that a host by the book asks for; None where the host's usual one does.
    address : str or None
        Bluetooth address where the kind can be told by it; None: any.
    name : str
        Name of the device in this session and, unless the maker shortens it, in the advertisement.
    conditions : Conditions
        Charger, battery, electrodes, beginning of the script: set from outside at any time.
    powered : bool
        False once it has switched itself off: it neither answers nor advertises.
    """

    driver: ClassVar[str]
    interval_s: ClassVar[float | None]
    name: str
    conditions: Conditions

    @property
    def gatt_table(self) -> tuple[GattEntry, ...]:
        """Services and characteristics."""

    @property
    def largest_mtu(self) -> int:
        """Largest MTU, bytes."""

    @property
    def address(self) -> str | None:
        """Bluetooth address, ``D7:…``; None where it does not matter."""

    @property
    def powered(self) -> bool:
        """Whether it is on."""

    def advertisement(self) -> Advertisement:
        """Fields to advertise, as of the last `advance`."""

    def book(self) -> tuple[HostStep, ...]:
        """Conversation by which a host starts this sensor as its maker says."""

    def connected(self, world_s: float, interval_s: float) -> None:
        """Learn that a host is there, with a connection event each `interval_s`."""

    def disconnected(self) -> None:
        """Learn that the host is gone: subscriptions end, and all streams with them."""

    def subscribed(self, uuid: str, on: bool, mtu: int, world_s: float) -> None:
        """Learn that the host switched notifications or indications of a characteristic on or off."""

    def read(self, uuid: str) -> bytes:
        """Value of a characteristic, as of the last `advance` or `write`; raises `AttError`."""

    def write(self, uuid: str, data: bytes, mtu: int, world_s: float) -> list[Answer]:
        """Carry out a write; the values to send in answer, in order; raises `AttError`."""

    def advance(self, world_s: float, *, air: bool = True) -> list[Sent]:
        """Live until `world_s`; what is ready to send, in order of time. With `air=False` the link takes nothing."""

    def next_due_s(self) -> float | None:
        """World time at which something will be ready to send; None while nothing streams."""
