"""Plays a kit of simulated sensors through ``emgmon demo`` and holds what it says against what the wearer did."""

import json
import math
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from firmware_sim import KITS, bridges

ROOT = Path(__file__).parents[1]
LONGEST_S = 600.0


@dataclass(frozen=True, slots=True)
class Run:
    """One session, and what its wearer did; `share_error` is NaN where the kit gives no share."""

    kit: str
    reps: int
    wanted: int
    share_error: float
    shares: int
    lost_percent: float
    bad_packets: int
    sensors: int

    def row(self):
        """Line of the table."""
        share = "—" if math.isnan(self.share_error) else f"{self.share_error:.3f}"
        worn = f"{self.sensors} of {len(KITS[self.kit])}"
        found = f"{self.reps} of {self.wanted}"
        return f"| {self.kit} | {worn} | {found} | {share} | {self.lost_percent:.2f} | {self.bad_packets} |"


def run(kit, reps, seed, speed=None):
    """Play one session, without a speed in virtual time; raises with the program's last words when it fails."""
    script = bridges(reps, seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "emgmon", "demo", "--headless", "--device", kit, "--reps", str(reps)]
        command += ["--seed", str(seed), "--json", "--out", folder]
        command += [] if speed is None else ["--speed", str(speed)]
        done = subprocess.run(  # noqa: S603
            command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=LONGEST_S, check=False
        )
    if done.returncode:
        raise RuntimeError(f"{kit}: {done.stderr[-2000:]}")
    told, _ = json.JSONDecoder().raw_decode(done.stdout[done.stdout.index("{") :])
    return compared(kit, told, script)


def compared(kit, told, script):
    """Hold a session's summary, as JSON, against the truth."""
    found = [rep for done in told["sets"] for rep in done["reps"]]
    errors = [
        abs(value["value"] - truth.share_glute)
        for rep, truth in zip(found, script.reps, strict=False)
        for value in rep["values"]
        if (value["metric"], value["phase"], value["where"]) == ("share_glute", "hold", "both")
        and value["value"] is not None
    ]
    channels = told["channels"]
    lost = [channel["lost_percent"] for channel in channels]
    return Run(
        kit,
        len(found),
        len(script.reps),
        max(errors, default=math.nan),
        len(errors),
        max(lost, default=100.0),
        sum({channel["device"]: channel["bad_packets"] for channel in channels}.values()),
        len({channel["device"] for channel in channels}),
    )
