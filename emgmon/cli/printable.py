"""A terminal that names of strangers cannot command: sensors and files may be called anything."""

from __future__ import annotations

from typing import Any, TextIO

CONTROL = dict.fromkeys((*range(9), *range(11, 13), *range(14, 32), *range(127, 160)), "?")
"""All control characters but tab, new line and return."""


class Printable:
    """A text stream that writes ``?`` for control characters, and else is the stream that it wraps."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text; returns its length."""
        return self._stream.write(text.translate(CONTROL))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
