"""How often words are said of whom: rules for a pattern over eight weeks, and what a prior for changes would do.

``python benchmarks/words.py [users]``: the numbers in ``docs/decisions.md``. Simulated; nothing here decides anything
at run time.
"""

from __future__ import annotations

import math
import sys

import numpy as np
from scipy.special import ndtr

from emgmon.metrics.questions import CHANGE_LN
from emgmon.validation.people import DAY_LN, REP_LN
from emgmon.validation.weeks import EIGHT_WEEKS, healthy_answers

RULES = ((3, 2), (3, 3), (4, 3), (6, 4))
SETS_WORTH = 12 * (1 - 0.3) / (1 + 0.3)
DRAWS = 400_000


def pattern_rules(users: int) -> None:
    """Share of healthy users of whom a rule would say the phrase at any of the looks, %."""
    clear = np.zeros((users, EIGHT_WEEKS, 2), bool)
    for user in range(users):
        answers = healthy_answers(np.random.default_rng([20_000 + user, 63]))
        clear[user] = np.reshape([seen.answer.word.startswith("clear") for seen in answers], (EIGHT_WEEKS, 2))
    for sessions, least in RULES:
        looks = [clear[:, max(0, k + 1 - sessions) : k + 1].sum(1) >= least for k in range(EIGHT_WEEKS)]
        told = np.array([look.all(1) for look in looks])
        print(f"{least} of {sessions}: told within 8 weeks {100 * told.any(0).mean():.2f} % (n = {users})")


def priors() -> None:
    """Calibration error of P(change > ×1.25) against three earlier days, with and without a prior for changes."""
    rng = np.random.default_rng(1)
    error = math.hypot(DAY_LN, REP_LN / math.sqrt(SETS_WORTH)) * math.sqrt(4 / 3)
    double = math.log(2.0)
    people = {
        "half ×1, half ×2": np.where(rng.random(DRAWS) < 0.5, 0.0, double),
        "×¼ to ×4 alike": rng.uniform(-2 * double, 2 * double, DRAWS),
    }
    for name, change in people.items():
        seen = change + rng.normal(0.0, error, DRAWS)
        for spread in (math.inf, 1.0, 0.7, 0.5, 0.4, 0.35):
            shrunk = 1.0 if math.isinf(spread) else spread**2 / (spread**2 + error**2)
            centre, width = shrunk * seen, error * math.sqrt(shrunk)
            said = np.where(centre >= 0.0, ndtr((centre - CHANGE_LN) / width), 0.0)
            found = 100 * np.mean(said[np.abs(change - double) < 0.02] >= 0.95)
            wrong = calibration_error(said, change > CHANGE_LN)
            print(f"{name}, prior SD {spread:g}: calibration error {wrong:.3f}, ×2 told clear {found:.0f} %")


def calibration_error(said, true):
    bins = np.minimum((10 * said).astype(int), 9)
    return sum(abs(said[bins == k].mean() - true[bins == k].mean()) * np.mean(bins == k) for k in set(bins.tolist()))


if __name__ == "__main__":
    priors()
    pattern_rules(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
