"""Co-activation of two envelopes, by hand."""

import numpy as np
import pytest

from emgmon.metrics.coactivation import coactivation, coactivation_h, overlap, overlap_e, overlap_h


def test_indices_of_two_plain_envelopes():
    first, second = np.array([0.4, 0.4, 0.0, 0.0]), np.array([0.2, 0.0, 0.2, 0.0])
    assert overlap(first, second) == pytest.approx(2 * 0.2 / 1.2)
    assert coactivation(first, second) == pytest.approx(0.5 * 0.6 / 4)
    assert np.isnan(overlap(0 * first, 0 * second))
    assert np.isnan(coactivation(0 * first, 0 * second))


def test_turns_overlap_nothing_and_equals_overlap_wholly(make):
    turns = make({"GL": lambda t: np.where(t < 2.9, 40.0, 0.0), "HL": lambda t: np.where(t > 3.1, 40.0, 0.0), "EL": 40})
    alike = make({"GL": 40, "HL": 40, "EL": 10})
    found = {v.phase: v.value for v in overlap_h(turns) if v.where == "left"}
    assert found["hold"] == pytest.approx(0.0, abs=0.01)
    assert [v.value for v in overlap_h(alike)] == pytest.approx([1.0] * 8)
    assert next(v.value for v in coactivation_h(alike)) == pytest.approx(0.8)
    assert next(v.value for v in overlap_e(alike)) == pytest.approx(2 * 10 / 50)


def test_two_hamstrings_count_by_their_geometric_mean(make):
    found = overlap_h(make({"GL": 40, "HL": 80, "STL": 20}))
    assert [v.value for v in found] == pytest.approx([1.0] * 8)


def test_amplitudes_without_references_are_not_added(make):
    assert overlap_h(make({"GL": 40, "HL": 40}, references=None)) == []
    assert coactivation_h(make({"GL": 40, "EL": 40})) == []
