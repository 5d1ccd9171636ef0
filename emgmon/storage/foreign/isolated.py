"""Runs a reader in a process of its own, with limits of time and memory.

Libraries in C crash or never end on some damaged files: among 6000 mutated HDF5 files one kept h5py busy for good.
There, and not here, they may do so; the user gets one line. What comes back is JSON and the bytes of arrays, so even a
reader that a file has taken over cannot make this process run anything.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import IO, Any

import numpy as np

from emgmon.errors import ImportFailed
from emgmon.storage.foreign.base import Foreign, ForeignMark, ForeignStream, Options, check_values, one_line

LIMIT_S = 60.0
LIMIT_S_PER_MB = 0.5
MEMORY_BYTES = 16 << 30
MAX_HEAD_BYTES = 64 << 20
TASKS = {name: f"emgmon.storage.foreign.{name}" for name in ("hdf5", "mat", "parquet")}


def isolated(task: str, path: Path, options: Options) -> Foreign:
    """Return what ``read_here(path, options)`` of one of the modules `TASKS` returns in another process.

    Raises
    ------
    ImportFailed
        What the task raised, or when it broke down or took too long.
    """
    limit_s = LIMIT_S + LIMIT_S_PER_MB * path.stat().st_size / (1 << 20)
    command = [sys.executable, "-P", "-m", "emgmon.storage.foreign.isolated", task]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    late = threading.Event()
    with subprocess.Popen(  # noqa: S603 - this interpreter, fixed arguments
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        assert process.stdin is not None  # noqa: S101 - asked for above
        assert process.stdout is not None  # noqa: S101

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(limit_s, stop)
        timer.start()
        try:
            process.stdin.write(json.dumps({"path": str(path), "options": asdict(options)}).encode())
            process.stdin.close()
            return _received(path, process.stdout)
        except (EOFError, OSError, ValueError, KeyError, TypeError) as error:
            if late.is_set():
                message = f"{path}: could not be read in {limit_s:.0f} s; it is damaged or of another kind"
                raise ImportFailed(message) from error
            raise ImportFailed(f"{path}: the library for this kind broke down on it; the file is damaged") from error
        finally:
            timer.cancel()
            process.kill()


def _received(path: Path, pipe: IO[bytes]) -> Foreign:
    head = pipe.readline(MAX_HEAD_BYTES)
    if not head.endswith(b"\n"):
        raise EOFError
    table = json.loads(head)
    if "error" in table:
        raise ImportFailed(str(table["error"]))
    streams = []
    for one in table["streams"]:
        shape = tuple(map(int, one["shape"]))
        check_values(path, shape[0] * shape[1])
        samples = _array(pipe, np.empty(shape))
        index = _array(pipe, np.empty(shape[0], np.int64)) if one["index"] else None
        texts = (tuple(map(str, one[key])) for key in ("names", "units", "hints"))
        names, units, hints = texts
        fs_hz = float(one["fs_hz"]) if one["fs_hz"] is not None else None
        streams.append(
            ForeignStream(str(one["name"]), names, units, samples, fs_hz, float(one["start_s"]), index, hints)
        )
    marks = tuple(ForeignMark(float(time_s), str(text)) for time_s, text in table["marks"])
    return Foreign(tuple(streams), marks, tuple(map(str, table["told"])))


def _array(pipe: IO[bytes], into: Any) -> Any:
    view = memoryview(into.reshape(-1)).cast("B")
    done = 0
    while done < len(view):
        got = pipe.readinto(view[done:])  # type: ignore[attr-defined]
        if not got:
            raise EOFError
        done += got
    return into


def _sent(foreign: Foreign, pipe: IO[bytes]) -> None:
    streams = [
        {
            **{key: getattr(one, key) for key in ("name", "names", "units", "hints", "fs_hz", "start_s")},
            "shape": one.samples.shape,
            "index": one.index is not None,
        }
        for one in foreign.streams
    ]
    marks = [(mark.time_s, mark.text) for mark in foreign.marks]
    pipe.write(json.dumps({"streams": streams, "marks": marks, "told": foreign.told}).encode() + b"\n")
    for one in foreign.streams:
        pipe.write(np.ascontiguousarray(one.samples, np.float64).data)
        if one.index is not None:
            pipe.write(np.ascontiguousarray(one.index, np.int64).data)
    pipe.flush()


def serve(arguments: Sequence[str]) -> None:
    """Do one task: the request is JSON on stdin; the answer goes where stdout went, which libraries cannot reach."""
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _limit_memory()
    request = json.load(sys.stdin)
    path = Path(request["path"])
    try:
        foreign = import_module(TASKS[arguments[0]]).read_here(path, Options(**request["options"]))
        _sent(foreign, answer)
    except ImportFailed as error:
        answer.write(json.dumps({"error": str(error)}).encode() + b"\n")
    except Exception as error:  # noqa: BLE001 - whatever a damaged file makes a library raise
        what = one_line(error) or type(error).__name__
        answer.write(json.dumps({"error": f"{path}: not a readable file of its kind: {what}"}).encode() + b"\n")
    answer.flush()


def _limit_memory() -> None:
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - not there on Windows

        _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        bytes_ = MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MEMORY_BYTES, hard)
        resource.setrlimit(resource.RLIMIT_AS, (bytes_, bytes_))


if __name__ == "__main__":
    serve(sys.argv[1:])
