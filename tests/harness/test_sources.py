"""The digest of source: code counts, explanation does not, and nothing is ever imported."""

import itertools
import sys

import pytest

from harness.errors import ArmError
from harness.runs.sources import bare, closure, source_digest

names = (f"toy_package_{n}" for n in itertools.count())

CODE = '''"""Module docstring."""
import os  # a comment


class Thing:
    """What it is."""

    size = 3  # how large


def area(width):
    """Return the area."""
    text = "# no comment"
    return width * 2
'''


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Return a function that writes a new package and returns its name."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(**files):
        name = next(names)
        for path, text in {"__init__": "", **files}.items():
            file = tmp_path / name / f"{path.replace('__in__', '/')}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text.replace("PKG", name), encoding="utf-8")
        return name

    return write


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# how large", "# how very large\n    # in metres"),
        ('"""What it is."""', '"""What it\n\n    is: a ünïcode thing."""'),
        ('"""Return the area."""', "'Return it.'"),
        ('"""Module docstring."""\n', ""),
        ("\n\n\nclass", "\n\n\n\n\n\n# ---- things ----\n\nclass"),
        ("* 2\n", "* 2   \n\n\n"),
    ],
)
def test_explaining_code_changes_nothing(old, new):
    """Comments, docstrings, blank lines and trailing space can be written without retraining."""
    assert old in CODE
    assert bare(CODE.replace(old, new, 1)) == bare(CODE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("size = 3", "size = 4"),
        ("* 2", "** 2"),
        ('"# no comment"', '"# a comment"'),
        ("    return", "    if width:\n        return"),
        ("import os", "import sys"),
    ],
)
def test_changing_code_changes_the_digest(old, new):
    """One changed token, indentation or string is other code."""
    assert bare(CODE.replace(old, new, 1)) != bare(CODE)


@pytest.mark.parametrize(
    "text",
    [
        'x = "ä"; """no docstring"""  # ö\ny = 1\n',
        'def f(): "doc"; return 1\n',
        '"""ä""" ; x = 1\n',
        "x = 1\x0c\ny = 2  # c\n",
        'x = "a\x0cb\x1cc"  # c\nz = 3\n',
        'def f():\n    """One."""\n\n\ndef g():\n    ("two"  # c\n     "parts")\n',
        "",
        "# only a comment",
    ],
)
def test_awkward_source_keeps_its_code(text):
    """Beside non-ASCII, form feeds and semicolons nothing but comments and docstrings is cut."""
    kept = bare(text)
    assert "#" not in kept
    for code in ("x = ", "y = ", "return 1", "z = 3", '"no docstring"'):
        assert (code in kept) == (code in text)


def test_blank_lines_inside_a_string_are_code():
    """A string's own lines decide what it is: they stay."""
    assert bare('x = """a\n\nb"""\n') != bare('x = """a\nb"""\n')


def test_imports_inside_the_package_are_followed(package):
    """Absolute imports of every form, inside functions too, and the packages above."""
    name = package(
        a="import PKG.b\nfrom PKG import c\n\ndef f():\n    from PKG.sub.d import x\n",
        b="from PKG.e import *\n",
        c="",
        e="",
        sub__in____init__="",
        sub__in__d="x = 1\n",
        unused="import nothing_at_all\n",
    )
    wanted = {"", ".a", ".b", ".c", ".e", ".sub", ".sub.d"}
    assert closure([f"{name}.a"]) == {f"{name}{part}" for part in wanted}


def test_a_name_that_is_no_module_is_not_followed(package):
    """A line from pkg.mod import function adds no module of that name, nor do other packages."""
    name = package(a="from PKG.b import area\nimport os\nimport numpy as np\n", b="area = 1\n")
    assert closure([f"{name}.a"]) == {name, f"{name}.a", f"{name}.b"}


def test_a_circle_of_imports_ends(package):
    """Two modules that import each other are both in."""
    name = package(a="import PKG.b\n", b="import PKG.a\n")
    assert closure([f"{name}.b"]) == {name, f"{name}.a", f"{name}.b"}


def test_adding_a_file_changes_nothing_and_changing_an_import_does(package, tmp_path):
    """The digest is that of what an arm uses: a new file retrains nothing."""
    first = package(a="from PKG.b import x\n", b="x = 1\n")
    second = package(a="from PKG.b import x\n", b="x = 1\n", new="y = 1\n")
    third = package(a="from PKG.b import x\n", b="x = 2\n")
    digests = [
        source_digest([f"{n}.a"]) for n in (first, second, third)
    ]  # names differ, so each package is compared with itself below
    assert len(set(digests)) == 3
    (tmp_path / first / "new.py").write_text("y = 1\n")
    from harness.runs import sources

    sources._find.cache_clear()
    sources._imported_by.cache_clear()
    assert source_digest([f"{first}.a"]) == digests[0]
    (tmp_path / first / "b.py").write_text("x = 1  # said why\n")
    assert source_digest([f"{first}.a"]) == digests[0]
    (tmp_path / first / "b.py").write_text("x = 3\n")
    assert source_digest([f"{first}.a"]) != digests[0]


def test_modules_are_read_and_never_imported(package):
    """A module that raises when imported is hashed all the same, and is not loaded."""
    name = package(a="import PKG.b\nraise RuntimeError\n", b="raise RuntimeError\n")
    assert len(source_digest([f"{name}.a"])) == 64
    assert name not in sys.modules


def test_relative_imports_are_refused(package):
    """A relative import could not be followed from the text alone: refused, not missed."""
    for text in ("from . import b\n", "from .b import x\n"):
        name = package(a=text, b="x = 1\n")
        with pytest.raises(ArmError, match="got a relative import"):
            source_digest([f"{name}.a"])


@pytest.mark.parametrize("module", ["nowhere_to_be_found", "harness.nowhere"])
def test_a_module_that_cannot_be_found_is_refused(module):
    """A misspelt module in a bench's identity is named."""
    with pytest.raises(ArmError, match=f"got module '{module}'"):
        source_digest([module])


def test_the_order_in_which_modules_are_named_plays_no_part(package):
    """The digest is over a set."""
    name = package(a="", b="")
    both = [f"{name}.a", f"{name}.b"]
    assert source_digest(both) == source_digest(reversed(both)) == source_digest(both * 2)
