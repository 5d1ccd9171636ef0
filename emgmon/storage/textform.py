"""Entries as text, a line each: the form of captures and of bug reports, and of the copies inside a recording."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from emgmon.errors import RecordingError
from emgmon.model import Entry, Mark, Packet

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_UNESCAPES = {"t": "\t", "n": "\n", "r": "\r"}


def to_text(entries: Iterable[Entry]) -> str:
    r"""Write entries as text, a line each: the form of captures and of bug reports.

    A packet is ``host_ns TAB device TAB port TAB payload in hexadecimal``, a mark ``host_ns TAB # TAB kind TAB JSON``.
    Tab, line break and backslash in a name are ``\t``, ``\n``, ``\r`` and ``\\``; a device called ``#`` is ``\#``.
    """
    return "".join(f"{_line(entry)}\n" for entry in entries)


def _line(entry: Entry) -> str:
    if isinstance(entry, Mark):
        said = json.dumps(dict(entry.data), sort_keys=True, ensure_ascii=False)
        return f"{entry.host_ns}\t#\t{_escaped(entry.kind)}\t{said}"
    device = "\\#" if entry.device == "#" else _escaped(entry.device)
    return f"{entry.host_ns}\t{device}\t{_escaped(entry.port)}\t{entry.payload.hex()}"


def from_text(text: str, where: str = "text") -> Iterator[Entry]:
    """Read entries from their text form; empty lines and lines that begin with ``#`` are left out.

    Parameters
    ----------
    text : str
        As `to_text` gives it.
    where : str
        Name of the text, for messages.

    Raises
    ------
    RecordingError
        Naming the line that is neither a packet nor a mark.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            time, device, port, said = line.rstrip("\r").split("\t")
            if device == "#":
                yield Mark(int(time), _unescaped(port), dict(json.loads(said)))
            else:
                yield Packet(_unescaped(device), _unescaped(port), int(time), bytes.fromhex(said))
        except (ValueError, TypeError) as error:
            shown = line if len(line) <= 60 else line[:60] + " …"
            raise RecordingError(f"{where}, line {number}: not an entry: {shown!r}") from error


def _escaped(name: str) -> str:
    return name.translate(_ESCAPES)


def _unescaped(name: str) -> str:
    return re.sub(r"\\(.)", lambda found: _UNESCAPES.get(found[1], found[1]), name)
