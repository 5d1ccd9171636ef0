"""The simulator and the program share nothing: an error in one cannot hide in the other.

Checked on the syntax trees, so that an import inside a function counts as well.
"""

import ast
import sys
from functools import cache
from pathlib import Path

import pytest

from firmware_sim.emg import GENERATORS

ROOT = Path(__file__).parents[1]
SIMULATOR = sorted((ROOT / "firmware_sim").rglob("*.py"))
PROGRAM = sorted((ROOT / "emgmon").rglob("*.py"))
MAY_KNOW_THE_SIMULATOR = ("cli/demo.py", "cli/demo_weeks.py", "cli/simulate.py", "validation/")
# Numerical routines with a decision in them. Fourier transforms, interpolation and random numbers have none.
ESTIMATORS = {"scipy", "sklearn", "pywt", "emgmon"}


@cache
def tree_of(path):
    return ast.parse(path.read_text("utf-8"), str(path))


@cache
def imports_of(path):
    """Whole names of the modules that a file imports anywhere, with the names taken from them."""
    names = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in {
            "import_module",
            "__import__",
        }:
            names |= {argument.value for argument in node.args if isinstance(argument, ast.Constant)}
    return names


@cache
def roots_of(path):
    return {name.split(".")[0] for name in imports_of(path)}


def functions_of(paths):
    """Name and body of every function of more than one statement, by the body without names and docstrings."""
    found = {}
    for path in paths:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef) and len(node.body) > 1:
                found[f"{path.relative_to(ROOT)}:{node.name}"] = shape_of(node)
    return found


def shape_of(function):
    """Kinds of the syntax nodes of a body in order, with operators and called attributes, without its docstring."""
    body = function.body[1:] if isinstance(function.body[0], ast.Expr) else function.body
    shape = []
    for statement in body:
        for node in ast.walk(statement):
            shape.append(type(node).__name__)
            if isinstance(node, ast.Attribute):
                shape.append(node.attr)
    return tuple(shape)


def test_these_tests_see_both_packages():
    assert len(SIMULATOR) > 10
    assert len(PROGRAM) > 50
    assert "numpy" in set().union(*map(roots_of, SIMULATOR))
    assert "scipy.signal" in set().union(*map(imports_of, PROGRAM))


@pytest.mark.parametrize("path", SIMULATOR, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_simulator_imports_nothing_of_the_program_and_no_library_of_filters(path):
    assert not roots_of(path) & ESTIMATORS


def test_the_program_knows_the_simulator_only_where_it_plays_or_is_measured():
    knowing = [path.relative_to(ROOT / "emgmon").as_posix() for path in PROGRAM if "firmware_sim" in roots_of(path)]
    assert [path for path in knowing if not path.startswith(MAY_KNOW_THE_SIMULATOR)] == []


def test_no_function_of_one_is_a_copy_of_one_of_the_other():
    """Also not with other names: compared is the order of syntax nodes and called attributes."""
    ours = {name: shape for name, shape in functions_of(SIMULATOR).items() if len(shape) >= 60}
    theirs = {shape: name for name, shape in functions_of(PROGRAM).items()}
    assert len(ours) > 20
    assert [(name, theirs[shape]) for name, shape in ours.items() if shape in theirs] == []


def test_the_two_sources_share_no_code():
    """Each source imports numpy only, and they have no function in common."""
    paths = [ROOT / "firmware_sim" / f"{name}.py" for name in GENERATORS]
    assert [roots_of(path) - {"numpy", "dataclasses"} for path in paths] == [set(), set()]
    first, second = (set(functions_of([path]).values()) for path in paths)
    assert not first & second


def test_the_check_for_copies_finds_a_renamed_copy():
    source = "def {0}({1}):\n    total = {1} ** 2\n    return numpy.sqrt(total.mean())\n"
    first, second = (
        shape_of(ast.parse(source.format(*names)).body[0]) for names in (("rms", "x"), ("level", "signal"))
    )
    other = shape_of(ast.parse("def rms(x):\n    total = abs(x)\n    return numpy.sqrt(total.mean())\n").body[0])
    assert first == second != other


def test_what_both_use_from_outside_decides_nothing():
    """Arrays and the interface of the radio; no library that filters, detects or fits."""
    both = set().union(*map(roots_of, SIMULATOR)) & set().union(*map(roots_of, PROGRAM))
    assert both - set(sys.stdlib_module_names) <= {"numpy", "bleak", "firmware_sim"}
