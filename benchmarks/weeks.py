"""How often a comparison over weeks is wrong, and how often it finds what is there.

``python benchmarks/weeks.py [PEOPLE]``: simulated people without a change and with one; error between days 0.27, within
a set 0.07, two sets a day, 56 days. Values are drawn here; the model never sees how.
"""

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from histories import past

from emgmon.metrics.comparison import CLEAR, CLEAR_FROM, PROBABLE
from emgmon.metrics.weeks import compare

SEM, ERROR, SETS, SPAN = 0.27, 0.07, 2, 56


def person(rng, days, change):
    made = []
    for number in range(days):
        at = change * number / (days - 1) + rng.normal(0.0, SEM)
        for index in range(1, SETS + 1):
            numbers = {"sdi": at + rng.normal(0.0, ERROR)}
            made.append(past(round(number * SPAN / (days - 1)), numbers, error=ERROR, index=index))
    return made


def looks(people):
    """Share of people who are called clear at some time without any change: by probability alone, by the rule."""
    rng, alone, ruled = np.random.default_rng(5), 0, 0
    for _ in range(people):
        history = person(rng, 24, 0.0)
        found = [compare(history[: SETS * days], "bridge_2leg") for days in range(6, 25)]
        ruled += any(each.word == CLEAR for each in found)
        alone += any(each.probability >= CLEAR_FROM and each.difference * each.direction > each.mdc for each in found)
    return alone / people, ruled / people


def power(people, days, factor):
    """Shares of: interval without zero, probable or clear, clear; and how often the interval holds the truth."""
    rng = np.random.default_rng(days)
    change = float(np.log(factor))
    found = [compare(person(rng, days, change), "bridge_2leg") for _ in range(people)]
    return tuple(
        sum(each) / people
        for each in (
            [item.trend.low > 0.0 or item.trend.high < 0.0 for item in found],
            [item.word in {PROBABLE, CLEAR} for item in found],
            [item.word == CLEAR for item in found],
            [item.trend.low <= change <= item.trend.high for item in found],
        )
    )


def main():
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 150
    began_s = time.process_time()
    print(f"{people} people each; days  true change  interval excludes none  probable or clear  clear  covered")
    for days, factor in ((12, 1.0), (12, 1.63), (12, 2.0), (24, 1.0), (24, 1.43), (24, 1.67), (24, 2.0)):
        shares = "  ".join(f"{100 * share:6.0f} %" for share in power(people, days, factor))
        print(f"{days:4}  x{factor:4.2f}  {shares}")
    print(
        "clear at some of 19 looks without a change: by probability alone {:.1%}, by the rule {:.1%}".format(
            *looks(people)
        )
    )
    spent_s = time.process_time() - began_s
    print(f"{spent_s:.0f} s of CPU, {1e3 * spent_s / (people * (7 + 19)):.1f} ms a comparison")


if __name__ == "__main__":
    main()
