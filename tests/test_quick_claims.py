"""The real claims on the real bench, at quick scale, as a user runs them."""

import copy
import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAMES = ("bn_trains_faster", "lp_norms_match_bn_vgg", "lp_norms_match_bn_dln")
FILES = [f"claims/santurkar_2018/test_{name}.py" for name in NAMES]  # whatever else is in claims/


def session(folder, *arguments):
    """Run some claims at quick scale in a store of their own and return their document."""
    command = [
        *(sys.executable, "-m", "pytest", *FILES, "--scale", "quick", "-k", "trains or linf"),
        *("--store", str(folder / "store"), "--report-dir", str(folder / "out"), *arguments),
        *("-p", "no:cacheprovider"),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((folder / "out" / "verdicts.json").read_text())


def without_times(document):
    """Leave out what says when, how long and by which command, and the digest of that."""
    document = copy.deepcopy(document)
    del document["created"], document["cost"], document["digest"]
    document["settings"].pop("command")
    for claim in document["claims"]:
        claim.pop("cost")
        for cell in claim["cells"]:
            for row in itertools.chain.from_iterable(cell["runs"].values()):
                row.pop("wall_s")
    return json.dumps(document, sort_keys=True)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Run a session in one process: its folder and its document."""
    folder = tmp_path_factory.mktemp("alone")
    return folder, session(folder)


def test_quick_claims_are_inconclusive_by_rule_and_leave_a_report(alone):
    """Two seeds on tiny networks decide nothing, whatever they show."""
    folder, document = alone
    judged = [claim for claim in document["claims"] if claim["cells"]]
    lp_norms = {"lp-norms-match-bn-vgg", "lp-norms-match-bn-dln"}
    assert {claim["slug"] for claim in judged} == {"bn-trains-faster"} | lp_norms
    words = {cell["verdict"] for claim in judged for cell in claim["cells"]}
    assert words <= {"INCONCLUSIVE", "NOT RUN"}
    assert "Which claims hold?" in (folder / "out" / "index.html").read_text()


def test_two_workers_reach_the_same_bytes_as_one_process(alone, tmp_path):
    """One torch thread a worker: a run does not depend on how many train."""
    _, document = alone
    assert without_times(session(tmp_path, "-n", "2")) == without_times(document)


def test_a_second_session_trains_nothing_and_says_the_same(alone):
    """The store holds what the verdicts need."""
    folder, document = alone
    again = session(folder)
    assert again["cost"]["trained"] == 0
    assert again["cost"]["reused"] == document["cost"]["trained"] > 0
    assert without_times(again) == without_times(document)
