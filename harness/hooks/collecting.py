"""Collection of claim files: a wrong declaration becomes one collect report of its file."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import harness
from harness.declarations.cells import Cell
from harness.declarations.claim import Claim
from harness.declarations.claim_files import file_name
from harness.declarations.family import FILE
from harness.declarations.filling import field_error
from harness.declarations.own_lines import own_lines
from harness.declarations.searched import AnyClaim, AnyQuestion, SearchedClaim
from harness.declarations.unfilled import check_filled_in
from harness.errors import ClaimDefinitionError, ClaimError
from harness.families.context import FamilyContext
from harness.hooks.session import SESSION, ClaimSession

CLAIMS = "claims"
"""The folder that holds a folder for each paper."""


class ClaimModule(pytest.Module):
    """A ``test_*.py`` beside a ``family.toml``: it declares one claim, ``CLAIM``, and its test."""

    claim: AnyClaim
    context: FamilyContext

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """Return the file's tests. Raises CollectError, with the same text in every worker."""
        self.context = self._family()
        try:
            self.claim = self._declared()
            self.context.validate(self.claim)
            check_filled_in(self.claim, self.obj.__doc__ or "")
            self.extra_keyword_matches.add(self.claim.slug)  # -k knows the file's name alone
        except ClaimError as error:
            raise self.CollectError(_same_everywhere(f"{self.nodeid}: {error}")) from None
        except Exception as error:  # a function of the cell may raise anything
            raise self.CollectError(_same_everywhere(own_lines(error))) from None
        return self._tests()

    def _family(self) -> FamilyContext:
        """Return the file's family; what is wrong with it is said whole of its first file alone."""
        session = self.config.stash[SESSION]
        try:
            return session.context(self.path.parent)
        except ClaimError as error:
            first = session.broken.setdefault(self.path.parent, self.nodeid)
            said = (
                str(error) if first == self.nodeid else f"not read, for the same reason as {first}"
            )
            raise self.CollectError(_same_everywhere(f"{self.nodeid}: {said}")) from None

    def _declared(self) -> AnyClaim:
        try:
            with _by_path(self.config):
                module = self.obj
        except ClaimError:
            raise
        except (Exception, pytest.Collector.CollectError) as error:  # may raise anything
            # as text: only text is the same from every worker
            raise ClaimDefinitionError(_why_not_imported(error)) from error
        claim = getattr(module, "CLAIM", None)
        if not isinstance(claim, Claim | SearchedClaim):
            raise ClaimDefinitionError(
                f"got CLAIM = {claim!r}; expected CLAIM = Claim(...), or SearchedClaim(...)"
            )
        return self._well_named(claim)

    def _well_named(self, claim: AnyClaim) -> AnyClaim:
        expected = file_name(claim.slug)
        if self.path.name != expected:
            raise ClaimDefinitionError(
                f"got slug {claim.slug!r} in {self.path.name}; expected the file to be {expected}"
            )
        return claim

    def _tests(self) -> Iterator[pytest.Item | pytest.Collector]:
        nodes = list(super().collect())
        for node in nodes:
            if isinstance(node, pytest.Function):
                self._check_arguments(node)
        if len(nodes) != len(self.claim.cells):  # of which a claim without cells has one
            names = dict.fromkeys(getattr(node, "originalname", node.name) for node in nodes)
            got = f"{len(nodes)} tests ({', '.join(names)})" if nodes else "no test"
            raise self.CollectError(
                f"{self.nodeid}: got {got}; expected def test_...(judge): judge(CLAIM), once for "
                "each cell, as it has one verdict"
            )
        yield from nodes

    def _check_arguments(self, test: pytest.Function) -> None:
        expected = {"judge", "cell"} if self.claim.has_cells else {"judge"}
        got = {"judge", "cell"} & set(test.fixturenames)
        if got != expected:
            raise self.CollectError(
                f"{self.nodeid}: {test.originalname} takes {sorted(got) or 'no fixture'}; expected "
                f"{' and '.join(sorted(expected, reverse=True))}, as the claim declares "
                f"{'cells' if self.claim.has_cells else 'no cells'}"
            )


@contextmanager
def _by_path(config: pytest.Config) -> Iterator[None]:
    """Let pytest import a file under a name made of its path: papers may have files of one name."""
    asked, config.option.importmode = config.option.importmode, "importlib"
    try:
        yield
    finally:
        config.option.importmode = asked


def _why_not_imported(error: BaseException) -> str:
    """Return what a file's import raised; pytest has put some errors into one of its own."""
    raised = error
    if isinstance(error, pytest.Collector.CollectError) and error.__cause__ is not None:
        raised = error.__cause__
    fields = field_error(raised, vars(harness)) if isinstance(raised, TypeError) else None
    return fields or f"cannot be imported:\n{own_lines(raised)}"


def _same_everywhere(text: str) -> str:
    """Return the text without addresses: the controller merges reports that are equal."""
    return re.sub(r" at 0x[0-9a-f]+", "", text)


class StrayModule(pytest.Module):
    """A ``test_*.py`` somewhere in ``claims/`` that no ``family.toml`` lies beside."""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """Return the file's tests. Raises CollectError where it declares a claim, of no paper."""
        if isinstance(getattr(self.obj, "CLAIM", None), Claim | SearchedClaim):
            raise self.CollectError(
                f"{self.nodeid}: got a CLAIM in a file without a {FILE} beside it; expected "
                f"{CLAIMS}/<paper>/{self.path.name} beside that of its paper; move it there, or "
                "bring the file back"
            )
        return super().collect()


def make_module(path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Return a ClaimModule for a file beside a family.toml, None for one outside of ``claims/``.

    Outside of its root folder pytest names a file from whatever folder it was given, so that two
    papers' may have one name: there it has its whole path.
    """
    if not (path.parent / FILE).is_file():
        stray: StrayModule = StrayModule.from_parent(parent, path=path)
        return stray if any(folder.name == CLAIMS for folder in path.parents) else None
    inside = path.is_relative_to(parent.config.rootpath)
    named = None if inside else str(path)
    module: ClaimModule = ClaimModule.from_parent(parent, path=path, nodeid=named)
    return module


def parametrise(metafunc: pytest.Metafunc) -> None:
    """Run a claim's test once for each of its cells."""
    module = getattr(metafunc, "module", None)
    claim = getattr(module, "CLAIM", None)
    if not isinstance(claim, Claim | SearchedClaim):
        return
    if "cell" in metafunc.fixturenames and claim.has_cells:
        metafunc.parametrize("cell", claim.cells, ids=[cell.id for cell in claim.cells])


def question_of(item: pytest.Item) -> tuple[FamilyContext, AnyClaim, AnyQuestion] | None:
    """Return what a test asks, or None for a test of something else."""
    module = item.getparent(ClaimModule)
    if module is None or not isinstance(item, pytest.Function):
        return None
    callspec = getattr(item, "callspec", None)
    cell = callspec.params.get("cell", Cell()) if callspec is not None else Cell()
    return module.context, module.claim, module.claim.question(cell)


def deselect_full(session: ClaimSession, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out the claims that this scale runs with ``--full`` alone, unless it was given."""
    asked = [] if session.settings.full else [(item, question_of(item)) for item in items]
    left_out = [i for i, q in asked if q is not None and q[0].scale.name in q[1].full]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
