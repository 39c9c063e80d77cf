"""Which change to ``models/`` trains what again: run keys of every arm, before and after."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NORMS = ("none", "batch", "noisy-batch", "l1", "l2", "linf")
PRINT_KEYS = """
import json, sys
from harness.runs.keys import KeyMaker
from models.bench import VisionBench
from models.menu import resnet, vgg
keys = KeyMaker(VisionBench(scale="desk", options={}))
norms = sys.argv[1:]
arms = {norm: vgg(norm=norm) for norm in norms}
arms |= {"augmented": vgg(norm="batch", augment=True), "resnet": resnet(norm="batch")}
print(json.dumps({name: keys.key(arm, 0).name for name, arm in arms.items()}))
assert "torch" not in sys.modules, "keys must not need torch"
"""


@pytest.fixture
def copy(tmp_path):
    """Copy the code that decides keys."""
    for package in ("harness", "models"):
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    return tmp_path


def keys_of(folder):
    done = subprocess.run(
        [sys.executable, "-c", PRINT_KEYS, *NORMS],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def changed(before, after):
    return {name for name in before if before[name] != after[name]}


def test_adding_a_normalisation_changes_no_run_key(copy):
    """A new file in models/norms belongs to no existing arm."""
    before = keys_of(copy)
    source = (copy / "models/norms/l2.py").read_text()
    (copy / "models/norms/l3.py").write_text(source)
    assert changed(before, keys_of(copy)) == set()


def test_changing_batch_norm_changes_the_keys_of_the_arms_that_contain_it_alone(copy):
    """BatchNorm decides the runs of BatchNorm and of noisy BatchNorm, which is built of it."""
    before = keys_of(copy)
    path = copy / "models/norms/batch.py"
    path.write_text(path.read_text() + "\nSIGN = -1\n")
    of_batch = {"batch", "noisy-batch", "augmented", "resnet"}
    assert changed(before, keys_of(copy)) == of_batch


@pytest.mark.parametrize(
    ("module", "owner"), [("augment", "augmented"), ("resnet", "resnet"), ("resnet_arm", "resnet")]
)
def test_a_part_that_one_kind_of_arm_has_changes_its_keys_alone(copy, module, owner):
    """Augmentation and residual networks are nobody else's code."""
    before = keys_of(copy)
    path = copy / f"models/{module}.py"
    path.write_text(path.read_text() + "\nSIGN = -1\n")
    assert changed(before, keys_of(copy)) == {owner}


def test_comments_and_docstrings_change_no_run_key(copy):
    """Explaining the training loop trains nothing again."""
    before = keys_of(copy)
    path = copy / "models/training.py"
    path.write_text(path.read_text().replace('"""Plain', '"""Very plain', 1) + "\n# a comment\n")
    assert changed(before, keys_of(copy)) == set()


def test_changing_the_training_loop_changes_every_run_key(copy):
    """All arms share the loop."""
    before = keys_of(copy)
    path = copy / "models/training.py"
    text = path.read_text()
    assert "parameter.sub_(" in text
    path.write_text(text.replace("parameter.sub_(", "parameter.add_("))
    assert changed(before, keys_of(copy)) == set(before)


@pytest.mark.parametrize("module", ["engine/arm", "numerics", "digits", "landscape"])
def test_changing_what_every_arm_trains_or_measures_with_changes_every_run_key(copy, module):
    """Beside the loop: the engine that stands for it on a card, precision, data and probes."""
    before = keys_of(copy)
    path = copy / f"models/{module}.py"
    path.write_text(path.read_text() + "\nSIGN = -1\n")
    assert changed(before, keys_of(copy)) == set(before)


def test_changing_a_test_or_the_menu_changes_no_run_key(copy):
    """Scale values enter a key through the resolved settings, not through the wiring's source."""
    before = keys_of(copy)
    for name in ("bench.py", "menu.py", "scales.py"):
        path = copy / "models" / name
        path.write_text(path.read_text() + "\nUNUSED = 1\n")
    assert changed(before, keys_of(copy)) == set()
