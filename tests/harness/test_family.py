"""family.toml: the register and the error budget of one paper."""

import pytest

from harness.declarations.family import alpha_of_claim, find_families, read_family
from harness.declarations.lookalikes import lookalikes
from harness.errors import ClaimDefinitionError

GOOD = """
title = "Toy"
citation = "Nobody 2020"
bench = "toy_bench:ToyBench"
[[register]]
slug = "a"
statement = "It rises."
section = "1"
[[register]]
slug = "b"
statement = "It falls."
section = "2"
figure = "3"
[[register]]
slug = "theorem"
statement = "It holds."
section = "A"
uses_p = false
"""


def family(folder, text=GOOD):
    (folder / "family.toml").write_text(text, encoding="utf-8")
    return read_family(folder)


def test_alpha_is_shared_by_registered_slugs_that_use_a_p_value(tmp_path):
    """Two of three use one: each gets half of 0.05, the default."""
    read = family(tmp_path)
    assert (read.alpha, read.p_slugs, read.alpha_claim) == (0.05, 2, 0.025)
    assert read.slug == tmp_path.name
    assert read.registered("b").figure == "3"
    assert read.registered("c") is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "Toy"', "", r"no \['title'\]"),
        ('title = "Toy"', "title = 3", "title: got 3; expected str"),
        ('title = "Toy"', 'title = "Toy"\nalpha = 1', "alpha: got 1"),
        ('section = "1"', "", r"no \['section'\]"),
        ('section = "1"', "section = 1", "section: got 1; expected str"),
        ('slug = "b"', "", r"\[\[register\]\] number 2 \('It falls.'\): got no \['slug'\]"),
        ('statement = "It rises."', "", r"\[\[register\]\] number 1: got no \['statement'\]"),
        (
            'slug = "b"',
            'slug = "Rate is"',
            r"number 2 .*: slug: got 'Rate is'; expected lower-case",
        ),
        ('section = "1"', 'section = "1"\npage = 4', r"unknown keys \['page'\]"),
        ("uses_p = false", 'uses_p = "no"', "uses_p: got 'no'; expected bool"),
        ('slug = "b"', 'slug = "a"', r"got \['a'\] more than once"),
        (GOOD[GOOD.index("[[") :], "register = 3\n", "register: got 3; expected list"),
        (GOOD[GOOD.index("[[") :], 'register = ["a"]\n', "got 'a'; expected a table"),
        ("[[register]]", "[[register", "cannot be read"),
    ],
)
def test_a_wrong_file_is_refused_with_its_path(tmp_path, old, new, said):
    """Missing, unknown and mistyped keys; each with the file's path."""
    with pytest.raises(ClaimDefinitionError, match=said) as caught:
        family(tmp_path, GOOD.replace(old, new, 1))
    assert "family.toml" in str(caught.value)


def test_a_file_that_is_not_there_or_not_utf_8(tmp_path):
    """No traceback of tomllib or the codec."""
    with pytest.raises(ClaimDefinitionError, match="cannot be read"):
        read_family(tmp_path)
    (tmp_path / "family.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ClaimDefinitionError, match="cannot be read"):
        read_family(tmp_path)


def test_what_no_reading_asks_is_kept_with_its_reason(tmp_path):
    """In the order of the file; each needs a reason, and nothing else is known."""
    text = GOOD + '[[not_asked]]\nwhat = "widths"\nbecause = "the paper says none"\n'
    (tmp_path / "family.toml").write_text(text)
    (left_out,) = read_family(tmp_path).not_asked
    assert (left_out.what, left_out.because) == ("widths", "the paper says none")
    (tmp_path / "family.toml").write_text(GOOD + '[[not_asked]]\nwhat = "widths"\n')
    with pytest.raises(ClaimDefinitionError, match=r"no \['because'\]"):
        read_family(tmp_path)


def test_families_are_found_from_below(tmp_path):
    """From the root or any folder below it the nearest claims/ is used."""
    folder = tmp_path / "claims" / "toy_2020"
    folder.mkdir(parents=True)
    family(folder)
    (tmp_path / "claims" / "no_family").mkdir()
    assert find_families(tmp_path) == (folder,)
    assert find_families(folder) == (folder,)
    assert find_families(tmp_path.parent / "nowhere") == ()


@pytest.mark.parametrize(
    ("slug", "file", "warned"),
    [
        ("loss-falls-faster", "test_loss_falls_fastr.py", True),
        ("loss-falls-faster", "test_loss_falls_faster.py", False),
        ("loss-falls-faster", "test_accuracy_rises.py", False),
        ("loss-falls-faster", None, False),
    ],
)
def test_a_file_that_is_nearly_the_registers_is_pointed_at(tmp_path, slug, file, warned):
    """Registered in one spelling, written in another: an addition, and a claim that is NOT RUN."""
    if file:
        (tmp_path / file).write_text("")
    found = lookalikes(family(tmp_path, GOOD.replace('"b"', f'"{slug}"')))
    assert bool(found) is warned
    assert all(slug in line and file in line for line in found)


def test_a_file_with_an_entry_of_its_own_is_not_pointed_at(tmp_path):
    """Two registered claims may have names that are alike."""
    (tmp_path / "test_loss_falls_2.py").write_text("")
    text = GOOD.replace('"a"', '"loss-falls-1"').replace('"b"', '"loss-falls-2"')
    assert lookalikes(family(tmp_path, text)) == ()


def test_alpha_is_shared_by_all_registered_slugs() -> None:
    """0.05 over 25 slugs is 0.002; a number and its slugs say the same, in any order."""
    slugs = [f"claim-{i}" for i in range(25)]
    assert alpha_of_claim(0.05, slugs) == alpha_of_claim(0.05, slugs[::-1]) == 0.002
    assert alpha_of_claim(0.05, 25) == 0.002


@pytest.mark.parametrize(("alpha", "slugs"), [(0.05, 0), (0.05, ()), (0, 5), (0.9, 5)])
def test_an_error_budget_that_makes_no_sense_is_refused(alpha: float, slugs: int) -> None:
    """No slug means no budget to share."""
    with pytest.raises(ClaimDefinitionError, match="register"):
        alpha_of_claim(alpha, slugs)
