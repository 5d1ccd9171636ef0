"""How often a comparison over weeks is wrong, how often it finds what is there, and whether a slip is told.

``python benchmarks/weeks.py [PEOPLE]``: simulated people without a change and with one; error between days 0.27, within
a set 0.07, two sets a day, 56 days. Values are drawn here; the model never sees how. Slips of electrodes are those of
`firmware_sim.placing`, on the last of nine days, eight channels; four times as many people.
"""

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from histories import past

from emgmon.metrics.comparable import AMBER, RED
from emgmon.metrics.comparison import CLEAR, CLEAR_FROM, PROBABLE
from emgmon.metrics.placement import FREQUENCY, LEVEL, NOISE, RATIO, Shown, placements
from emgmon.metrics.weeks import compare
from firmware_sim.cohort import HAMSTRING, draw_weeks
from firmware_sim.placing import OTHER_HAMSTRING, SLIPS, placings

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


def shown_of(day, *, light):
    """Say what the store knows of a virtual day; without light tasks the two hamstrings are held together."""
    places = {site: f"{muscle}/{side}" for site in day.mdf_hz for muscle, side in (site,)}
    signs = {(FREQUENCY, place, "bridge"): day.mdf_hz[site] for site, place in places.items()}
    signs |= {(NOISE, place, ""): day.noise_uv[site] for site, place in places.items()}
    for (muscle, side), place in places.items():
        if light:
            signs[LEVEL, place, "light"] = day.task_uv[muscle, side]
        elif muscle == HAMSTRING:
            signs[RATIO, place, "curl"] = day.task_uv[muscle, side] / day.task_uv[OTHER_HAMSTRING, side]
    return Shown(signs, {(places[site], str(k)): level for (site, k), level in day.exercise_uv.items()})


def slips(people, *, light):
    """Shares of last days that are amber, and red, for each slip; beside it those beyond one limit for each sign."""
    rows = {}
    for slip in SLIPS:
        words, alone = [], []
        for seed in range(people):
            days = [shown_of(day, light=light) for day in placings(draw_weeks(seed, "steady", 9), slip)]
            words.append(placements(days)[-1].word)
            alone.append(beyond_one_limit(days))
        rows[slip] = (*(sum(word == each for word in words) / people for each in (AMBER, RED)), *np.mean(alone, axis=0))
    return rows


def beyond_one_limit(days):
    """Whether a channel of the last day is beyond ×1.6, beyond ×2 of its level, beyond 15 % of its frequency."""
    off = {kind: [] for kind in (LEVEL, FREQUENCY)}
    for sign, value in days[-1].signs.items():
        if sign[0] in off:
            off[sign[0]].append(abs(np.log(value / np.median([day.signs[sign] for day in days[:-1]]))))
    worst = {kind: max(values, default=0.0) for kind, values in off.items()}
    return worst[LEVEL] > np.log(1.6), worst[LEVEL] > np.log(2.0), worst[FREQUENCY] > np.log(1.15)


def main():
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 150
    for light in (True, False):
        told = "light reference tasks" if light else "maximal references"
        print(f"{told}: slip on the last day   amber    red   one limit each: level ×1.6  level ×2  frequency 15 %")
        for slip, shares in slips(4 * people, light=light).items():
            print(f"  {slip:12}" + "".join(f"{100 * share:8.1f} %" for share in shares))
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
