"""Reads text tables (CSV and its kin) in blocks, so that only the numbers themselves are held."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from emgmon.errors import ImportFailed
from emgmon.model import Array
from emgmon.storage.foreign.base import MAX_MARKS, Foreign, Options, check_values, one_line, tidy
from emgmon.storage.foreign.columns import Columns, streams_of
from emgmon.storage.foreign.layout import Layout, clock_s, date_s, find_layout, number, split

BLOCK_CHARS = 4 << 20
DAY_S = 86_400.0
MARK_NAMES = ("marker", "markers", "mark", "event", "events", "note", "notes", "annotation", "activities", "activity")


def read(path: Path, options: Options) -> Foreign:
    """Read a text table; see `emgmon.storage.foreign`."""
    layout = find_layout(path, options)
    return streams_of(path, read_columns(path, layout), options)


def read_columns(path: Path, layout: Layout) -> Columns:
    """Read all columns of numbers and times; texts only where they are marks.

    Raises
    ------
    ImportFailed
        Naming the row that has another width than the first, or a line without end.
    """
    width = len(layout.names)
    wanted = [k for k, kind in enumerate(layout.kinds) if kind != "text"]
    noted = next((k for k, name in enumerate(layout.names) if name.lower() in MARK_NAMES and k not in wanted), None)
    growing = _Growing(path, len(wanted))
    notes: list[tuple[int, str]] = []
    for lines in _blocks(path, layout):
        cells = _parse(path, lines, layout, wanted, growing.n)
        if noted is not None:
            notes += [
                (growing.n + k, text) for k, line in enumerate(lines) if (text := split(line, layout.delimiter)[noted])
            ]
        if len(notes) > MAX_MARKS:
            notes, noted = [], None
        growing.add(cells)
    samples = growing.taken()
    empty = {k for k, column in enumerate(wanted) if not layout.names[column] and np.isnan(samples[:, k]).all()}
    kept = [k for k in range(len(wanted)) if k not in empty]
    named = [layout.names[wanted[k]] or f"column{wanted[k] + 1}" for k in kept]
    texts = [
        layout.names[k] for k, kind in enumerate(layout.kinds) if kind == "text" and layout.names[k] and k != noted
    ]
    return Columns(
        tuple(named),
        tuple(layout.units[wanted[k]] for k in kept),
        samples if len(kept) == len(wanted) else samples[:, kept],
        frozenset(named[at] for at, k in enumerate(kept) if layout.kinds[wanted[k]] in {"date", "clock"}),
        rate_hz=layout.rate_hz,
        notes=_begun(notes),
        told=(f"columns of words are left out: {', '.join(tidy(texts))}",) if texts and width > 1 else (),
        file_width=width,
    )


@dataclass(slots=True)
class _Growing:
    """Rows that are added in blocks; grows in place, so at most a fifth of it is unused."""

    path: Path
    width: int
    n: int = 0
    _rows: Array = field(init=False)

    def __post_init__(self) -> None:
        self._rows = np.empty((0, self.width))

    def add(self, rows: Array) -> None:
        need = self.n + len(rows)
        if need > len(self._rows):
            check_values(self.path, need * self.width)
            self._rows.resize((max(need, len(self._rows) * 5 // 4), self.width), refcheck=False)
        self._rows[self.n : need] = rows
        self.n = need

    def taken(self) -> Array:
        self._rows.resize((self.n, self.width), refcheck=False)
        return self._rows


def _blocks(path: Path, layout: Layout) -> Iterator[list[str]]:
    """Yield the lines of numbers, some megabytes at a time, without empty ones."""
    with path.open(encoding=layout.encoding, errors="replace") as stream:
        for _ in range(layout.first_line):
            stream.readline(BLOCK_CHARS)
        rest = ""
        while block := stream.read(BLOCK_CHARS):
            lines = (rest + block).split("\n")
            rest = lines.pop()
            if len(rest) >= BLOCK_CHARS:
                raise ImportFailed(f"{path}: a line is longer than {BLOCK_CHARS} letters; this is no table")
            if full := [line for line in lines if line.strip()]:
                yield full
        if rest.strip():
            yield [rest]


def _parse(path: Path, lines: list[str], layout: Layout, wanted: Sequence[int], before: int) -> Array:
    """Numbers of some lines, (n_lines, n_wanted)."""
    _check_widths(path, lines, layout, before)
    if wanted and all(layout.kinds[k] == "number" for k in wanted):
        if layout.decimal == ",":
            lines = [line.replace(",", ".") for line in lines]
        for filled in (False, True):
            with contextlib.suppress(ValueError):
                return _loaded(_without_empty(lines, layout.delimiter) if filled else lines, layout.delimiter, wanted)
        if layout.decimal == ",":
            layout = replace(layout, decimal=".")
    out = np.full((len(lines), len(wanted)), np.nan)
    for row, line in enumerate(lines):
        cells = split(line, layout.delimiter)
        for at, k in enumerate(wanted):
            out[row, at] = _value(cells[k], layout, k)
    return out


def _loaded(lines: list[str], delimiter: str, wanted: Sequence[int]) -> Array:
    return np.loadtxt(lines, delimiter=None if delimiter == " " else delimiter, usecols=wanted, ndmin=2, comments=None)


def _without_empty(lines: list[str], delimiter: str) -> list[str]:
    """Write ``nan`` where a cell is empty."""
    if delimiter == " ":
        return lines
    blank = " *" if delimiter == "\t" else r"[ \t]*"
    mark = re.escape(delimiter)
    pattern = re.compile(rf"(^|{mark}){blank}(?={mark}|$)")
    return [pattern.sub(r"\1nan", line) for line in lines]


def _value(cell: str, layout: Layout, column: int) -> float:
    kind = layout.kinds[column]
    if kind == "number":
        return number(cell, layout.decimal)
    return date_s(cell) if kind == "date" else clock_s(cell)


def _check_widths(path: Path, lines: list[str], layout: Layout, before: int) -> None:
    width = len(layout.names)
    for k, line in enumerate(lines):
        if layout.delimiter == " " or '"' in line:
            found = len(split(line, layout.delimiter))
        else:
            found = line.count(layout.delimiter) + 1
        if found != width:
            raise ImportFailed(
                f"{path}: line with {found} instead of {width} columns, row {before + k + 1} of the data"
            )


def _begun(notes: list[tuple[int, str]]) -> tuple[tuple[int, str], ...]:
    """Rows where a text begins that did not stand in the row before."""
    out: list[tuple[int, str]] = []
    last: tuple[int, str] = (-2, "")
    for row, text in notes:
        if row != last[0] + 1 or text != last[1]:
            out.append((row, one_line(text)))
        last = (row, text)
    return tuple(out)
