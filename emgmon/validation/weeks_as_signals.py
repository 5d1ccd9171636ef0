"""Whether days drawn as numbers are like the same days as packets of sensors: the row ``cohort``.

Each day goes the whole way: motor units, electrodes, the open profile's sensors, packets, pipeline. The truth is what a
perfect instrument would read from noise-free envelopes after that day's imperfect references.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

import firmware_sim
from emgmon.exercise.catalogue import packaged
from emgmon.model import Array, Entry, Mark, Packet, RepSummary
from emgmon.validation.sessions import analysed
from emgmon.validation.table import Conditions, Measurement
from emgmon.validation.weeks import EXERCISE
from firmware_sim.cohort import TRIO, Day, Kind, Weeks, draw_weeks, index_ln
from firmware_sim.physiology import body_signals
from firmware_sim.truth import reference_amplitude, true_indices

DAYS, QUICK_DAYS, REPS = 3, 2, 6
COURSES: tuple[Kind, ...] = ("change", "steady", "slip", "drift", "practice")
"""Of the users in turn; the first is all that a quick run has, and its days differ most."""
WORN, SIDE = ("EMG-GL", "EMG-HL", "EMG-EL"), "left"
LETTER = dict(zip(TRIO, "GHE", strict=True))


@dataclass(frozen=True, slots=True)
class Compared:
    """One day: index of the set as measured, as a perfect instrument reads it, and as drawn; scatter of the reps."""

    measured: float
    true: float
    drawn: float
    reps_measured: float
    reps_drawn: float


def entries_of(weeks: Weeks, day: Day) -> list[Entry]:
    """All that a host would have received and marked on one day."""
    script, seed = weeks.script(day, REPS), 100 * weeks.seed + day.number
    records = list(firmware_sim.stream(script, seed=seed, body=weeks.body(day), sensors=WORN))
    began_ns = records[0].host_ns
    header = {"program": "emgmon validation", "source": "simulated", "simulated": True}
    entries: list[Entry] = [
        Mark(began_ns, "session", header),
        Mark(began_ns, "exercise", packaged()[EXERCISE].table()),
    ]
    for record in records:
        if record.tag == "packet":
            entries.append(Packet(record.device, record.port, record.host_ns, record.payload))
        else:
            entries.append(Mark(record.host_ns, record.kind, record.data))
    return entries


def compared(weeks: Weeks, day: Day) -> Compared | None:
    """Return one day as signals and as numbers; None when the program gave no index."""
    summary = analysed(entries_of(weeks, day))
    estimate = summary.sets[0].estimate("sdi", "hold") if summary.sets else None
    if estimate is None:
        return None
    script, body, seed = weeks.script(day, REPS), weeks.body(day), 100 * weeks.seed + day.number
    truths = {(m, SIDE): body_signals(script, (m, SIDE), seed=seed, body=body).truth for m in TRIO}
    reached = {site: reference_amplitude(script, truth, LETTER[site[0]]) for site, truth in truths.items()}
    true = [item.sdi for item in true_indices(script, truths, reached)]
    drawn = [index_ln(dict(zip(TRIO, row, strict=True))) for row in weeks.reps_ln(day, REPS).tolist()]
    return Compared(
        estimate.mean,
        float(np.mean(true)),
        index_ln(day.seen_ln),
        _scatter([_index(rep) for rep in summary.sets[0].reps if rep.valid]),
        _scatter(drawn),
    )


def _index(rep: RepSummary) -> float:
    return rep.value("sdi", "hold")


def _scatter(values: Sequence[float]) -> float:
    """SD about a straight line."""
    at = np.arange(len(values)) - (len(values) - 1) / 2
    rest = np.array(values) - np.mean(values)
    rest = rest - at * (at @ rest) / (at @ at)
    return float(np.sqrt(rest @ rest / (len(values) - 2)))


def cohort(seeds: range, quick: bool) -> Sequence[Measurement]:
    """Measure what signals add to the numbers of a day, and whether the numbers scatter at least as much."""
    found: list[list[Compared]] = []
    for position, seed in enumerate(seeds):
        weeks = draw_weeks(seed, COURSES[position % len(COURSES)], QUICK_DAYS if quick else DAYS, change_ln=np.log(2.0))
        days = [compared(weeks, day) for day in weeks.days]
        found.append([day for day in days if day is not None])
    every = [day for user in found for day in user]
    n = len(every)
    error = np.array([day.measured - day.true for day in every])
    measured, drawn = (np.concatenate([_centred(user, name) for user in found]) for name in ("measured", "drawn"))
    here: Conditions = {"generator": "motor units", "device": "open profile"}
    reps = float(np.sqrt(np.mean([d.reps_drawn**2 for d in every]) / np.mean([d.reps_measured**2 for d in every])))
    days_of = float(np.sqrt((drawn @ drawn) / (measured @ measured)))
    likeness = float(measured @ drawn / np.sqrt((measured @ measured) * (drawn @ drawn)))
    return [
        Measurement("RMSE of a day", float(np.sqrt(np.mean(error**2))), "ln", n, seeds, here),
        Measurement("bias", float(error.mean()), "ln", n, seeds, here),
        Measurement("scatter of reps, numbers to signals", reps, "1", n, seeds, here),
        Measurement("scatter of days, numbers to signals", days_of, "1", n, seeds, here),
        Measurement("likeness of days", likeness, "1", n, seeds, here),
    ]


def _centred(user: Sequence[Compared], name: str) -> Array:
    values = np.array([getattr(day, name) for day in user], np.float64)
    return np.asarray(values - values.mean())
