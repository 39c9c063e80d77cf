"""What README shows can be done: its claim is a claim, its call of the judge answers."""

import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

import harness
from harness import Claim, Endpoint
from harness.bench import Bench
from harness.declarations.family import FAMILY_KEYS, NOT_ASKED_KEYS, REGISTER_KEYS, read_family
from models.bench import VisionBench

ROOT = Path(__file__).parents[1]
BLOCKS = re.findall(
    r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S
)


def run_block(word):
    """Run the one block of README that holds a word, and return its names."""
    (block,) = [block for block in BLOCKS if word in block]
    names = {}
    exec(compile(block, "README.md", "exec"), names)  # noqa: S102 - our own README
    return names


def test_the_claim_of_the_readme_is_a_new_one_that_desk_can_train():
    """Its slug is nobody else's, and its arms are known to the bench with the metrics it reads."""
    claim = run_block("CLAIM = Claim(")["CLAIM"]
    assert isinstance(claim, Claim)
    family = read_family(ROOT / "claims" / "santurkar_2018")
    assert claim.slug not in {entry.slug for entry in family.register}
    bench = VisionBench("desk", {})
    (question,) = claim.questions()
    for arm in question.judged_arms:
        bench.identity(arm)
        assert question.endpoint.metric in bench.metrics(arm)


def test_the_judge_of_the_readme_answers(capsys):
    """Verdict, interval and reason of eight gains."""
    run_block("decide(")
    said = capsys.readouterr().out
    assert said.startswith("SUPPORTED")
    assert "lies above 3" in said


@pytest.mark.parametrize("page", ["README.md", "harness/README.md", "models/README.md"])
def test_the_make_targets_that_a_page_names_exist(page):
    """A newcomer types them."""
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    text = (ROOT / page).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|^    )make (\w+)", text, re.M))
    assert named
    assert named <= targets


def test_no_clean_folder_is_worth_a_night_on_a_card(tmp_path):
    """What `make gpu` and the store keep is still there after `make clean`, and git ignores it."""
    make = shutil.which("make")
    if make is None:
        pytest.skip("no make here")
    for name in ("Makefile", "constraints.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    said = [make, "-C", str(tmp_path)]
    planned = subprocess.run([*said, "-n", "gpu"], capture_output=True, text=True, check=True)
    (out,) = re.findall(r"claims programme --out (\S+)", planned.stdout)
    kept, gone = (tmp_path / out / "store-1.tar.gz", tmp_path / "reports" / "out" / "index.html")
    for path in (kept, gone):
        path.parent.mkdir(parents=True)
        path.touch()
    subprocess.run([*said, "clean"], check=True, capture_output=True)
    assert kept.exists()
    assert not gone.exists()
    assert f"/{out}/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_what_a_second_paper_needs_is_all_said():
    """Every key of family.toml, and every method of the protocol, in the tables of its section."""
    text = (ROOT / "harness" / "README.md").read_text(encoding="utf-8")
    section = text.partition("## A second paper")[2].partition("\n## ")[0]
    rows = "".join(line for line in section.splitlines() if line.startswith("|"))
    words = set(re.findall(r"`\[*(\w+)[^`]*`", rows))
    keys = {
        key for tables in (FAMILY_KEYS, REGISTER_KEYS, NOT_ASKED_KEYS) for key in sum(tables, ())
    }
    methods = {name for name in vars(Bench) if not name.startswith("_")}
    assert methods
    assert keys | methods <= words


NOT_OF_CLAIMS = {
    "Aggregate", "Arm", "Cell", "Claim", "Evidence", "Phase", "Role", "SearchedClaim", "Source",
    "Sweep", "Verdict", "Reading", "Scope", "decades", "decide", "paper_profile",
}  # fmt: skip
"""What ``harness`` offers that is no part of a claim, or is shown in README's own example."""


def test_what_a_claim_may_say_is_all_said():
    """Every name that claim files import, and every field of an endpoint, in its section."""
    text = (ROOT / "harness" / "README.md").read_text(encoding="utf-8")
    section = text.partition("## What a claim may say")[2].partition("\n## ")[0]
    words = set(re.findall(r"\w+", section))
    rules = {field.name for field in fields(Endpoint)} - {"metric", "at_least", "span"}
    assert (set(harness.__all__) - NOT_OF_CLAIMS) | rules <= words
