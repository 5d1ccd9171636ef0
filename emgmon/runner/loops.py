"""What takes long to load, filter design and compiled loops: when it is, and that nobody waits for it in a session."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path

from emgmon.dsp import compiled
from emgmon.model import PacketRun, Part

PACKET_BYTES = 54
"""Of a packet of EMG in a recording, packed, of 25 samples or a little more."""


def load_beside() -> None:
    """Load them in a thread of its own, once; until then the chain runs without loops, with the same numbers."""
    if compiled.defer():
        threading.Thread(target=_load, name="emgmon-loops", daemon=True).start()


def load_for(path: Path) -> None:
    """Load the compiled loops at once where a recording is so large that they will be worth it."""
    if path.is_file() and path.stat().st_size >= compiled.WORTH_PACKETS * PACKET_BYTES:
        compiled.expect(compiled.WORTH_PACKETS)


def worth(parts: Iterable[Part]) -> Iterator[Part]:
    """Yield what is to be analysed, and load the compiled loops as soon as they would have been worth it."""
    for part in parts:
        compiled.expect(len(part) if isinstance(part, PacketRun) else 1)
        yield part


def _load() -> None:
    import_module("scipy.signal")
    compiled.load()
