"""The layout of the code, read from its source: who imports whom, how long things are, links."""

import ast
import re
import shutil
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("benches", "claims", "harness", "models", "reports")
OURS = {*PACKAGES, "tests", "conftest"}

MOST_LINES = 280
MOST_BODY_LINES = 50


def imports_of(path):
    """Return the names that a file imports, wherever it does: 'module' or 'module.name'."""
    return imports_in(path.read_text(encoding="utf-8"))


@cache  # a planted import changes one file of all
def imports_in(source):
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            names |= {f"{module}.{alias.name}" for alias in node.names}
    return names


def files_of(root, package):
    return sorted((root / package).rglob("*.py"))


def inside(name, *modules):
    """Return whether an imported name is one of the modules or something in one."""
    return any(name == module or name.startswith(f"{module}.") for module in modules)


RECORDS = (
    "harness.bench", "harness.records", "harness.errors", "harness.declarations.readings",
    "harness.declarations.scope", "harness.declarations.searches",
)  # fmt: skip

ALLOWED = {
    "harness": ("harness",),
    "models": ("models", *RECORDS),
    "benches": ("benches", "models", *RECORDS),
    "reports": ("reports", "harness"),
    "claims": ("harness", "models.menu", "models.theory.menu", "benches"),
}

LAYERS = (
    "statistics", "runs", "ledgers", "declarations", "verdicts", "admission", "calibration",
    "documents", "families", "imports", "hooks",
)  # fmt: skip
"""The packages of the harness: each imports those before it alone."""

NARROW = {
    "harness/statistics": ("statistics", "errors", "words"),
    "harness/runs": ("runs", "bench", "bench_values", "errors", "records"),
    "harness/ledgers": ("ledgers", "runs", "statistics", "errors", "words"),
}
"""What some packages of the harness may import of it, and nothing else."""

ON_TOP = ("__init__.py", "plugin.py")
"""The modules of the harness that stand on its packages: what claim files and pytest see."""

DOORS = {
    "torch": ("models", "benches"),
    "torchvision": ("models",),
    "scipy": ("harness/statistics",),
    "statsmodels": ("harness/statistics",),
    "jinja2": ("reports",),
    "matplotlib": ("reports",),
}


def broken_rules(root):
    """Return every import that the table of the design does not allow, as 'file: name'."""
    found = []
    for package in PACKAGES:
        for path in files_of(root, package):
            where = path.relative_to(root).as_posix()
            found += [f"{where}: {name}" for name in sorted(imports_of(path))
                      if not allowed(package, where, name)]  # fmt: skip
    with_torchvision = [
        path.relative_to(root).as_posix()
        for path in files_of(root, "models")
        if any(inside(name, "torchvision") for name in imports_of(path))
    ]
    if len(with_torchvision) > 1:
        found.append(f"torchvision in {len(with_torchvision)} modules: {with_torchvision}")
    return found


def allowed(package, where, name):
    top = name.partition(".")[0]
    for lower, known in NARROW.items():
        if where.startswith(f"{lower}/") and inside(name, "harness"):
            return inside(name, *(f"harness.{one}" for one in known))
    if package == "harness" and not downwards(where.split("/")[1], name):
        return False
    if top in OURS or name.startswith("."):
        return inside(name, *ALLOWED[package])
    return top not in DOORS or any(where == d or where.startswith(f"{d}/") for d in DOORS[top])


def downwards(importer, name):
    """Return whether a package of the harness imports itself, a lower one or none of them.

    Modules beside the packages: the two that stand on top import any, the others none.
    """
    imported = next((layer for layer in LAYERS if inside(name, f"harness.{layer}")), None)
    if imported is None or importer in ON_TOP:
        return True
    return importer in LAYERS and LAYERS.index(imported) <= LAYERS.index(importer)


def test_imports_go_one_way_and_through_one_door():
    """Claims see harness and menus, reports harness, benches its records, harness none of ours."""
    assert broken_rules(ROOT) == []


def test_the_check_sees_every_file():
    """A check of nothing would pass: there are files in each package, and torchvision in one."""
    assert all(len(files_of(ROOT, p)) >= 5 for p in PACKAGES if p != "benches")
    assert files_of(ROOT, "benches")
    with_torchvision = [
        path for path in files_of(ROOT, "models")
        if any(inside(name, "torchvision") for name in imports_of(path))
    ]  # fmt: skip
    assert len(with_torchvision) == 1


