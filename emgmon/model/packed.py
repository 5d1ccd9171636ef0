"""Finished sets in little memory: their numbers as bytes, made into `Value` and `Estimate` again when they are read.

Eight sensors give 410 values a repetition and 400 estimates a set. As objects that is 50 and 240 kB, of which the
numbers themselves are 3 and 50: the rest are objects around them, and texts that are the same in every repetition. A
session keeps all of it to its end.
"""

from __future__ import annotations

import math
from array import array
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, Generic, TypeVar, overload

import numpy as np

from emgmon.model.reps import Curve, RepSummary, Value
from emgmon.model.results import Estimate, SetSummary

Row = TypeVar("Row", Value, Estimate)
Column = tuple[tuple[str, ...], bytes]
"""Different texts, and for each row the number of its own as two bytes."""

READY = 256
"""The rows of so many repetitions, or sets, lie ready once they were read: who draws a set reads it many times."""


@dataclass(frozen=True, slots=True, eq=False)
class Layout(Generic[Row]):
    """What rows of many repetitions have in common: their dataclass, and its columns of text in the order of fields."""

    kind: type[Row]
    texts: tuple[Column, ...]


class Packed(Sequence[Row]):  # noqa: PLW1641 - as the summaries that hold it, it is no key
    """Rows of one dataclass of texts and numbers, as a sequence that makes them when they are read.

    Not-a-number comes back as `math.nan`, every other number with its own bits.

    Parameters
    ----------
    rows : sequence of Value or of Estimate
        At least one. Counts are below 2^53.
    """

    __slots__ = ("_layout", "_n", "_numbers")

    def __init__(self, rows: Sequence[Row]) -> None:
        texts: list[Column] = []
        numbers: list[bytes] = []
        for field in fields(rows[0]):
            column = [getattr(row, field.name) for row in rows]
            if field.type == "str":
                texts.append(_column(column))
            else:
                numbers.append(_bytes(column))
        self._n: int = len(rows)
        kind = type(rows[0])
        self._layout: Layout[Row] = _layout(kind, tuple(texts))  # type: ignore[arg-type]  # a class is a key
        self._numbers = tuple(numbers)

    def __len__(self) -> int:
        """How many rows there are."""
        return self._n

    def __iter__(self) -> Iterator[Row]:
        """Go through the rows."""
        return iter(_rows(self._layout, self._n, self._numbers))

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, at: int | slice) -> Row | tuple[Row, ...]:
        """Return one row, or some."""
        return _rows(self._layout, self._n, self._numbers)[at]

    def __eq__(self, other: object) -> bool:
        """Whether another sequence has the same rows, bit for bit where it is packed too."""
        if isinstance(other, Packed):
            mine, theirs = self._layout, other._layout
            same = mine is theirs or (mine.kind, mine.texts) == (theirs.kind, theirs.texts)
            return same and self._numbers == other._numbers
        return tuple(self) == other

    def __repr__(self) -> str:
        """Show the rows."""
        return f"Packed({list(self)!r})"

    def __reduce__(self) -> tuple[type[Packed[Row]], tuple[list[Row]]]:
        """Go to another process as rows."""
        return Packed, (list(self),)


def packed(summary: SetSummary) -> SetSummary:
    """Return the same set in a tenth of the memory; its curves, which are only drawn, keep seven digits."""
    reps = tuple(_packed_rep(rep) for rep in summary.reps)
    return replace(summary, reps=reps, estimates=_rows_packed(summary.estimates))


def _packed_rep(rep: RepSummary) -> RepSummary:
    return replace(rep, values=_rows_packed(rep.values), curves=tuple(map(_packed_curve, rep.curves)))


def _packed_curve(curve: Curve) -> Curve:
    with np.errstate(over="ignore"):
        single = np.asarray(curve.level, np.float32)
    return replace(curve, level=array("f", single.tobytes()))  # from bytes it takes no more than it needs


def _rows_packed(rows: Sequence[Row]) -> Sequence[Row]:
    return Packed(rows) if rows else ()


def _bytes(column: Iterable[float]) -> bytes:
    """Return numbers as bytes; those of one when all are the same."""
    found = array("d", [math.nan if number != number else number for number in column]).tobytes()  # noqa: PLR0124
    return found[:8] if found == found[:8] * (len(found) // 8) else found


def _column(texts: Sequence[str]) -> Column:
    """Return a column of text."""
    number = {text: n for n, text in enumerate(dict.fromkeys(texts))}
    return _one((tuple(number), array("H", [number[text] for text in texts]).tobytes()))


@lru_cache(maxsize=READY)
def _one(column: Column) -> Column:
    """Return the one column of these texts."""
    return column


@lru_cache(maxsize=READY)
def _layout(kind: type[Row], texts: tuple[Column, ...]) -> Layout[Row]:
    """Return the one layout of these texts."""
    return Layout(kind, texts)


@lru_cache(maxsize=READY)
def _rows(layout: Layout[Row], n: int, numbers: tuple[bytes, ...]) -> tuple[Row, ...]:
    """Make the rows; filled field by field, which takes a quarter of what their own `__init__` takes."""
    kind, texts, left = layout.kind, iter(layout.texts), iter(numbers)
    rows = [object.__new__(kind) for _ in range(n)]
    for field in fields(kind):
        column: Sequence[Any]
        if field.type == "str":
            different, of_row = next(texts)
            column = [different[k] for k in array("H", of_row)]
        else:
            column = [math.nan if x != x else x for x in array("d", next(left))]  # noqa: PLR0124
            if field.type == "int":
                column = [int(x) for x in column]
            if len(column) < n:
                column = column * n
        deque(map(getattr(kind, field.name).__set__, rows, column), maxlen=0)
    return tuple(rows)
