"""What takes long to load is loaded beside a live session, so that nobody waits: filter design, compiled loops."""

from __future__ import annotations

import threading
from importlib import import_module

from emgmon.dsp import compiled


def load_beside() -> None:
    """Load them in a thread of its own, once; until then the chain runs without loops, with the same numbers."""
    if compiled.defer():
        threading.Thread(target=_load, name="emgmon-loops", daemon=True).start()


def _load() -> None:
    import_module("scipy.signal")
    compiled.load()
