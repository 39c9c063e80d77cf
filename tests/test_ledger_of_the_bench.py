"""When the real bench's runs are those that the ledger speaks of."""

from pathlib import Path

import pytest

from harness.declarations.claim import Question
from harness.families.context import FamilyContext
from harness.families.settings import Settings

ROOT = Path(__file__).parents[1]
FAMILY = ROOT / "claims" / "santurkar_2018"


def question() -> Question:
    """Return a claim's question without collecting its file."""
    from harness.declarations.cells import Cell
    from harness.declarations.endpoints import mean
    from harness.declarations.hypotheses import Above
    from models.menu import vgg

    return Question(
        slug="x", statement="x", cell=Cell(), cells=1, treatment=vgg(norm="batch"),
        control=vgg(norm="none"), endpoint=mean("train_accuracy"), hypothesis=Above(0.0),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("options", "read"),
    [
        ({}, True),
        ({"--data-dir": "elsewhere"}, True),
        ({"--dataset": "digits"}, True),
        ({"--dataset": "cifar10"}, False),
    ],
)
def test_the_ledger_speaks_of_the_same_arms_however_they_are_asked_for(options, read, tmp_path):
    """A folder of the data changes no number, nor does saying what desk scale takes anyway."""
    settings = Settings(store=tmp_path, bench_options=options)
    assert FamilyContext(FAMILY, settings, ROOT).reads_ledger(question()) is read


def test_the_ledger_does_not_speak_of_another_precision(tmp_path):
    """A store made in TF32 elsewhere is judged, and compared with nothing."""
    name = "cuda-torch2.11.0-tf32-eager"
    (tmp_path / "runs" / name).mkdir(parents=True)
    (tmp_path / "runs" / name / "some-record.json").write_text("{}")
    settings = Settings(store=tmp_path, judge_only=True, environment=name)
    context = FamilyContext(FAMILY, settings, ROOT)
    assert not context.reads_ledger(question())
    assert context.judged_environment.precision == "tf32"
