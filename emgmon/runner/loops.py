"""The compiled loops of the EMG chain, loaded beside a live session: it does not wait for them."""

from __future__ import annotations

import threading

from emgmon.dsp import compiled


def load_beside() -> None:
    """Load them in a thread of its own, once; until then the chain runs without, with the same numbers."""
    if compiled.defer():
        threading.Thread(target=compiled.load, name="emgmon-loops", daemon=True).start()
