"""Builds the documentation: ``sphinx-build -W docs site``. The pages are the Markdown files beside this one."""
# ruff: noqa: INP001 - Sphinx reads a script

import emgmon

project = "emgmon"
author = "The emgmon authors"
copyright = "2026, the emgmon authors"  # noqa: A001 - Sphinx's own name
release = version = emgmon.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc"]
exclude_patterns = ["site", "_build"]
html_theme = "furo"
html_title = f"emgmon {release}"
html_static_path = []
html_theme_options = {"sidebar_hide_name": False}
pygments_style = "friendly"

myst_heading_anchors = 4
"""Links to headings work as on the forge where the sources are read."""

myst_enable_extensions = []
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
nitpicky = False
suppress_warnings = ["myst.xref_missing", "myst.header"]
"""Links out of this folder (recordings, benchmarks, modules) lead to the project's files and not to pages; those
between pages are held by ``tests/test_docs.py``. A section of a metric is a heading of its own kind.
"""
