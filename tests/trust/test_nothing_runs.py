"""Input runs nothing and unpacks into no more memory than it may."""

import ast
import struct
import tracemalloc
import zlib
from pathlib import Path

import pytest
import zstandard

from emgmon.storage.container import MAX_CHUNK_BYTES, OP_MESSAGE, RECORD, header
from emgmon.storage.recording import read_recording

ROOT = Path(__file__).parents[2] / "emgmon"
RUNS = {"eval", "exec", "compile", "__import__", "os.system", "os.popen"}
UNSAFE = {"pickle", "cPickle", "marshal", "shelve", "dill", "joblib"}


def calls_and_imports():
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                yield path, ast.unparse(node.func), node
            elif isinstance(node, ast.Import | ast.ImportFrom):
                names = [alias.name for alias in node.names]
                for name in [getattr(node, "module", None) or "", *names]:
                    yield path, name.partition(".")[0], node


def test_no_module_runs_text_or_opens_pickles():
    found, seen = [], 0
    for path, name, node in calls_and_imports():
        seen += 1
        shell = any(word.arg == "shell" for word in getattr(node, "keywords", ()))
        pickles = any(word.arg == "allow_pickle" and ast.unparse(word.value) != "False" for word in
                      getattr(node, "keywords", ()))  # fmt: skip
        if name in RUNS | UNSAFE or shell or pickles:
            found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {name}")
    assert not found
    assert seen > 10_000


def chunk(size, claimed):
    """A chunk of one packet of zeros that says how large it is; 64 MB of them are a few kB."""
    content = RECORD.pack(OP_MESSAGE, size - RECORD.size) + bytes(size - RECORD.size)
    packed = zstandard.ZstdCompressor(level=1, write_content_size=True).compress(content)
    body = struct.pack("<QQQII4sQ", 1, 2, claimed, zlib.crc32(content), 4, b"zstd", len(packed)) + packed
    return RECORD.pack(6, len(body)) + body


@pytest.mark.parametrize("claimed", [MAX_CHUNK_BYTES, 1 << 40, 100])
def test_a_bomb_of_zstandard_takes_a_chunks_memory_at_most(claimed, tmp_path):
    path = tmp_path / "x.mcap"
    path.write_bytes(header() + 3 * chunk(MAX_CHUNK_BYTES, claimed))
    assert path.stat().st_size < 100_000
    tracemalloc.start()
    try:
        assert list(read_recording(path)) == []
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * MAX_CHUNK_BYTES
