"""Where the compiled loops come from, if numba is installed: the extra ``fast``.

They give the same bits as what they replace, so it does not matter when they come.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

WORTH_PACKETS = 45_000
"""So many packets (two minutes of six sensors of EMG and motion) save what it takes to load them."""


@dataclass(slots=True)
class _Loops:
    """What is known of them: the modules once they are loaded, whether they were asked for, and whether they come.

    `taken` counts packets that were analysed without them.
    """

    module: ModuleType | None = None
    motion: ModuleType | None = None
    hops: ModuleType | None = None
    asked: bool = False
    coming: bool = False
    taken: int = 0


_loops = _Loops()


def kernel() -> ModuleType | None:
    """Return `emgmon.dsp.kernel`; None without numba, and while another thread loads it.

    Loaded when first asked for: numba takes longer to import than all else.
    """
    if not _loops.asked:
        load()
    return _loops.module


def motion_kernel() -> ModuleType | None:
    """Return `emgmon.dsp.motion_kernel`, as `kernel` its own."""
    if not _loops.asked:
        load()
    return _loops.motion


def hop_kernel() -> ModuleType | None:
    """Return `emgmon.dsp.hop_kernel`, as `kernel` its own."""
    if not _loops.asked:
        load()
    return _loops.hops


def load() -> None:
    """Load the loops; the first time after an installation they are compiled, which takes seconds."""
    _loops.asked = _loops.coming = True
    try:
        module = import_module("emgmon.dsp.kernel")
        motion = import_module("emgmon.dsp.motion_kernel")
        hops = import_module("emgmon.dsp.hop_kernel")
        cached = import_module("emgmon.dsp.cached")
    except (ImportError, RuntimeError):  # there is no numba, or no folder for what it compiles
        return
    module.warm()
    motion.warm()
    hops.warm()
    cached.tidy()
    _loops.module, _loops.motion, _loops.hops = module, motion, hops


def defer() -> bool:
    """Go on without until `load` was called by somebody else; False when somebody will or did."""
    first = not _loops.coming
    _loops.asked = _loops.coming = True
    return first


def expect(packets: int) -> None:
    """Load the loops once so many packets came, in this program, that they pay; go on without until then."""
    if _loops.coming:
        return
    _loops.asked = True
    _loops.taken += packets
    if _loops.taken >= WORTH_PACKETS:
        load()


def forget() -> None:
    """Be as if nobody had asked."""
    _loops.module = _loops.motion = _loops.hops = None
    _loops.asked = _loops.coming = False
    _loops.taken = 0
