"""MyoWare 2.0 on a wireless shield: the envelope of a muscle, in one of three dialects of public sketches.

There is no protocol of the maker's: each sketch sends numbers as fast as its loop runs, without rate, counter or time.
A: an ASCII number in each notification; B: ASCII lines over Nordic's serial service; C: one byte for one sensor, four
bytes for four. What was compiled in (envelope by default) cannot be seen from here; it is taken for an envelope.
"""

from __future__ import annotations

import re

import numpy as np

from emgmon.devices.base import Advertisement, Driver, Handshake, StreamSettings, Subscribe
from emgmon.devices.facts import facts_of
from emgmon.devices.framing import Lines
from emgmon.errors import HandshakeFailed, PacketError
from emgmon.model import Array, Packet, SampleBlock, Stream

FACTS = facts_of("myoware")
PERIPHERAL_SERVICE = "ec3af789-2154-49f4-a9fc-bc6c88e9e930"
PERIPHERAL = "f3a56edf-8f1e-4533-93bf-5601b2e91308"
UART_SERVICE = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"
UART = "6e400003-b5a3-f393-e0a9-e50e24dcca9e"
ARTEMIS_SERVICE = "19b10000-e8f2-537e-4f6c-d104768a1214"
ARTEMIS = "19b10001-e8f2-537e-4f6c-d104768a1214"

NUMBER = re.compile(rb"\s*-?\d{1,7}(\.\d{1,7})?\s*")
SLOT_NS = round(1e9 / FACTS.signals["envelope"].rate_hz)
HOLD_SLOTS = 25
"""A value holds until the next one comes, but not for longer: 0.25 s."""


def recognises(advertisement: Advertisement) -> bool:
    """Whether a board advertises the library's own service, or a service of everybody's and a name of the examples'."""
    uuids, name = advertisement.service_uuids, advertisement.name.lower()
    return PERIPHERAL_SERVICE in uuids or (
        name.startswith("myow") and (UART_SERVICE in uuids or ARTEMIS_SERVICE in uuids or not uuids)
    )


def handshake(settings: StreamSettings) -> Handshake:
    """Subscribe to the characteristic of the dialect that the board speaks."""
    spoken = [port for port in (PERIPHERAL, UART, ARTEMIS) if port in settings.ports or not settings.ports]
    if not spoken:
        raise HandshakeFailed("the board runs a sketch that emgmon does not know; flash one of the library's examples")
    yield Subscribe(spoken[0])


class MyoWareDecoder:
    """Decoder of one board.

    Values come irregularly. Each is put into the slot of the computer's clock in which it arrived, several in one slot
    are averaged, and one holds for at most `HOLD_SLOTS` until the next comes; after that samples are missing. A slot is
    handed out with the first value after it.
    """

    loss_evidence = FACTS.loss_evidence
    clock_ppm = FACTS.clock_ppm
    battery_percent: int | None = None

    def __init__(self, device: str) -> None:
        self.device = device
        self._stream: Stream | None = None
        self._lines = Lines()
        self._start = self._slot = 0
        self._rows: list[Array] = []

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The stream, once something came."""
        return (self._stream,) if self._stream else ()

    def restart(self) -> None:
        """Forget the running index: the sensor was connected anew."""
        self._lines.clear()
        self._rows.clear()

    def decode(self, packet: Packet) -> list[SampleBlock]:
        """Turn one packet into blocks; see `emgmon.devices.base.Decoder`."""
        if packet.port == PERIPHERAL:
            rows = _numbers([packet.payload], packet.payload)
        elif packet.port == UART:
            rows = _numbers([line for line in self._lines.feed(packet.payload) if line], packet.payload)
        elif packet.port == ARTEMIS:
            if len(packet.payload) not in {1, 4}:
                raise PacketError("levels are neither one byte nor four", packet.payload)
            rows = np.frombuffer(packet.payload, np.uint8).astype(np.float64)[None, :]
        else:
            return []
        return self._slotted(FACTS.signals["envelope"].values(rows), packet.host_ns) if len(rows) else []

    def _slotted(self, rows: Array, host_ns: int) -> list[SampleBlock]:
        slot, width = host_ns // SLOT_NS, rows.shape[1]
        if self._stream is None or self._stream.width != width:
            signal = FACTS.signals["envelope"]
            self._stream = Stream(self.device, "envelope", signal.unit, signal.rate_hz, (None,) * width)
            self._rows.clear()
        if not self._rows:
            self._start = self._slot = slot
        if slot <= self._slot:
            self._rows.append(rows)
            return []
        level = np.concatenate(self._rows).mean(axis=0)
        samples = np.tile(level, (min(slot - self._slot, HOLD_SLOTS), 1))
        block = SampleBlock(self._stream, samples, self._slot - self._start, self._slot * SLOT_NS * 1e-9, host_ns)
        self._slot, self._rows = slot, [rows]
        return [block]


def _numbers(texts: list[bytes], payload: bytes) -> Array:
    """Read a number from each text, (n, 1)."""
    if not all(NUMBER.fullmatch(text) for text in texts):
        raise PacketError("not a decimal number", payload)
    return np.array([float(text) for text in texts]).reshape(-1, 1)


DRIVER = Driver("myoware", FACTS.title, recognises, handshake, MyoWareDecoder)
