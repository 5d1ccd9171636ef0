"""Verdicts: what is outside is missed, what is not a number is missed, what was not bounded is not met."""

import math

import pytest

from emgmon.errors import EmgmonError
from emgmon.validation import ROWS, Limit, Measurement, Row, Verdict, chosen, judge
from emgmon.validation.running import ACCEPTANCE_SEED, run_row, seeds_of
from emgmon.validation.table import Limit as TableLimit


def taken(value, measure="bias", **conditions):
    return Measurement(measure, value, "%", 10, range(5), conditions)


def row_of(*limits, measure=None):
    return Row("test", "quantity", "target", limits, "conditions", measure)


@pytest.mark.parametrize(
    ("limit", "value", "met"),
    [
        (Limit("bias", 3.0), 3.0, True),
        (Limit("bias", 3.0), 3.001, False),
        (Limit("bias", 3.0), -50.0, True),
        (Limit("bias", 3.0, size=True), -3.1, False),
        (Limit("bias", 3.0, at_least=True), 2.9, False),
        (Limit("bias", 3.0, at_least=True), 3.0, True),
        (Limit("bias", 3.0), math.nan, False),
        (Limit("bias", 3.0), math.inf, False),
        (Limit("bias", 3.0, at_least=True), math.inf, False),
    ],
)
def test_limit(limit, value, met):
    verdict, judged = judge(row_of(limit), [taken(value)])
    assert verdict is (Verdict.MET if met else Verdict.MISSED)
    assert judged[0].limit is limit


def test_a_limit_concerns_only_its_conditions():
    row = row_of(Limit("bias", 3.0, where={"snr_db": 20.0}))
    verdict, judged = judge(row, [taken(1.0, snr_db=20.0), taken(50.0, snr_db=5.0)])
    assert verdict is Verdict.MET
    assert [item.verdict for item in judged] == [Verdict.MET, Verdict.REPORTED]


def test_a_limit_that_bounds_nothing_is_not_met():
    row = row_of(Limit("bias", 3.0), Limit("SD", 6.0))
    assert judge(row, [taken(1.0)])[0] is Verdict.NOT_MEASURED
    assert judge(row, [taken(9.0)])[0] is Verdict.MISSED
    assert judge(row, [])[0] is Verdict.NOT_MEASURED


def test_one_measurement_may_have_two_limits():
    row = row_of(Limit("coverage", 93.0, at_least=True), Limit("coverage", 97.0))
    verdict, judged = judge(row, [taken(98.0, "coverage")])
    assert verdict is Verdict.MISSED
    assert [item.verdict for item in judged] == [Verdict.MET, Verdict.MISSED]


def test_without_limits_a_row_is_reported():
    assert judge(row_of(), [taken(1.0)])[0] is Verdict.REPORTED


def test_a_row_that_breaks_is_missed_and_says_why():
    def broken(_seeds, _quick):
        raise ZeroDivisionError("no reps")

    result = run_row(row_of(Limit("bias", 3.0), measure=broken), quick=True)
    assert result.verdict is Verdict.MISSED
    assert "no reps" in result.why


def test_a_row_without_a_function_is_not_measured():
    result = run_row(row_of(), quick=True)
    assert result.verdict is Verdict.NOT_MEASURED
    assert result.why == "conditions"


def test_rows_are_well_formed():
    assert len({row.id for row in ROWS}) == len(ROWS)
    for row in ROWS:
        assert row.target
        assert row.conditions.endswith(".")
        assert bool(row.limits) <= (row.measure is not None)
        assert 1 <= row.n_quick <= row.n_seeds
        assert all(isinstance(limit, TableLimit) for limit in row.limits)


def test_acceptance_seeds_are_fixed_and_far_from_those_of_tuning():
    row = next(row for row in ROWS if row.measure)
    assert ACCEPTANCE_SEED == 7_310_000
    assert seeds_of(row, quick=False) == range(7_310_000, 7_310_000 + row.n_seeds)
    assert seeds_of(row, quick=True) == range(7_310_000, 7_310_000 + row.n_quick)


def test_rows_are_chosen_by_pattern():
    assert chosen(ROWS, "") == list(ROWS)
    assert [row.id for row in chosen(ROWS, "onset, or*")] == ["onset", "order"]
    with pytest.raises(EmgmonError, match="no row is called 'nothing'"):
        chosen(ROWS, "nothing")
