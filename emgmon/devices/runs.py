"""Decodes many packets of a sensor: as many at once as its decoder can, and one by one what is not plain."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from emgmon.devices.base import Decoder
from emgmon.errors import PacketError
from emgmon.model import BlockRun, Ints, PacketRun, SampleBlock, Stream
from emgmon.model.runs import ORDER_BITS

Ports = Sequence[tuple[str, Ints]]
"""Ports of one sensor, and for each the numbers of its packets in a run, rising."""

WORTH = 24
"""Fewer packets than this at once are not worth it."""


DecodePlain = Callable[[PacketRun, Ports], tuple[list[BlockRun], int]]
"""What a decoder may have besides, as `decode_plain`: packets from the first on for as long as they are plain.

It returns blocks, one `BlockRun` for each stream at most, as `decode` would give them packet by packet, and the number
of the first packet that it did not take, `len(run)` when it took all. It is then as if it had been given those before.
"""


def decoded(decoder: Decoder, run: PacketRun, ports: Ports) -> tuple[list[BlockRun], int]:
    """Decode all packets of a sensor that are in a run.

    Returns
    -------
    blocks : list of BlockRun
        One for each stream, more only where the width of its samples changes.
    bad : int
        How many packets could not be read.
    """
    found: dict[tuple[Stream, int], list[BlockRun]] = {}
    decode_plain: DecodePlain | None = getattr(decoder, "decode_plain", None)
    bad = at = 0
    alone = 1 if decode_plain else len(run)
    while at < len(run):
        if decode_plain:
            plain, stop = decode_plain(run, _from(ports, at))
            for blocks in plain:
                found.setdefault((blocks.stream, blocks.samples.shape[1]), []).append(blocks)
            alone = 1 if stop - at >= WORTH else 2 * alone  # columns are not tried again and again in vain
            at = stop
        numbers = sorted(number for _port, each in _from(ports, at) for number in each[:alone].tolist())[:alone]
        bad += _one_by_one(decoder, run, numbers, found)
        at = numbers[-1] + 1 if numbers else len(run)
    return [BlockRun.joined(blocks) for blocks in found.values()], bad


def _from(ports: Ports, first: int) -> Ports:
    """Packets from the number `first` on."""
    return [(port, numbers[numbers.searchsorted(first) :]) for port, numbers in ports] if first else ports


def _one_by_one(
    decoder: Decoder, run: PacketRun, numbers: Sequence[int], found: dict[tuple[Stream, int], list[BlockRun]]
) -> int:
    """Decode some packets and add their blocks; returns how many could not be read."""
    rows: dict[tuple[Stream, int], list[tuple[int, SampleBlock]]] = {}
    met: dict[int, tuple[Stream, int, list[tuple[int, SampleBlock]]]] = {}
    bad = 0
    for number in numbers:
        try:
            blocks = decoder.decode(run.packet(number))
        except PacketError:
            bad += 1
            continue
        for k, block in enumerate(blocks):
            stream, width = block.stream, block.samples.shape[1]
            known = met.get(id(stream))
            if known is None or known[1] != width:
                known = met[id(stream)] = (stream, width, rows.setdefault((stream, width), []))
            known[2].append((number << ORDER_BITS | k, block))
    for key, each in rows.items():
        found.setdefault(key, []).append(BlockRun.of(each))
    return bad
