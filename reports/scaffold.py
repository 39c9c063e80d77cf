"""A new claim file, to be filled in."""

import keyword
import re
from pathlib import Path

from harness.declarations.claim_files import file_name
from harness.declarations.family import Family, family_folder, read_family
from harness.errors import OptionError

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

_TEMPLATE = '''"""One sentence that says what the paper claims (Section {todo}, Figure {todo})."""

{imports}

# Without an entry in family.toml's register this is an addition: judged at the same level as the
# others and shown, outside the error guarantee. An entry changes the level of every claim.
CLAIM = Claim(
    slug="{slug}",
    statement="{todo}: one sentence that contains the bound, so that it can be refuted.",
    source=Source(section="{todo}", figure="{todo}", quote="{todo}"),
{asked}
    hypothesis=Above(5.0, because="{todo}: why a smaller effect would not matter to a reader"),
    # looks=(6, 10, 16),  # judged after 6 seeds, then 10, then 16: it may stop early
)


def test_{name}(judge):
    judge(CLAIM)
'''

_MENUS = {
    "models.bench:VisionBench": (
        "from harness import Above, Claim, Source, mean, whole\nfrom models.menu import vgg",
        """\
    treatment=vgg(norm="batch"),
    control=vgg(norm="none"),
    # `claims metrics` lists what arms measure
    endpoint=mean("train_accuracy", over=whole, better="higher"),""",
    )
}
"""Of a bench whose arms are known here: what a claim file imports, its arms and its endpoint."""

_ANY = (
    "from harness import Above, Arm, Claim, Source, mean, whole",
    """\
    # {todo}: kind and settings as {bench} knows them,
    # or the function beside it that returns an arm, in place of Arm.of
    treatment=Arm.of("{todo}", setting="{todo}"),
    control=Arm.of("{todo}", setting="{todo}"),
    # `claims metrics --family {family}` lists what its arms measure
    endpoint=mean("{todo}", over=whole, better="higher"),""",
)


def write_claim_file(slug: str, family: str, root: Path) -> Path:
    """Write ``test_<slug>.py`` into a family's folder, given by name or path; return its path.

    Raises OptionError for a slug that is none, a family without a folder, or a file that is there;
    ClaimDefinitionError for a family.toml that cannot be read.
    """
    if not _SLUG.fullmatch(slug) or keyword.iskeyword(slug):
        raise OptionError(
            f"slug: got {slug!r}, expected lower-case words with hyphens, such as bn-trains-faster"
        )
    folder = family_folder(family, root)
    text = _text(slug, read_family(folder))
    path = folder / file_name(slug)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise OptionError(
            f"{path}: is already there, expected a new slug; edit it, or choose another"
        ) from None
    return path


def _text(slug: str, family: Family) -> str:
    """Return the file's text, with arms that the bench knows where they are known here."""
    imports, asked = _MENUS.get(family.bench, _ANY)
    name = slug.replace("-", "_")
    asked = asked.format(todo="TODO", bench=family.bench, family=family.slug)
    return _TEMPLATE.format(slug=slug, name=name, imports=imports, asked=asked, todo="TODO")
