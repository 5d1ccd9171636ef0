"""Whatever strangers wrote gives something, or an `EmgmonError` of one line; and what fuzzing found stays mended.

``benchmarks/fuzz.py`` looks for more, for as long as one likes. What it finds is put into ``tests/corpus`` under the
name of its reader.
"""

import random
from pathlib import Path

import pytest
from trust.hostile import damaged
from trust.target import tried
from trust.targets import TARGETS

CORPUS = sorted((Path(__file__).parents[1] / "corpus").glob("*.*"))
QUICK = [target for target in TARGETS.values() if not target.slow]
SLOW = [target for target in TARGETS.values() if target.slow]
RUNS = 20


def run(target, folder, seed, runs):
    rng = random.Random(f"{target.name} {seed}")  # noqa: S311
    pool = target.seeds()
    for number in range(runs):
        content = pool[number] if number < len(pool) else damaged(rng.choice(pool), rng, pool)
        inner = folder / str(number)
        inner.mkdir()
        tried(target, content, inner)


@pytest.mark.parametrize("target", QUICK, ids=lambda target: target.name)
def test_a_reader_gives_something_or_one_line(target, tmp_path):
    run(target, tmp_path, 1, RUNS)


@pytest.mark.slow
@pytest.mark.parametrize("target", SLOW, ids=lambda target: target.name)
def test_a_slow_reader_gives_something_or_one_line(target, tmp_path):
    run(target, tmp_path, 1, 40)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_what_was_found_stays_mended(path, tmp_path):
    tried(TARGETS[path.name.partition(".")[0]], path.read_bytes(), tmp_path)


def test_every_file_of_the_corpus_has_a_reader():
    assert {path.name.partition(".")[0] for path in CORPUS} <= set(TARGETS)


def test_valid_input_is_taken_by_most_readers(tmp_path):
    """The targets are not so strange that everything is refused at the door."""
    taken = set()
    for target in QUICK:
        for number, content in enumerate(target.seeds()):
            inner = tmp_path / target.name / str(number)
            inner.mkdir(parents=True)
            if not tried(target, content, inner):
                taken.add(target.name)
    assert {target.name for target in QUICK} - taken <= {"place-option", "store-facts"}
