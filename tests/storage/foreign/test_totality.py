"""Whatever a file holds, its reader gives streams or `ImportFailed`, in bounded time."""

import contextlib
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emgmon.errors import ImportFailed
from emgmon.storage.foreign import READERS, Foreign, Options, read_foreign

sys.path.insert(0, str(Path(__file__).parent))
import conftest as make

pytestmark = pytest.mark.slow  # many files

QUICK_S = 60.0  # not a matter of speed: a file that never ends
KINDS = {name: build() for name, build in make.SMALL.items()}

damage = st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=4), st.booleans()), max_size=6)


def damaged(content, changes, cut):
    out = bytearray(content[: int(len(content) * cut)] if cut is not None else content)
    for where, piece, insert in changes:
        at = int(where * len(out))
        out[at : at if insert else at + len(piece)] = piece
    return bytes(out)


def check(path):
    begun_s = time.monotonic()
    foreign, refusal = None, f"{path.name} is fine"
    try:
        foreign = read_foreign(path, Options(rate_hz=100.0))
    except ImportFailed as error:
        refusal = str(error)
    assert time.monotonic() - begun_s < QUICK_S
    assert "\n" not in refusal
    assert path.name in refusal
    for stream in foreign.streams if foreign else ():
        assert stream.samples.ndim == 2
        assert stream.samples.shape[1] == len(stream.names) == len(stream.units) == len(set(stream.names))
        assert stream.samples.dtype == np.float64
        index = stream.positions()
        assert len(index) == len(stream.samples)
        assert (np.diff(index) >= 1).all()


@pytest.mark.parametrize("name", KINDS)
def test_mutated_files(tmp_path_factory, name):
    path = tmp_path_factory.mktemp("damaged") / name

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(damage, st.none() | st.floats(0, 1))
    def run(changes, cut):
        path.write_bytes(damaged(KINDS[name], changes, cut))
        check(path)

    run()


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([".csv", ".npz", ".edf", ".txt", ".c3d"]), st.binary(max_size=300))
def test_noise(tmp_path_factory, ending, content):
    path = tmp_path_factory.getbasetemp() / f"noise{ending}"
    path.write_bytes(content)
    check(path)


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet='0123456789.,;\t\n "-eEnaN:/#%Labels=', max_size=400))
def test_texts(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "text.csv"
    path.write_text(text, encoding="utf-8")
    check(path)


@pytest.mark.slow
@pytest.mark.parametrize("name", make.IN_CHILD)
@pytest.mark.parametrize("seed", range(6))
def test_libraries_in_c_cannot_bring_us_down(tmp_path, name, seed):
    rng = np.random.default_rng(seed)
    content = bytearray(make.IN_CHILD[name]())
    for at in rng.integers(0, len(content), 10).tolist():
        content[at] = int(rng.integers(256))
    path = tmp_path / name
    path.write_bytes(bytes(content))
    with contextlib.suppress(ImportFailed):
        assert isinstance(read_foreign(path), Foreign)


def test_every_reader_has_a_file_here():
    heads = {name: (content[:4096], Path(name).suffix) for name, content in KINDS.items()}
    there = {next(r.title for r in READERS if r.recognises(head, ending)) for head, ending in heads.values()}
    assert {reader.title for reader in READERS} - there == {"HDF5", "MAT", "Parquet"}
