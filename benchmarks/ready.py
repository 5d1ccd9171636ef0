"""How long a command takes from the start of its process to the first painted frame of its window. Offscreen.

``python benchmarks/ready.py [COMMAND ...]`` starts each of ``demo``, ``live`` and ``review`` several times, and stops
it at the first painting of the window's head. ``live`` looks for sensors meanwhile, where there is Bluetooth. The first
start of a machine is slower: what the disk holds is not in memory yet.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TIMES = 3
RECORDING = Path(__file__).parents[1] / "recordings" / "bridges-clean.mcap"
ARGUMENTS = {"demo": [], "live": [], "review": [str(RECORDING)]}
CHILD = """
import os, sys, time
from emgmon.live import header

def painted(*_):
    print("painted", time.time(), time.process_time(), flush=True)
    os._exit(0)

header.Header.paintEvent = painted
from emgmon.cli import main
sys.exit(main(sys.argv[1:]))
"""


def ready(command: str, times: int = TIMES) -> dict[str, float]:
    """Return the least of several starts: seconds of the clock, and of CPU, up to the first painted frame."""
    rows = [_once(command) for _ in range(times)]
    return {"wall_s": min(wall_s for wall_s, _ in rows), "cpu_s": min(cpu_s for _, cpu_s in rows)}


def _once(command: str) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": folder, "XDG_DOCUMENTS_DIR": folder}
        began_s = time.time()
        done = subprocess.run(  # noqa: S603 - this very Python
            [sys.executable, "-c", CHILD, command, *ARGUMENTS[command]],
            capture_output=True,
            text=True,
            timeout=120,
            env=environment,
            check=False,
        )
    told = next((line.split() for line in done.stdout.splitlines() if line.startswith("painted")), None)
    if told is None:
        raise SystemExit(f"{command} painted nothing: {done.stderr.strip()[-500:]}")
    return float(told[1]) - began_s, float(told[2])


if __name__ == "__main__":
    print(f"load {os.getloadavg()[0]:.1f}")
    for name in sys.argv[1:] or ARGUMENTS:
        found = ready(name)
        print(f"{name}: first frame after {found['wall_s']:.2f} s, {found['cpu_s']:.2f} s of CPU")
