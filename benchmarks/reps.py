"""How well reps, phases and shares of simulated bridges are recovered: ``python benchmarks/reps.py [--seeds N]``.

Prints, over N simulated wearers with 6 reps each, the error of each boundary, of the hold, of the glute share and of
the index (SDI) against the wearer's truth. Simulated data.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).parents[1] / "tests"), str(Path(__file__).parents[1])]

from simulated import entries_of, script_of, session_time

from emgmon.runner import analyse

BOUNDS = ("start_s", "top_s", "release_s", "end_s")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=8)
    seeds = range(100, 100 + parser.parse_args().seeds)
    errors = {name: [] for name in (*BOUNDS, "hold_s", "share", "sdi", "sdi_change")}
    found = true = 0
    for seed in seeds:
        script = script_of(6, seed=seed)
        entries = entries_of(script, seed=seed)
        (done,) = analyse(entries).sets
        found, true = found + len(done.reps), true + len(script.reps)
        index = []
        for rep, truth in zip(done.reps, script.reps, strict=False):
            for name in BOUNDS:
                errors[name].append(getattr(rep.rep, name) - session_time(entries, getattr(truth, name)))
            errors["hold_s"].append(rep.value("duration", "hold") - (truth.release_s - truth.top_s))
            errors["share"].append(rep.value("share_glute", "hold") - truth.share_glute)
            index.append(rep.value("sdi", "hold") - truth.sdi)
        errors["sdi"] += index
        errors["sdi_change"] += (np.array(index) - np.mean(index)).tolist()
    print(f"simulated bridges, {len(seeds)} wearers: {found} reps found of {true}")
    print(f"{'error':12} {'median':>8} {'median |.|':>11} {'95 % |.|':>9}")
    for name, values in errors.items():
        value = np.array(values)
        size = np.abs(value)
        print(f"{name:12} {np.median(value):8.3f} {np.median(size):11.3f} {np.percentile(size, 95):9.3f}")


if __name__ == "__main__":
    main()
