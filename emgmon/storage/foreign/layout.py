"""How a text table is laid out: what parts its columns, where its numbers begin, what its headings say."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from emgmon.errors import ImportFailed
from emgmon.storage.foreign.base import Options, one_line

HEAD_CHARS = 1 << 18
MAX_COLUMNS = 4096
UNITS = (
    *(
        "s",
        "sec",
        "ms",
        "us",
        "µs",
        "ns",
        "v",
        "mv",
        "uv",
        "µv",
        "μv",
        "nv",
        "volts",
        "g",
        "mg",
        "m/s2",
        "m/s^2",
        "m/s²",
    ),
    *(
        "deg/s",
        "°/s",
        "º/s",
        "dps",
        "rad/s",
        "ut",
        "µt",
        "deg",
        "°",
        "rad",
        "n",
        "nm",
        "a.u.",
        "counts",
        "%",
        "hz",
        "mm",
    ),
)
RATE = re.compile(
    r"(?:sampl\w*\s*(?:rate|frequency|freq)|frequency|fs)[^0-9\n]{0,20}?([0-9]+(?:[.,][0-9]+)?(?:e[+-]?\d+)?)\s*(k?)(?:hz|$|[^\w.])",
    re.IGNORECASE | re.MULTILINE,
)
LABELS = re.compile(r"^[#%]\s*labels?\s*:?=\s*(.+)$", re.IGNORECASE | re.MULTILINE)

Kind = Literal["number", "date", "clock", "text"]


@dataclass(frozen=True, slots=True)
class Layout:
    """What was found in the first lines of a text table.

    Attributes
    ----------
    encoding : str
    delimiter : str
        ``" "`` also stands for any run of blanks.
    decimal : str
    preamble : str
        All lines before the numbers.
    first_line : int
        Line with the first numbers, from 0.
    names, units : tuple of str
        From the headings; a name is empty where there is none.
    kinds : tuple of str
        Of each column.
    """

    encoding: str
    delimiter: str
    decimal: str
    preamble: str
    first_line: int
    names: tuple[str, ...]
    units: tuple[str, ...]
    kinds: tuple[Kind, ...]

    @property
    def rate_hz(self) -> float | None:
        """Rate that the preamble names, None where it names none or several."""
        found = {rate_of(match) for match in RATE.finditer(self.preamble)}
        return found.pop() if len(found) == 1 else None


def rate_of(match: re.Match[str]) -> float:
    """Rate in Hz from a match of `RATE`."""
    return float(match[1].replace(",", ".")) * (1e3 if match[2] else 1.0)


def encoding_of(start: bytes) -> str:
    """Tell the encoding of a text that begins with `start`."""
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf-16"
    try:
        start[:-4].decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def find_layout(path: Path, options: Options) -> Layout:
    """Look at the head of a text table.

    Raises
    ------
    ImportFailed
        When no row of numbers is there.
    """
    with path.open("rb") as stream:
        encoding = encoding_of(stream.read(HEAD_CHARS))
    with path.open(encoding=encoding, errors="replace") as text:
        head = text.read(HEAD_CHARS)
    lines = head.splitlines()
    if len(head) == HEAD_CHARS:
        lines = lines[:-1]
    delimiter = options.delimiter or _delimiter(lines)
    comma = delimiter != "," and any(re.search(r"\d,\d", line) for line in lines)
    decimal = options.decimal or ("," if comma else ".")
    rows = [split(line, delimiter) for line in lines]
    first = _first_row(rows, decimal)
    if first is None:
        raise ImportFailed(
            f"{path}: no row of numbers found (columns parted by {delimiter!r}, decimal sign {decimal!r})"
        )
    width = len(rows[first])
    if width > MAX_COLUMNS:
        raise ImportFailed(f"{path}: {width} columns are more than can be imported ({MAX_COLUMNS})")
    preamble = "\n".join(lines[:first])
    names, units = _headings(rows[:first], width, preamble)
    sample = [row for row in rows[first : first + 200] if len(row) == width]
    kinds = tuple(_kind([row[k] for row in sample], decimal) for k in range(width))
    return Layout(encoding, delimiter, decimal, preamble, first, names, units, kinds)


def split(line: str, delimiter: str) -> list[str]:
    """Cells of one line, without blanks around them; none of an empty line."""
    if not line.strip():
        return []
    if '"' in line:
        try:
            return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))]
        except (csv.Error, StopIteration):
            return [line]
    return line.split() if delimiter == " " else [cell.strip() for cell in line.split(delimiter)]


def number(cell: str, decimal: str) -> float:
    """Value of a cell; NaN where it is none."""
    try:
        return float(cell.replace(decimal, ".") if decimal != "." else cell)
    except ValueError:
        return math.nan


def date_s(cell: str) -> float:
    """Seconds since 1970 of an ISO date with time, as if in UTC; NaN where it is none."""
    try:
        found = datetime.fromisoformat(cell.replace("/", "-"))
        return (found.replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds()  # noqa: DTZ001 - a difference
    except ValueError:
        return math.nan


def clock_s(cell: str) -> float:
    """Seconds since midnight of ``12:00:53.329``; NaN where it is none."""
    match = re.fullmatch(r"(\d{1,2}):(\d{2}):(\d{2}(?:[.,]\d+)?)", cell)
    return 3600.0 * int(match[1]) + 60.0 * int(match[2]) + float(match[3].replace(",", ".")) if match else math.nan


def name_and_unit(cell: str) -> tuple[str, str]:
    """Name and unit of a heading such as ``BF [mV]``, ``Time (s)``, ``RT GLUT. MAX.,uV`` or ``emg_uv``."""
    text = one_line(cell, 100).lstrip("#% ").strip("\"' ")
    match = re.fullmatch(r"(.*?)\s*[\[(]([^\])\d]+[^\])]*|[^\])]*°/s)[\])]\s*", text)
    if match and match[1]:
        return match[1], match[2].strip()
    match = re.fullmatch(r"(.+?)\s*,\s*([^,]{1,8})", text)
    if match and match[2].lower() in UNITS:
        return match[1], match[2]
    match = re.fullmatch(r".+_(uv|mv|ms|us|ns)", text, re.IGNORECASE)
    return text, match[1] if match else ""


def _delimiter(lines: Sequence[str]) -> str:
    """Take the mark that stands equally often in the longest run of last lines."""
    last = [line for line in lines if line.strip()][-50:][::-1]
    best, longest = ",", 0
    for mark in ("\t", ";", ",", " "):
        counts = [len(line.split()) - 1 if mark == " " else line.count(mark) for line in last]
        if not counts or not counts[0]:
            continue
        run = next((k for k, count in enumerate(counts) if count != counts[0]), len(counts))
        if run > longest:
            best, longest = mark, run
    return best


def _first_row(rows: Sequence[list[str]], decimal: str) -> int | None:
    widths = [len(row) for row in rows if row][-50:]
    width = max(widths, key=widths.count, default=0)
    full = [k for k, row in enumerate(rows) if len(row) == width]
    whole = next((k for k in full if _values(rows[k], decimal) == _filled(rows[k]) > 0), None)
    if whole is not None:
        return whole
    return next((k for k in full if 2 * _values(rows[k], decimal) >= _filled(rows[k]) > 0), None)


def _filled(row: Sequence[str]) -> int:
    return sum(cell != "" for cell in row)


def _values(row: Sequence[str], decimal: str) -> int:
    return sum(cell != "" and _kind([cell], decimal) != "text" for cell in row)


def _kind(cells: Sequence[str], decimal: str) -> Kind:
    filled = [cell for cell in cells if cell]
    tests: tuple[Kind, ...] = ("number", "date", "clock")
    for kind in tests:
        if all(_is(kind, cell, decimal) for cell in filled):
            return kind
    return "text" if sum(_is("number", cell, decimal) for cell in filled) < 0.8 * len(filled) else "number"


def _is(kind: Kind, cell: str, decimal: str) -> bool:
    if kind == "number":
        return cell.lower() == "nan" or not math.isnan(number(cell, decimal))
    return not math.isnan(date_s(cell) if kind == "date" else clock_s(cell))


def _headings(above: Sequence[list[str]], width: int, preamble: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names and units from the rows above the numbers: one row of names, or groups over names, or units below."""
    match = LABELS.search(preamble)
    labels = [one_line(cell, 100) for cell in re.split(r"[\t,;]\s*", match[1].strip())] if match else []
    if len(labels) == width:
        return tuple(labels), ("",) * width
    rows = [row for row in above if len(row) == width and sum(map(_worded, row)) >= max(1, width // 2)]
    if not rows:
        return ("",) * width, ("",) * width
    units = [""] * width
    if len(rows) > 1 and all(cell.lower().strip("[]()") in {*UNITS, ""} for cell in rows[-1]):
        units = [cell.strip("[]()") for cell in rows.pop()]
    parts = [name_and_unit(cell) for cell in rows[-1]]
    names = [name for name, _unit in parts]
    if len(set(names)) < width and len(rows) > 1:
        group = ""
        for k, cell in enumerate(rows[-2]):
            group = cell or group
            names[k] = f"{one_line(group, 60)} {names[k]}".strip()
    return tuple(names), tuple(unit or below for (_name, unit), below in zip(parts, units, strict=True))


def _worded(cell: str) -> bool:
    return cell != "" and _kind([cell], ".") == "text"
