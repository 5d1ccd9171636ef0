"""Writes the reference recordings and their truth anew: ``python tests/make_recordings.py``.

The program never writes over them by itself; run this only when the simulator or the format has to change, and review
the golden summaries afterwards (``pytest tests/test_reference_recordings.py --update-golden``).
"""

import json
import sys
from pathlib import Path

from simulated import entries_of, script_of, session_time

from emgmon.storage.recorder import write_recording
from firmware_sim import Faults, Window

FOLDER = Path(__file__).parents[1] / "recordings"
REPS, SEED = 6, 7


def variants():
    """Name, entries and script of each reference recording."""
    script = script_of(REPS, seed=SEED)
    away = Window("EMG-HL", script.reps[2].start_s, 4.0)
    faults = Faults(loss_share=0.01, loss_burst=3.0, duplicate_share=0.002, corrupt_share=0.001, outages=(away,))
    yield "bridges-clean", entries_of(script, seed=SEED), script
    yield "bridges-faults", entries_of(script, seed=SEED, faults=faults), script


def truth(entries, script):
    """What the simulated wearer did, on the session clock."""
    reps = [
        {
            "index": rep.index,
            **{
                name: round(session_time(entries, getattr(rep, name)), 4)
                for name in ("start_s", "top_s", "release_s", "end_s")
            },
            "share_glute": round(rep.share_glute, 4),
            "sdi": round(rep.sdi, 4),
        }
        for rep in script.reps
    ]
    return {"simulated": True, "seed": SEED, "exercise": script.exercise, "reps": reps}


def main():
    for name, entries, script in variants():
        write_recording(FOLDER / f"{name}.mcap", entries)
        (FOLDER / f"{name}.truth.json").write_text(json.dumps(truth(entries, script), indent=1) + "\n", "utf-8")
        sys.stdout.write(f"{name}: {(FOLDER / f'{name}.mcap').stat().st_size / 1e6:.2f} MB\n")


if __name__ == "__main__":
    main()
