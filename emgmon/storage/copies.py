"""Which entries a recording repeats, so that damage in one chunk cannot make all others useless."""

from __future__ import annotations

from emgmon.model import Entry, Mark, Packet
from emgmon.storage.textform import to_text

SEQUENCE_RANGE = 1 << 32
FIRST_COPY, COPY_EVERY, COPY_COST = 4, 20, 50
"""Copies of what no damage may take stand in chunk 4, then in every 20th, but are at most 1/50 of what is written."""

QUIET_PACKETS = 20
"""The first packet of a channel is copied while it has at most so many: descriptions and answers, not signals."""

OPENING_PACKETS = 200
"""So much of a start-up conversation is copied at most."""


class Copies:
    """Entries that are written again and again: all marks, and what sensors said that is needed to understand them.

    That is their start-up conversation, from ``connected`` to ``started``, and the first packet of each quiet channel.
    """

    def __init__(self) -> None:
        self._marks: list[tuple[int, str]] = []
        self._first: dict[int, tuple[int, Packet]] = {}
        self._count: dict[int, int] = {}
        self._opening: dict[str, list[tuple[int, Packet]]] = {}
        self._talking: set[str] = set()
        self._next_chunk = FIRST_COPY
        self._bytes = 0

    def note(self, sequence: int, channel: int, entry: Entry, size: int) -> None:
        """Take an entry that is being written."""
        self._bytes += size
        if isinstance(entry, Mark):
            self._marks.append((sequence, to_text([entry]).rstrip("\n")))
            if entry.kind in {"connected", "started", "lost"}:
                self._link(entry.kind, str(entry.data.get("device", "")))
            return
        if entry.device in self._talking and len(self._opening[entry.device]) < OPENING_PACKETS:
            self._opening[entry.device].append((sequence, entry))
        count = self._count[channel] = self._count.get(channel, 0) + 1
        if count == 1:
            self._first[channel] = (sequence, entry)

    def _link(self, kind: str, device: str) -> None:
        """Begin and end the conversation of a connection."""
        self._talking.discard(device)
        if kind != "connected":
            return
        self._talking.add(device)
        self._opening[device] = []
        for number in [n for n, (_, packet) in self._first.items() if packet.device == device]:
            del self._first[number], self._count[number]

    def due(self, chunk: int) -> bool:
        """Whether this chunk should carry the copies."""
        return chunk >= self._next_chunk and self._bytes >= 0

    def written(self, chunk: int, size: int) -> None:
        """Remember when and how much was copied."""
        self._next_chunk = chunk + COPY_EVERY
        self._bytes = -COPY_COST * size

    def lines(self) -> list[tuple[int, str]]:
        """Sequence number and text form of each copy, in order."""
        kept = {
            sequence: packet
            for channel, (sequence, packet) in self._first.items()
            if self._count[channel] <= QUIET_PACKETS
        }
        for device, packets in self._opening.items():
            if device not in self._talking:
                kept.update(packets)
        said = [(sequence, to_text([packet]).rstrip("\n")) for sequence, packet in kept.items()]
        return sorted((sequence % SEQUENCE_RANGE, line) for sequence, line in (*self._marks, *said))
