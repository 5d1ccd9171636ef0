"""An environment of its own for each peer, made once and kept in a cache folder.

Peers pin old versions of NumPy or bring a gigabyte with them, so that none shares an environment with another or with
emgmon. What cannot be installed is told and not measured.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any, NamedTuple

import platformdirs

ENVIRONMENT = "EMGMON_BENCHMARK_PEERS"
INSTALL_S, WORK_S = 600, 400
WORK = Path(__file__).with_name("work.py")


class Peer(NamedTuple):
    """What to install, and the figures that it can give."""

    requirements: tuple[str, ...]
    figures: tuple[str, ...]


PEERS: dict[str, Peer] = {
    "limit": Peer(("scipy==1.17.1",), ("copy", "fused", "chain", "live")),
    "BrainFlow": Peer(("brainflow==5.23.0",), ("chain", "live")),
    "myonset": Peer(("myonset==1.1.2", "scipy", "PyQt5", "pyqtgraph"), ("chain",)),
    "pyemgpipeline": Peer(("pyemgpipeline==1.0.0",), ("chain", "live", "whole")),
    "BioSPPy": Peer(("biosppy>=2.1,<3", "peakutils"), ("chain", "live", "whole")),
    "LibEMG": Peer(("libemg==2.0.3",), ("chain", "live", "whole")),
    "NeuroKit2": Peer(("neurokit2==0.2.13",), ("chain", "live", "whole")),
}
"""``limit`` is no peer: copying the data, one fused pass in C where there is a compiler, and scipy's sosfilt."""

FILES = Peer(("edfio==0.4.18", "h5py>=3.16", "pyxdf==1.17.5", "pyarrow>=20"), ("files",))
"""Readers of other formats, for ``files.py``."""


def _peer(name: str) -> Peer:
    return FILES if name == "files" else PEERS[name]


def folder_of(name: str) -> Path:
    """Where the environment of a peer lies; another version lies elsewhere."""
    base = Path(os.environ.get(ENVIRONMENT) or platformdirs.user_cache_path("emgmon-benchmarks"))
    text = json.dumps([_peer(name).requirements, sys.version_info[:2]])
    return base / f"{name.lower()}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def ready(name: str, *, install: bool) -> tuple[Path | None, str]:
    """Return the Python of a peer's environment, or None and why there is none."""
    folder = folder_of(name)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if (folder / "installed").exists():
        return python, ""
    if not install:
        return None, "not installed (--peers all installs it)"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        venv.create(folder, with_pip=True)
        command = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *_peer(name).requirements]
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_S, check=False)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        return None, f"not installed: {_last(str(error))}"
    if done.returncode:
        return None, f"not installed: {_last(done.stderr)}"
    (folder / "installed").touch()
    return python, ""


def measured(name: str, seconds: float, whole_s: float, *, install: bool) -> dict[str, Any]:
    """Measure a peer in a process of its own.

    Returns
    -------
    dict
        ``version``, its figures, and ``why`` for each that is missing.
    """
    python, why = ready(name, install=install)
    if python is None:
        return {"why": why}
    words = [str(python), str(WORK), name, *PEERS[name].figures, f"--seconds={seconds}", f"--whole={whole_s}"]
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "MPLBACKEND": "Agg"}
    env |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=WORK_S, check=False, env=env)  # noqa: S603
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        return {"why": f"took more than {WORK_S} s"}
    except (ValueError, IndexError):
        return {"why": _last(done.stderr)}
    return found


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1][:160] if lines else "it said nothing"
