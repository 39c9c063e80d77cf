"""A session of several workers on fake cards: who trains where, who waits, and who dies."""

import re
import tempfile
from itertools import pairwise

import pytest
from toy_projects import text_of

SLUGS = tuple(f"toy-{name}" for name in ("one", "two", "three", "four", "five", "six"))


@pytest.fixture
def cards(project, monkeypatch):
    """Return a function that gives the project cards; its locks lie in a folder of its own."""
    temporary = project.root / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))

    def give(number, per_card=1):
        monkeypatch.setenv("TOY_CARDS", str(number))
        monkeypatch.setenv("TOY_PER_CARD", str(per_card))

    return give


def log(project):
    """Return (time, process, device, what) of each job's begin and end, in order."""
    rows = (row.split() for row in (project.root / "devices.log").read_text().splitlines())
    return sorted((float(at), int(pid), device, what) for at, pid, device, what in rows)


def six_claims(project, **arms):
    project.family(*SLUGS)
    for slug in SLUGS:
        project.claim(slug, **arms)


def test_one_process_trains_on_each_card_and_the_third_waits_and_judges(project, cards):
    """Two cards, three workers: never two jobs on a card, both cards busy, all three judge."""
    cards(2)
    six_claims(project, treatment='toy(name="up", accuracy=80.0, slow=0.15)')
    result = project.start("-n", "3", "--device", "cuda", "-v")
    assert result.ret == 0
    assert set(project.verdicts.values()) == {"SUPPORTED"}
    assert len(project.trained) == 20
    rows = log(project)
    assert len({pid for _, pid, *_ in rows}) == 2
    for device in ("cuda:0", "cuda:1"):
        here = [row for row in rows if row[2] == device]
        assert len({pid for _, pid, *_ in here}) == 1
        assert [what for *_, what in here] == ["begins", "ends"] * (len(here) // 2)
        assert here
    assert set(re.findall(r"\[(gw\d)\].*PASSED", text_of(result))) == {"gw0", "gw1", "gw2"}


def test_two_processes_share_a_card_where_the_bench_says_so(project, cards):
    """One card, two slots, three workers: at most two jobs at once, and at times two."""
    cards(1, per_card=2)
    project.claim(treatment='toy(name="up", accuracy=80.0, slow=0.15)')
    assert project.start("-n", "3", "--device", "cuda").ret == 0
    at_once = [0]
    for *_, what in log(project):
        at_once.append(at_once[-1] + (1 if what == "begins" else -1))
    assert max(at_once) == 2
    assert {device for _, _, device, _ in log(project)} == {"cuda:0"}


def test_the_slot_of_a_killed_worker_is_free_again(project, cards):
    """A worker dies in the middle of a job on its card: another trains there, nothing is lost."""
    cards(2)
    killer = 'toy(name="up", accuracy=80.0, killer="once", slow=0.05)'
    six_claims(project, treatment=killer, control='toy(name="plain", slow=0.15)')
    result = project.start("-n", "3", "--device", "cuda")
    assert result.ret == 0
    assert "INTERNALERROR" not in text_of(result)
    rows = log(project)
    died = [(pid, device) for (_, pid, device, what), after in pairwise(
        sorted(rows, key=lambda row: (row[2], row[0]))
    ) if (what, after[3]) == ("begins", "begins") and after[2] == device]  # fmt: skip
    ((pid, device),) = died
    assert any(where == device and who != pid for _, who, where, _ in rows)


def test_a_card_is_asked_for_by_its_index(project, cards):
    """--device cuda:1 leaves the other card alone; one that is not there is refused at once."""
    cards(2)
    project.claim()
    assert project.run("--device", "cuda:1").ret == 0
    assert {device for _, _, device, _ in log(project)} == {"cuda:1"}
    result = project.run("--device", "cuda:2")
    assert result.ret == 4
    assert "got cuda:2" in text_of(result)


def test_a_session_gives_its_card_back(project, cards):
    """The next session in the same process, and one beside it, find the card free."""
    cards(1)
    project.claim()
    assert project.run("--device", "cuda").ret == 0
    assert project.run("--device", "cuda", "--store", "second").ret == 0
    assert {path.name for path in (project.root / "tmp").glob("paper-claims-slots-*/*")} == {
        "TOY_0-0.lock"
    }


def test_progress_says_on_which_card(project, cards):
    """The display names the card of each job in flight."""
    cards(1)
    (project.root / "conftest.py").write_text(
        (project.root / "conftest.py").read_text()
        + "\nfrom harness.hooks import display\ndisplay.EVERY_S = 0.1\n"
    )
    project.claim(treatment='toy(name="up", accuracy=80.0, slow=0.1)')
    text = text_of(project.run("--device", "cuda"))
    assert re.search(r"now toy up seed \d \d+% on cuda:0", text)
