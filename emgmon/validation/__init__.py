"""What the program promises, measured on simulated signals whose truth is known.

Each row of `ROWS` is one promise with its limits; its function makes signals with `firmware_sim`, runs the program on
them and hands back numbers. What is missed is shown as missed. The program is tuned on one kind of signal (shaped
noise) and accepted on another (motor units), with seeds that nothing is tuned on.
"""

from emgmon.validation.faults import Cell, Outcome, faults_text, run_faults
from emgmon.validation.page import as_markdown
from emgmon.validation.rows import ROWS
from emgmon.validation.running import chosen, run_all
from emgmon.validation.table import Judged, Limit, Measurement, Result, Row, Verdict, judge
from emgmon.validation.writing import Run, as_json, as_text

__all__ = [
    "ROWS",
    "Cell",
    "Judged",
    "Limit",
    "Measurement",
    "Outcome",
    "Result",
    "Row",
    "Run",
    "Verdict",
    "as_json",
    "as_markdown",
    "as_text",
    "chosen",
    "faults_text",
    "judge",
    "run_all",
    "run_faults",
]
