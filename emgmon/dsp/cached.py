"""Where numba keeps what it compiled: a folder for each state of the text of this package.

numba looks only at the file of a function to see whether what it has compiled before is out of date, not at those of
the functions and constants that it names: a stale inner loop once wrote beyond its arrays. With a folder for each
state of all files, any change in one of them compiles all anew.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any, Literal, TypeVar, cast

import numba
import platformdirs

KEPT_S = 30 * 86_400.0
"""Folders that nobody used for so long before the newest use are removed."""

CONFIG: Any = numba.config

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Return a function that is compiled when it is first called, or read from the cache; it holds no lock."""
    return cast("Function", compiled_with(function))


def compiled_with(function: Any, *, error_model: Literal["python", "numpy"] = "python", **named: Any) -> Any:
    """Return a loop that CPython runs too, compiled, as `compiled` does.

    Parameters
    ----------
    function : callable
        It may name functions that are compiled themselves, and constants.
    error_model : ``python`` or ``numpy``
        The first raises where something is divided by zero, the second goes on.
    named : callable
        Compiled ones that take the place of those that `function` names.

    Raises
    ------
    RuntimeError
        No folder can be written, neither here nor where numba would look by itself.
    """
    own = FunctionType(function.__code__, function.__globals__ | named, function.__name__)
    before = CONFIG.CACHE_DIR
    CONFIG.CACHE_DIR = str(folder())
    try:
        return numba.njit(cache=True, nogil=True, error_model=error_model)(own if named else function)
    finally:
        CONFIG.CACHE_DIR = before


@cache
def folder() -> Path:
    """Return the folder for the text as it is now, in ``NUMBA_CACHE_DIR`` or else the user's cache."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    root = Path(CONFIG.CACHE_DIR) if CONFIG.CACHE_DIR else platformdirs.user_cache_path("emgmon")
    return root / f"loops-{digest.hexdigest()[:16]}"


def tidy() -> None:
    """Remove the folders of text that was not used for a month."""
    own = folder()
    if not own.is_dir():  # numba found another place
        return
    os.utime(own)
    now_s = own.stat().st_mtime
    for other in own.parent.glob("loops-*"):
        if other.stat().st_mtime < now_s - KEPT_S:
            shutil.rmtree(other, ignore_errors=True)