PLANTED = [
    ("harness/runs/codec.py", "import models"),
    ("harness/runs/codec.py", "from harness.verdicts.decision import decide"),
    ("harness/statistics/power.py", "from harness.declarations.claim import Claim"),
    ("harness/ledgers/ledger.py", "from harness.hooks import settings"),
    ("harness/verdicts/judging.py", "from harness.families.settings import Settings"),
    ("harness/declarations/claim.py", "from harness.verdicts.decision import decide"),
    ("harness/verdicts/judging.py", "from harness.admission.attempts import Budget"),
    ("harness/documents/document.py", "from harness.families.context import FamilyContext"),
    ("harness/families/context.py", "from harness.imports.importing import import_document"),
    ("harness/imports/importing.py", "from harness.hooks.session import ClaimSession"),
    ("harness/bench.py", "from harness.declarations.claim import Claim"),
    ("harness/runs/codec.py", "from models.menu import vgg"),
    ("harness/runs/codec.py", "def f():\n    from reports import view"),
    ("harness/runs/codec.py", "import torch"),
    ("harness/runs/codec.py", "import scipy.stats"),
    ("harness/runs/codec.py", "from statsmodels.stats import multitest"),
    ("harness/verdicts/power.py", "from scipy import stats"),
    ("harness/statistics/power.py", "from models.menu import vgg"),
    ("harness/runs/codec.py", "import jinja2"),
    ("models/menu.py", "from harness.verdicts.decision import decide"),
    ("models/menu.py", "from harness import decide"),
    ("models/menu.py", "import reports.view"),
    ("models/menu.py", "from scipy import stats"),
    ("models/menu.py", "import torchvision"),
    ("models/norms/__init__.py", "from .. import menu"),
    ("models/menu.py", "import benches"),
    ("benches/__init__.py", "from harness import decide"),
    ("benches/__init__.py", "from reports import view"),
    ("harness/runs/codec.py", "import benches"),
    ("reports/view.py", "from models import menu"),
    ("reports/view.py", "import torch.nn as nn"),
    ("claims/santurkar_2018/test_bn_trains_faster.py", "from models.vgg import Vgg"),
    ("claims/santurkar_2018/test_bn_trains_faster.py", "from models.theory import searching"),
    ("models/theory/searching.py", "from harness.declarations.searched import SearchedClaim"),
    ("claims/santurkar_2018/test_bn_trains_faster.py", "from reports import view"),
    ("claims/santurkar_2018/test_bn_trains_faster.py", "import matplotlib.pyplot as plt"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """Return a copy of the source, to plant mistakes in."""
    root = tmp_path_factory.mktemp("source")
    for package in PACKAGES:
        for path in files_of(ROOT, package):
            target = root / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    return root


@pytest.mark.parametrize(("file", "line"), PLANTED, ids=[f"{f}: {t[:30]}" for f, t in PLANTED])
def test_a_planted_import_is_found(copy, file, line):
    """Each forbidden import, at the top or inside a function, is named with its file."""
    path = copy / file
    text = path.read_text(encoding="utf-8")
    try:
        path.write_text(f"{text}\n{line}\n", encoding="utf-8")
        found = broken_rules(copy)
    finally:
        path.write_text(text, encoding="utf-8")
    assert found
    assert any(file in each for each in found)


def test_tests_of_the_harness_import_no_torch():
    """They stay fast, and show that the harness knows none."""
    names = {n for path in files_of(ROOT, "tests/harness") for n in imports_of(path)}
    assert not [name for name in names if inside(name, "torch", "torchvision", "models")]


def test_modules_of_the_harness_are_small():
    """A module above 280 lines is two modules."""
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in files_of(ROOT, "harness")
    }
    assert {name: n for name, n in lengths.items() if n > MOST_LINES} == {}


@pytest.mark.parametrize("package", ["harness", "reports"])
def test_function_bodies_are_short(package):
    """No body above 50 lines: such a one computes, decides and prints at once."""
    long = {}
    for path in files_of(ROOT, package):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[-1].end_lineno - node.body[0].lineno + 1
                if body > MOST_BODY_LINES:
                    long[f"{path.relative_to(ROOT).as_posix()}: {node.name}"] = body
    assert long == {}


def slug_of(heading):
    """Return a Markdown heading's anchor, as code hosts make it."""
    text = re.sub(r"[`*_]|\[|\]\([^)]*\)", "", heading.strip().lower())
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def dead_links(text, folder):
    """Return the Markdown links of a text that lead to no file below the folder or no heading."""
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    headings = {slug_of(h) for h in re.findall(r"^#+ (.*)$", prose, flags=re.MULTILINE)}
    dead = []
    for target in re.findall(r"\]\(<?([^)\s>]+)", prose):
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        if (path and not (folder / path).exists()) or (not path and anchor not in headings):
            dead.append(target)
    return dead


PAGES = ("*.md", "harness/*.md", "models/*.md", "tests/sabotage/*.md", "reports/evidence/*/*.md")


@pytest.mark.parametrize(
    "page", sorted(p.relative_to(ROOT).as_posix() for pages in PAGES for p in ROOT.glob(pages))
)
def test_every_link_of_a_page_resolves(page):
    """Links to files and headings lead somewhere; those to other hosts are not looked at."""
    path = ROOT / page
    assert dead_links(path.read_text(encoding="utf-8"), path.parent) == []


def test_a_dead_link_is_found(tmp_path):
    """Files and headings that are not there; code blocks and other hosts are left alone."""
    (tmp_path / "there.md").write_text("")
    text = (
        "# A `fine` Heading!\n[a](there.md) [b](gone.md) [c](#a-fine-heading) [d](#none)\n"
        "![e](gone.png) [f](https://example.org/x) [g](there.md#part)\n```\n[h](code.md)\n```\n"
    )
    assert dead_links(text, tmp_path) == ["gone.md", "#none", "gone.png"]
