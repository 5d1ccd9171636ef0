"""Every kit of simulated sensors through the whole live path: ``python benchmarks/kits.py [KIT ...] [--jobs N]``.

For each kit ``emgmon demo --headless --device KIT`` runs as a process of its own: virtual radio, Bleak, recorder,
analysis. Prints a table of what was found beside what the wearer did: repetitions, greatest error of the glute share
in the hold, greatest share of samples lost in a channel, and packets that could not be read. Without ``--speed``
time is virtual, so that the figures are the same on every machine. Simulated data.
"""

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "tests"), str(Path(__file__).parents[1])]

from livekits import run

from firmware_sim import KITS


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("kits", nargs="*", default=list(KITS))
    parser.add_argument("--reps", type=int, default=3)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--speed", type=float)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    print("| kit | sensors heard | reps found | greatest error of the glute share | samples lost, % | bad packets |")
    print("|---|---|---|---|---|---|", flush=True)
    with ThreadPoolExecutor(options.jobs) as pool:
        for done in pool.map(lambda kit: run(kit, options.reps, options.seed, options.speed), options.kits):
            print(done.row(), flush=True)


if __name__ == "__main__":
    main()
