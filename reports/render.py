"""The page as HTML."""

from pathlib import Path
from typing import TYPE_CHECKING

from reports.document import Document
from reports.view import page_view

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).with_name("templates")


def render(document: Document) -> str:
    """One self-contained page: no scripts, nothing loaded from elsewhere."""
    template = _templates().get_template("page.html.j2")
    return template.render(page=page_view(document))


def _templates() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
