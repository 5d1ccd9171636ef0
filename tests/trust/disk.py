"""Commands on a disk that is full or may only be read; run by itself in a name space of its own (``unshare -rm``)."""

import contextlib
import errno
import io
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from emgmon.cli import main
from emgmon.errors import RecordingError
from emgmon.model import Packet
from emgmon.storage.recorder import Recorder

COMMANDS = (
    *("export REC --to csv -o DISK/csv", "export REC --to edf -o DISK/x.edf", "report REC -o DISK/r.html"),
    *("trim REC -o DISK/t.mcap", "anonymise REC -o DISK/a.mcap", "sessions add REC --store DISK/s.db"),
    "sessions list --store DISK/s.db",
    *(("batch REC --workers 1 --out DISK/set",) if find_spec("dask") else ()),
)


def made_so(state, disk):
    """Mount a disk and bring it into a state."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "none", disk], check=True)  # noqa: S603, S607
    if state == "read-only":
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)  # noqa: S603, S607
    elif state == "full":
        fill(disk, 0)


def say(line):
    sys.stdout.write(line + "\n")


def fill(disk, spare):
    """Write a file until `spare` bytes are left."""
    try:
        with (disk / "filling").open("wb", buffering=0) as stream:
            while True:
                stream.write(bytes(4096))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
    with (disk / "filling").open("r+b") as stream:
        stream.truncate((disk / "filling").stat().st_size - spare)


def recorded(path):
    """Record until the disk is full; returns the error."""
    try:
        with Recorder(path) as recorder:
            for k in range(5000):
                recorder.append(Packet("S", "p", k * 10_000_000, os.urandom(200)))
    except RecordingError as error:
        return str(error)
    return ""


def run(state, disk, recording):
    """Print what each command said, and which files it left."""
    made_so(state, disk)
    for command in COMMANDS:
        words = command.replace("REC", str(recording)).replace("DISK", str(disk)).split()
        said = io.StringIO()
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            code = main(words)
        left = sorted(path.name for path in disk.iterdir() if path.name != "filling")
        say(json.dumps([command, code, said.getvalue(), left]))
    if state == "full":
        fill(disk, 65536)
    said = recorded(disk / "live.mcap")
    kept = disk / "live.part.mcap"
    say(json.dumps(["record", bool(said), said, kept.stat().st_size if kept.exists() else 0]))


if __name__ == "__main__":
    run(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
