"""The page as HTML."""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from reports.document import Document
from reports.naming import metric_names
from reports.typography import typeset
from reports.view import page_view

if TYPE_CHECKING:
    from jinja2 import Environment

# A third of a large page is the indentation of its templates. A space or line break between words
# stays one; in the one preformatted text, a list of runs, no line begins with a space.
_INDENT = re.compile(r"\s*\n\s*|[ ]{3,}")

# Beside a box, and between the parts of a table, of a list of facts or of a drawing, it is none.
_BREAK = re.compile(
    r"\n(?=</?(?:tr|td|th|thead|tbody|div|dl|dt|dd|ul|h4|figure|details"
    r"|circle|line|rect|polyline|polygon|g|use)\b)"
)

TEMPLATES = Path(__file__).with_name("templates")


def render(document: Document) -> str:
    """One self-contained page: no scripts, nothing loaded from elsewhere."""
    template = _templates().get_template("page.html.j2")
    drawn = template.render(page=page_view(document))
    return typeset(_BREAK.sub("", _INDENT.sub("\n", drawn)), metric_names(document["claims"]))


@cache  # imports and compiling take 0.09 s, filling a small page 0.006 s
def _templates() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
