"""Turns what the simulator hands out into emgmon's entries; the two know nothing of each other."""

import firmware_sim
from emgmon.exercise.catalogue import packaged
from emgmon.model import Mark, Packet
from emgmon.pipeline import Pipeline
from firmware_sim.stream import LEAD_S


def script_of(reps=8, seed=1, **options):
    return firmware_sim.bridges(reps, seed=seed, **options)


def entries_of(script, seed=1, exercise="bridge_2leg", **options):
    """All entries of a simulated session, with the marks that a live session writes first."""
    records = list(firmware_sim.stream(script, seed=seed, **options))
    begin_ns = records[0].host_ns
    header = {
        "program": "emgmon test",
        "source": "simulated",
        "simulated": True,
        "started_utc": "2026-01-02T03:04:05+00:00",
    }
    return [
        Mark(begin_ns, "session", header),
        Mark(begin_ns, "exercise", packaged()[exercise].table()),
        *(
            Packet(record.device, record.port, record.host_ns, record.payload)
            if record.tag == "packet"
            else Mark(record.host_ns, record.kind, record.data)
            for record in records
        ),
    ]


def events_of(entries):
    """Feed entries one by one; returns all events, and the summary."""
    pipeline = Pipeline()
    events = [event for entry in entries for event in pipeline.feed(entry)] + pipeline.close()
    return events, pipeline.summary()


def session_time(entries, script_s):
    """Session time of a moment of the script."""
    return script_s + LEAD_S - (entries[0].host_ns * 1e-9 - 1000.0)
