"""Many packets, and many blocks of one stream, as columns: what objects for each of them would cost too much for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from emgmon.model.signals import Array, Entry, Packet, SampleBlock, Stream

Ints = NDArray[np.int64]
Octets = NDArray[np.uint8]

ORDER_BITS = 20
"""`BlockRun.order` is the number of the packet, and behind it in so many bits the number of the block within it."""


@dataclass(frozen=True, slots=True)
class PacketRun:
    """Packets that follow each other, in the order of arrival.

    Attributes
    ----------
    sources : sequence of (str, str)
        Device and port.
    source : (n,) int array
        Which of `sources` each packet is of.
    host_ns : (n,) int array
        As in `Packet`; below 2**63.
    content : bytes
        Holds all payloads.
    start, stop : (n,) int arrays
        Where in it each payload lies.
    """

    sources: Sequence[tuple[str, str]]
    source: Ints
    host_ns: Ints
    content: bytes
    start: Ints
    stop: Ints

    @classmethod
    def of(cls, packets: Sequence[Packet]) -> Self:
        """Lay packets side by side."""
        numbers: dict[tuple[str, str], int] = {}
        source = [numbers.setdefault((p.device, p.port), len(numbers)) for p in packets]
        lengths = np.array([len(packet.payload) for packet in packets], np.int64)
        stop = np.cumsum(lengths)
        return cls(
            tuple(numbers),
            np.array(source, np.int64),
            np.array([packet.host_ns for packet in packets], np.int64),
            b"".join([packet.payload for packet in packets]),
            stop - lengths,
            stop,
        )

    def __len__(self) -> int:
        return len(self.source)

    def __iter__(self) -> Iterator[Packet]:
        """Yield the packets."""
        sources, content = self.sources, self.content
        columns = (column.tolist() for column in (self.source, self.host_ns, self.start, self.stop))
        for source, host_ns, start, stop in zip(*columns, strict=True):
            device, port = sources[source]
            yield Packet(device, port, host_ns, content[start:stop])

    def packet(self, k: int) -> Packet:
        """Return the packet number `k`."""
        device, port = self.sources[self.source[k]]
        return Packet(device, port, int(self.host_ns[k]), self.content[self.start[k] : self.stop[k]])

    def part(self, first: int, stop: int) -> PacketRun:
        """Return the packets from `first` up to `stop`."""
        cut = slice(first, stop)
        return PacketRun(
            self.sources, self.source[cut], self.host_ns[cut], self.content, self.start[cut], self.stop[cut]
        )

    def rows(self, numbers: Ints, size: int) -> Octets:
        """Payloads of `size` bytes side by side: (n, size) for the packets `numbers` (n,)."""
        everywhere = np.ndarray((max(len(self.content) - size + 1, 0),), f"V{size}", self.content, strides=(1,))
        return everywhere[self.start[numbers]].view(np.uint8).reshape(-1, size)


Part = Entry | PacketRun
"""What a recording is read as: entries one by one, or packets in columns."""


@dataclass(frozen=True, slots=True)
class BlockRun:
    """Blocks of one stream that follow each other, each as in `SampleBlock`.

    Attributes
    ----------
    stream : Stream
    order : (n,) int array
        Rising: number of the packet in its run, shifted by `ORDER_BITS`, and number of the block within the packet.
    first : (n,) int array
    device_s : (n,) array
    host_ns : (n,) int array
    lengths : (n,) int array
        Samples of each block.
    samples : (sum of lengths, n_channels) array
    """

    stream: Stream
    order: Ints
    first: Ints
    device_s: Array
    host_ns: Ints
    lengths: Ints
    samples: Array

    @classmethod
    def of(cls, blocks: Sequence[tuple[int, SampleBlock]]) -> Self:
        """Lay blocks of one stream side by side, each given with its order."""
        return cls(
            blocks[0][1].stream,
            np.array([order for order, _block in blocks], np.int64),
            np.array([block.first for _order, block in blocks], np.int64),
            np.array([block.device_s for _order, block in blocks], np.float64),
            np.array([block.host_ns for _order, block in blocks], np.int64),
            np.array([len(block.samples) for _order, block in blocks], np.int64),
            np.concatenate([block.samples for _order, block in blocks]),
        )

    @classmethod
    def joined(cls, runs: Sequence[Self]) -> Self:
        """Lay runs of one stream behind each other."""
        if len(runs) == 1:
            return runs[0]
        columns = ("order", "first", "device_s", "host_ns", "lengths", "samples")
        return cls(runs[0].stream, *(np.concatenate([getattr(run, name) for run in runs]) for name in columns))

    def __len__(self) -> int:
        return len(self.order)

    def part(self, first: int, stop: int) -> BlockRun:
        """Return the blocks from `first` up to `stop`."""
        cut = slice(first, stop)
        at, end = int(self.lengths[:first].sum()), int(self.lengths[:stop].sum())
        columns = (self.order[cut], self.first[cut], self.device_s[cut], self.host_ns[cut], self.lengths[cut])
        return BlockRun(self.stream, *columns, self.samples[at:end])

    def block(self, k: int, end: int | None = None) -> SampleBlock:
        """Return the block number `k`; `end` is where its samples end, if that is known."""
        end = int(self.lengths[: k + 1].sum()) if end is None else end
        samples = self.samples[end - self.lengths[k] : end]
        return SampleBlock(self.stream, samples, int(self.first[k]), float(self.device_s[k]), int(self.host_ns[k]))


@dataclass(frozen=True, slots=True)
class TimedRun:
    """Blocks of one stream that follow each other, each as in `TimedBlock`.

    Attributes
    ----------
    stream : Stream
    entries : (n,) int array
        Number of the entry in the session with which each came; not falling.
    start_s : (n,) array
    lengths : (n,) int array
        Samples of each block.
    period_s : float
    samples : (sum of lengths, n_channels) array
    """

    stream: Stream
    entries: Ints
    start_s: Array
    lengths: Ints
    period_s: float
    samples: Array
