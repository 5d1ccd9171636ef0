"""What numba keeps of the loops is never out of date, and does not pile up."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numba")

from emgmon.dsp import cached

INNER = "def inner(x):\n    return x + {}\n"
OUTER = """
from emgmon.dsp import cached
from {package}.inner import inner
cached.__file__ = __file__
def outer(x):
    return inner(x)
print(cached.compiled_with(outer, inner=cached.compiled(inner))(1))
"""


def run(folder: Path, added: int) -> str:
    """Run a program of two files of which one compiled function calls the other; the outer file never changes."""
    package = folder / "twofiles"
    package.mkdir(exist_ok=True)
    (package / "inner.py").write_text(INNER.format(added))
    if not (package / "outer.py").exists():
        (package / "outer.py").write_text(OUTER.format(package="twofiles"))
    room = os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), *sys.path]), "NUMBA_CACHE_DIR": str(folder / "c")}
    done = subprocess.run(
        [sys.executable, "-m", "twofiles.outer"], env=room, capture_output=True, text=True, check=True, timeout=100
    )
    return done.stdout.strip()


@pytest.mark.slow
def test_a_change_in_another_file_is_seen(tmp_path):
    assert [run(tmp_path, added) for added in (1, 1, 100)] == ["2", "2", "101"]
    assert len(list((tmp_path / "c").glob("loops-*"))) == 2


def test_folders_that_nobody_uses_are_removed(tmp_path, monkeypatch):
    own, late, old = (tmp_path / f"loops-{name}" for name in ("own", "late", "old"))
    for each in (own, late, old):
        (each / "inside").mkdir(parents=True)
    used_s = own.stat().st_mtime
    os.utime(late, (used_s, used_s - 0.9 * cached.KEPT_S))
    os.utime(old, (used_s, used_s - 1.1 * cached.KEPT_S))
    monkeypatch.setattr(cached, "folder", lambda: own)
    cached.tidy()
    assert {each.name for each in tmp_path.iterdir()} == {own.name, late.name}
