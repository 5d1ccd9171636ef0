"""Writes a text whole or not at all, so that a full disk costs no earlier file."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def write_whole(path: Path, text: str, *, newline: str | None = None) -> None:
    """Write a text under another name, then put it where it belongs.

    Parameters
    ----------
    path : path
        An earlier file there is replaced only when all of `text` is on the disk; what is no file (a pipe, a terminal)
        is written to as it is.
    text : str
        Written as UTF-8.
    newline : str, optional
        As `open` takes it.

    Raises
    ------
    OSError
        When it cannot be written; nothing is left behind then, and an earlier file is as it was.
    """
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8", newline=newline)
        return
    path = path.resolve()
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline=newline) as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
