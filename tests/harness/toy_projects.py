"""Small projects with claims about the toy bench, and ways of running pytest on them."""

import json
import shutil
import sys
from pathlib import Path

from harness.runs import sources

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

CONFTEST = """
import json
from pathlib import Path

pytest_plugins = ["harness.plugin"]


def pytest_claims_finished(config, document):
    text = json.dumps(document, allow_nan=False)
    Path(config.rootpath, "document.json").write_text(text, encoding="utf-8")
"""

IMPORTS = """
from harness import *
from harness.declarations.claim import thirds
from toy_bench import toy
"""

UP = 'toy(name="up", accuracy=80.0)'
DOWN = 'toy(name="down", accuracy=50.0)'
LEVEL = 'toy(name="level", accuracy=65.2)'
PLAIN = 'toy(name="plain")'
ACCURACY = 'mean("train_accuracy", over=end)'
ABOVE_5 = 'Above(5.0, because="five points show in a figure")'


def claim_text(
    slug,
    *,
    treatment=UP,
    control=PLAIN,
    endpoint=ACCURACY,
    hypothesis=ABOVE_5,
    source='Source(section="1")',
    before="",
    more="",
    test=None,
):
    """Return a claim file's text; every part is Python source."""
    fixtures = "judge, cell" if "cells=" in more else "judge"
    call = "judge(CLAIM, cell)" if "cells=" in more else "judge(CLAIM)"
    test = test or f"def test_{slug.replace('-', '_')}({fixtures}):\n    {call}\n"
    return (
        f'"""The claim {slug}."""\n{IMPORTS}\n{before}\n'
        f"CLAIM = Claim(slug={slug!r}, statement='It rises by 5 points.', source={source},\n"
        f"    treatment={treatment}, control={control}, endpoint={endpoint},\n"
        f"    hypothesis={hypothesis}, {more})\n\n\n{test}"
    )


class Project:
    """A folder with one family, ``claims/toy_2020``, and the toy bench."""

    def __init__(self, pytester, monkeypatch):
        self.pytester, self._monkeypatch = pytester, monkeypatch
        self.root = pytester.path
        self.folder = self.root / "claims" / "toy_2020"
        self.folder.mkdir(parents=True)
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID"):
            monkeypatch.delenv(name, raising=False)
        for name in ("toy_bench.py", "toy_numbers.py"):
            shutil.copy(HERE / name, self.root)
        (self.root / "conftest.py").write_text(CONFTEST, encoding="utf-8")
        self.settings()
        self.family("toy-rises")

    def settings(self, more=""):
        """Write the pytest settings; hypothesis's plugin would take 2 s a session to load."""
        (self.root / "pyproject.toml").write_text(
            '[tool.pytest]\nstrict = true\naddopts = ["-p", "no:hypothesispytest"]\n' + more
        )

    def family(self, *slugs, head="", bench="toy_bench:ToyBench", tail=""):
        """Write a family.toml with a register of these slugs."""
        lines = ['title = "Toy"', 'citation = "Nobody 2020"', f'bench = "{bench}"', head]
        for slug in slugs:
            lines += ["[[register]]", f'slug = "{slug}"']
            lines += ['statement = "It rises."', 'section = "1"']
        (self.folder / "family.toml").write_text("\n".join([*lines, tail]), encoding="utf-8")

    def claim(self, slug="toy-rises", **parts):
        """Write a claim file and return its path."""
        return self.file(slug, claim_text(slug, **parts))

    def file(self, slug, text):
        """Write a claim file of any text."""
        path = self.folder / f"test_{slug.replace('-', '_')}.py"
        path.write_text(text, encoding="utf-8")
        return path

    def four(self):
        """Write four claims, one for each verdict that data can give."""
        self.family("toy-rises", "toy-falls", "toy-level", "toy-void")
        self.claim("toy-rises")
        self.claim("toy-falls", treatment=DOWN)
        self.claim("toy-level", treatment=LEVEL)
        self.claim("toy-void", more='preconditions=[learns("control", 90.0)]')

    def run(self, *args):
        """Run pytest on the claims in this process."""
        for name in ("toy_bench", "toy_numbers"):
            self._monkeypatch.delitem(sys.modules, name, raising=False)
        for cached in (sources._find, sources._imported_by):
            cached.cache_clear()
        return self.pytester.runpytest_inprocess("claims", *args)

    def start(self, *args, timeout=60):
        """Run pytest on the claims in a process of its own."""
        return self.pytester.runpytest_subprocess("claims", *args, timeout=timeout)

    @property
    def document(self):
        """Return the document that the last session announced."""
        return json.loads((self.root / "document.json").read_text(encoding="utf-8"))

    @property
    def verdicts(self):
        """Return the verdict of each claim by its slug."""
        return {claim["slug"]: claim["verdict"] for claim in self.document["claims"]}

    @property
    def trained(self):
        """Return (arm, seed, process) of each run that any session has trained, in order."""
        log = self.root / "trained.log"
        rows = log.read_text().splitlines() if log.exists() else []
        return [(name, int(seed), int(pid)) for name, seed, pid in map(str.split, rows)]


def text_of(result):
    """Return all that a session printed."""
    return result.stdout.str() + result.stderr.str()
