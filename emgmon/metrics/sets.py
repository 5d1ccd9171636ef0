"""From the reps of a set to everything that is said of the set as a whole."""

from __future__ import annotations

from collections.abc import Sequence

from emgmon.metrics.consistency import LIKENESS, SPREAD
from emgmon.metrics.estimates import SetMetric, rep_estimates
from emgmon.metrics.fatigue import FINSM5_CHANGE, MDF_CHANGE, MNF_CHANGE
from emgmon.model import Estimate, RepSummary

SET_METRICS: tuple[SetMetric, ...] = (
    SPREAD,
    LIKENESS,
    MDF_CHANGE,
    MNF_CHANGE,
    FINSM5_CHANGE,
)


def set_estimates(reps: Sequence[RepSummary]) -> tuple[Estimate, ...]:
    """Estimate every metric of `METRICS` from the valid reps of a set, and every one of `SET_METRICS` from the set."""
    return (*rep_estimates(reps), *(item for metric in SET_METRICS for item in metric.compute(reps)))
