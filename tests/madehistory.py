"""Sessions without an analysis: sets of known numbers, and a process that stores them."""

import math

from emgmon.metrics import set_estimates
from emgmon.model import ChannelQuality, Placement, Reference, Rep, RepSummary, SessionSummary, SetSummary, Value
from emgmon.storage.sessions import Origin, open_store, put_session

PLACES = tuple(
    Placement(muscle, side)
    for muscle in ("gluteus_maximus", "biceps_femoris", "erector_spinae")
    for side in ("left", "right")
)


def rep_of(number, sdi):
    values = (
        Value("sdi", "hold", "both", sdi, "ln"),
        Value("level", "hold", str(PLACES[0]), math.nan, "ref", "signal lost"),
        Value("duration", "hold", "both", 2.0, "s"),
        Value("duration", "act", "both", 5.0, "s"),
    )
    times = 6.0 * number, 6.0 * number + 1, 6.0 * number + 3, 6.0 * number + 5
    return RepSummary(Rep(number, *times), values, (), valid=True, target="met")


def set_of(index=1, sdi=0.2, exercise="bridge_2leg", reps=6):
    made = tuple(rep_of(k, sdi + 0.01 * (-1) ** k) for k in range(1, reps + 1))
    references = tuple(Reference(place, "T1", 100.0, "uv", "prone") for place in PLACES)
    return SetSummary(
        index, exercise, exercise, 0.0, 40.0, reps, (2.0, 3.0), made, set_estimates(made), references, notes=()
    )


def channel_of(place, device_class="A"):
    quantities = "emg", "uv", 1000.0, 1000.0, 900, 100, "index", 0, 2.5, None, 100
    return ChannelQuality(str(place), place, *quantities, device_class=device_class)


def summary_of(day=1, sets=None, *, simulated=False):
    started = f"2026-03-{day:02d}T08:00:00+00:00"
    channels = (channel_of(PLACES[0], "B"), *map(channel_of, PLACES[1:]))
    return SessionSummary(
        started, "emgmon test", "made", simulated, 60.0, tuple(sets or (set_of(),)), channels, {}, notes=()
    )


def origin(number):
    return Origin(f"{number:064x}", f"/recordings/{number}.mcap")


def store_many(where, first, count):
    """Store sessions from number `first` on; for a process of its own."""
    with open_store(where) as store:
        for number in range(first, first + count):
            put_session(store, origin(number), summary_of(1 + number % 28))
