"""A new claim file, to be filled in."""

import keyword
import re
from pathlib import Path

from harness.errors import OptionError

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

_TEMPLATE = '''"""One sentence that says what the paper claims (Section {todo}, Figure {todo})."""

from harness import Above, Claim, Source, mean, whole
from models.menu import vgg

CLAIM = Claim(
    slug="{slug}",
    statement="{todo}: one sentence that contains the bound, so that it can be refuted.",
    source=Source(section="{todo}", figure="{todo}", quote="{todo}"),
    treatment=vgg(norm="batch"),
    control=vgg(norm="none"),
    endpoint=mean("train_accuracy", over=whole, better="higher"),
    hypothesis=Above(5.0, because="{todo}: why a smaller effect would not matter to a reader"),
    # looks=(6, 10, 16),  # judged after 6 seeds, then 10, then 16: it may stop early
)


def test_{name}(judge):
    judge(CLAIM)
'''


def write_claim_file(slug: str, family: str, root: Path) -> Path:
    """Write ``claims/<family>/test_<slug>.py`` and return its path.

    Raises OptionError for a slug that is none, a family without a folder, or a file that is there.
    """
    folder = root / "claims" / family
    if not _SLUG.fullmatch(slug) or keyword.iskeyword(slug):
        raise OptionError(
            f"slug: got {slug!r}, expected lower-case words with hyphens, such as bn-trains-faster"
        )
    if Path(family).name != family or not folder.is_dir():
        raise OptionError(
            f"family: got {family!r}, which has no folder {folder}; expected an existing one: "
            "make it with its family.toml, or give --family"
        )
    path = folder / f"test_{slug.replace('-', '_')}.py"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(_TEMPLATE.format(slug=slug, name=slug.replace("-", "_"), todo="TODO"))
    except FileExistsError:
        raise OptionError(
            f"{path}: is already there, expected a new slug; edit it, or choose another"
        ) from None
    return path
