"""Packed sets say the same as unpacked ones."""

from __future__ import annotations

import math
import pickle
import sys
from array import array
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgmon.model import Curve, Estimate, Packed, Placement, Rep, RepSummary, SetSummary, Value, packed

TEXT = st.sampled_from(("level", "sdi", "", "hold", "both", "<="))
NUMBER = st.floats()
VALUE = st.builds(Value, TEXT, TEXT, TEXT, NUMBER, TEXT, TEXT)
COUNT = st.integers(0, 2**40)
ESTIMATE = st.builds(Estimate, *[TEXT] * 4, COUNT, *[NUMBER] * 12, COUNT, COUNT)
NANS = (math.nan,) * 9
PLACE = Placement("gluteus_maximus", "left")


def bits(rows: Sequence[Any]) -> list[str]:
    """Every field of every row, floats to the last bit and the sign of zero."""
    return [repr(row) for row in rows]


@given(st.lists(VALUE, min_size=1) | st.lists(ESTIMATE, min_size=1))
def test_rows_come_back_to_the_last_bit(rows: Any) -> None:
    kept = Packed(rows)
    assert len(kept) == len(rows)
    assert bits(kept) == bits(rows)
    assert bits([kept[0], kept[-1]]) == bits([rows[0], rows[-1]])
    assert bits(kept[1:]) == bits(rows[1:])


@given(st.lists(VALUE, min_size=1))
def test_packed_rows_are_alike_when_their_bits_are(rows: list[Value]) -> None:
    kept = Packed(rows)
    assert kept == Packed(list(rows))
    assert kept == pickle.loads(pickle.dumps(kept))  # noqa: S301 - its own bytes
    assert kept != Packed([*rows, rows[0]])
    other = Value("another", *[getattr(rows[0], name) for name in ("phase", "where", "value", "unit", "flag")])
    assert kept != Packed([other, *rows[1:]])


def test_not_a_number_is_the_one_of_math_so_that_tuples_compare() -> None:
    row = Value("sdi", "hold", "both", math.nan, "ln", "signal lost")
    assert Packed([row, row]) == (row, row)


def test_zeros_of_other_sign_are_not_alike() -> None:
    row = Value("sdi", "hold", "both", 0.0, "ln")
    assert Packed([row]) != Packed([Value("sdi", "hold", "both", -0.0, "ln")])


@pytest.fixture
def done() -> SetSummary:
    """A set of a few repetitions with many numbers."""
    reps = []
    for k in range(1, 9):
        values = tuple(Value("level", phase, str(n), 0.1 * k + n, "ref") for n in range(80) for phase in ("con", "act"))
        curve = Curve(PLACE, float(k), 0.02, array("d", [0.1 * k] * 200))
        reps.append(RepSummary(Rep(k, k, k + 0.2, k + 0.4, k + 0.9), values, (curve,), valid=True, target="met"))
    estimates = [Estimate("level", "act", str(n), "ref", 8, n + 0.5, *NANS) for n in range(80)]
    return SetSummary(1, "bridge_2leg", "Bridge", 0.0, 9.0, 8, None, tuple(reps), tuple(estimates), (), ())


def test_a_packed_set_says_the_same(done: SetSummary) -> None:
    kept = packed(done)
    for rep, was in zip(kept.reps, done.reps, strict=True):
        assert tuple(rep.values) == was.values
        assert rep.value("level", "con", "7") == was.value("level", "con", "7")
        assert rep.curves[0].level == pytest.approx(was.curves[0].level, rel=1e-6)
    assert tuple(kept.estimates) == done.estimates
    assert kept.estimate("level", "act", "3") == done.estimate("level", "act", "3")
    assert packed(kept) == kept


def test_a_set_without_repetitions_is_packed_too(done: SetSummary) -> None:
    empty = SetSummary(1, done.exercise, "Bridge", 0.0, 9.0, 8, None, (), (), (), ())
    assert packed(empty) == empty


def test_packed_numbers_take_little_more_than_their_bytes(done: SetSummary) -> None:
    values = packed(done).reps[3].values
    assert isinstance(values, Packed)
    held = sys.getsizeof(values) + sum(map(sys.getsizeof, (values._numbers, *values._numbers)))
    assert held < 1.2 * 8 * len(values)
    assert values._layout is packed(done).reps[4].values._layout  # type: ignore[attr-defined]
