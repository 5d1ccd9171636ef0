"""The templates of the pages and the letters in them, as they are shipped beside this module."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment, Template


@cache
def template(name: str) -> Template:
    """Compile a template; one may extend another."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415 - only a page waits for it

    return Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(lambda name: files("emgmon.report").joinpath(name).read_text("utf-8")),
    )


@cache
def font() -> str:
    """Return the letters of the pages, in base64."""
    return b64encode(files("emgmon.report").joinpath("inter-latin.woff2").read_bytes()).decode("ascii")
