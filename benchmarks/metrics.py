"""Cost of the numbers of repetitions and sets: ``python benchmarks/metrics.py [--seconds 300]``; CPU milliseconds.

A simulated session of six sensors is analysed, and what its metrics were given is kept: the signals of each repetition,
the stretches in which starts are sought, the repetitions of each set. Then only the numbers are computed, twice, and
the second time is told: each metric of a repetition in the order of `METRICS` (what several need counts for the first
of them), the starts, the estimates of sets.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parents[1]))

import analysis

from emgmon.metrics import METRICS, RepSignals, set_estimates, starts_of
from emgmon.model import RepSummary
from emgmon.pipeline import sets
from emgmon.runner import analyse


class Kept:
    """What the metrics of a session were given."""

    def __init__(self) -> None:
        self.signals: list[tuple[Any, ...]] = []
        self.starts: list[tuple[Any, ...]] = []
        self.sets: list[list[RepSummary]] = []

    def rep(self, *given: Any) -> RepSignals:
        """Keep what a repetition's metrics read."""
        self.signals.append(deepcopy(given))
        return RepSignals(*given)

    def lift(self, *given: Any) -> Any:
        """Keep where starts are sought."""
        self.starts.append(deepcopy(given))
        return starts_of(*given)

    def set(self, reps: Sequence[RepSummary]) -> Any:
        """Keep the repetitions of a set."""
        self.sets.append(list(reps))
        return set_estimates(reps)


def session(seconds: float) -> Kept:
    """Analyse a session and keep what its metrics were given."""
    kept = Kept()
    with (
        patch.object(sets, "RepSignals", kept.rep),
        patch.object(sets, "starts_of", kept.lift),
        patch.object(sets, "set_estimates", kept.set),
    ):
        analyse(analysis.session(seconds))
    return kept


def measure(kept: Kept) -> Counter[str]:
    """Compute all numbers; returns CPU milliseconds by title."""
    spent: Counter[str] = Counter()
    began = time.process_time()

    def lap(title: str) -> None:
        nonlocal began
        now = time.process_time()
        spent[title] += 1e3 * (now - began)
        began = now

    for given in kept.starts:
        starts_of(*given)
    lap("starts")
    for given in kept.signals:
        signals = RepSignals(*given)
        for metric in METRICS:
            metric.compute(signals)
            lap(metric.name)
    for reps in kept.sets:
        set_estimates(reps)
    lap("estimates of sets")
    return spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=300.0)
    kept = session(parser.parse_args().seconds)
    measure(kept)
    spent = measure(kept)
    reps = len(kept.signals)
    print(f"{sum(spent.values()):.0f} ms for {reps} repetitions in {len(kept.sets)} sets of six sensors")
    for title, took_ms in spent.most_common(12):
        print(f"{title:20s} {took_ms:8.1f} ms")


if __name__ == "__main__":
    main()
