"""Where the compiled loops come from, if they are installed: the extra ``fast``."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import ModuleType


@cache
def kernel() -> ModuleType | None:
    """Return `emgmon.dsp.kernel`, None without numba.

    Loaded when first asked for: numba takes longer to import than all else.
    """
    try:
        return import_module("emgmon.dsp.kernel")
    except ImportError:
        return None
