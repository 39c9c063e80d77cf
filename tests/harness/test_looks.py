"""Claims with looks: they stop early by the rule, spend alpha by it, and depend on nothing else."""

import itertools
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_bench import ToyBench, toy
from toy_projects import DOWN, LEVEL, UP, text_of

from harness.admission.attempts import Budget
from harness.admission.declaration import declared_question
from harness.bench import Scale
from harness.declarations import spending
from harness.declarations.claim import Claim, Source
from harness.declarations.endpoints import mean
from harness.declarations.hypotheses import Above
from harness.declarations.spending import looks_at
from harness.documents.digest import sealed
from harness.errors import ImportedValuesError
from harness.families.planning import Plan, asks_of
from harness.imports.imported_document import Source as Imported
from harness.imports.imported_values import read_values
from harness.imports.importing import import_document
from harness.runs.keys import KeyMaker
from harness.verdicts.decision import decide
from harness.verdicts.sequential import FINAL, follow
from harness.words import Verdict
from reports.checking.whole import changed, disagreements
from reports.shape import first_misfit

S, R, U = Verdict.SUPPORTED, Verdict.REFUTED, Verdict.INCONCLUSIVE
V, E = Verdict.INVALID, Verdict.ERROR

LOOKS = "looks=(6, 10, 16),"
CELLS = LOOKS + 'cells=grid(arm=("east", "west")),'


def test_the_levels_add_up_to_alpha_and_go_with_the_square_of_the_seeds():
    """36, 100 and 256 of 256 parts by the looks at 6, 10 and 16 of 16 seeds."""
    looks = looks_at((6, 10, 16), 0.0512)
    assert [look.alpha for look in looks] == pytest.approx([0.0072, 0.0128, 0.0312])
    assert [look.spent for look in looks] == pytest.approx([0.0072, 0.02, 0.0512])
    assert [look.number for look in looks] == [1, 2, 3]
    assert looks_at((16,), 0.05)[0].alpha == 0.05


@given(st.sets(st.integers(3, 100), min_size=1), st.floats(1e-4, 0.4))
def test_no_looks_spend_more_than_alpha(ns, alpha):
    """Whatever their number and places."""
    looks = looks_at(sorted(ns), alpha)
    assert sum(look.alpha for look in looks) <= alpha * (1 + 1e-12)
    assert all(look.alpha > 0 for look in looks)


def stands(**verdicts):
    """Return (look, closed) by cell, where each cell's verdicts are given look by look."""
    found = follow(tuple(verdicts), 3, lambda cell, k: (*verdicts[cell], None, None, None)[k])
    return {cell: (k + 1, cell in found.closed) for cell, k in found.at.items()}, found.waiting


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ({"a": [S]}, {"a": (1, True)}),
        ({"a": [R]}, {"a": (1, True)}),
        ({"a": [U, S]}, {"a": (2, True)}),
        ({"a": [U, U, U]}, {"a": (3, True)}),
        ({"a": [V, S]}, {"a": (2, True)}),
        ({"a": [V, V, V]}, {"a": (3, True)}),
        ({"a": [E]}, {"a": (1, True)}),
        ({"a": [S], "b": [U, U, S]}, {"a": (1, True), "b": (3, True)}),
        ({"a": [U, R], "b": [U, U]}, {"a": (2, True), "b": (2, True)}),
        ({"a": [R], "b": [U], "c": [S]}, {"a": (1, True), "b": (1, True), "c": (1, True)}),
        ({"a": [E], "b": [U, R]}, {"a": (1, True), "b": (2, True)}),
    ],
)
def test_where_cells_stop(verdicts, expected):
    """A cell at its decision, all at the first that refutes one, else at the last look."""
    assert stands(**verdicts) == (expected, ())


@pytest.mark.parametrize(
    ("verdicts", "expected", "waiting"),
    [
        ({"a": []}, {"a": (1, False)}, ("a",)),
        ({"a": [U]}, {"a": (2, False)}, ("a",)),
        ({"a": [U], "b": [U, U]}, {"a": (2, False), "b": (2, False)}, ("a",)),
        ({"a": [U], "b": [U, S]}, {"a": (2, False), "b": (2, True)}, ("a",)),
        ({"a": [U], "b": [U, R], "c": [U, U]},
         {"a": (2, False), "b": (2, True), "c": (2, True)}, ("a",)),
    ],
)  # fmt: skip
def test_no_cell_goes_on_while_another_could_still_refute_the_claim(verdicts, expected, waiting):
    """Missing runs of one cell hold the open ones at that look."""
    assert stands(**verdicts) == (expected, waiting)


@given(st.lists(st.lists(st.sampled_from([S, R, U, V, E]), min_size=3, max_size=3), min_size=1,
                max_size=4))  # fmt: skip
def test_training_in_stages_ends_where_a_full_store_does(table):
    """Giving each waiting cell just the look that it waits for reaches the same cells and looks."""
    cells = tuple(str(i) for i in range(len(table)))
    there = dict.fromkeys(cells, 0)  # looks whose runs are in the store

    def staged(cell, k):
        return table[int(cell)][k] if k < there[cell] else None

    for _ in itertools.count():
        found = follow(cells, 3, staged)
        if not found.waiting:
            break
        for cell in found.waiting:
            there[cell] = found.at[cell] + 1
    full = follow(cells, 3, lambda cell, k: table[int(cell)][k])
    assert (found.at, found.closed) == (full.at, full.closed) == (full.at, frozenset(cells))
    assert all(there[cell] == full.at[cell] + 1 for cell in cells)
    refuted = [k for c, k in full.at.items() if table[int(c)][k] is R]
    for cell, k in full.at.items():
        assert all(word not in FINAL for word in table[int(cell)][:k])
        assert k == 2 or table[int(cell)][k] in FINAL or refuted == [k] * len(refuted) != []


def per_arm(project):
    """Return the seeds that were trained of each arm, ascending."""
    arms = {}
    for name, seed, _ in project.trained:
        arms.setdefault(name, []).append(seed)
    return {name: sorted(seeds) for name, seeds in arms.items()}


def cells_of(project, claim=0):
    return {cell["id"]: cell for cell in project.document["claims"][claim]["cells"]}


def assert_sound(project):
    assert (disagreements(project.document), first_misfit(project.document)) == ((), None)


def two(project):
    """Write a claim that is easily decided and one that never is, with arms of their own."""
    project.family("toy-easy", "toy-hard")
    project.claim("toy-easy", more=LOOKS)
    project.claim("toy-hard", treatment=LEVEL, control='toy(name="other")', more=LOOKS)


@pytest.mark.parametrize("workers", [None, "2"])
def test_an_easy_claim_stops_at_its_first_look_and_a_hard_one_goes_on(project, workers):
    """The store then holds six runs of an easy arm and sixteen of a hard one, each once."""
    two(project)
    result = project.start("-n", workers) if workers else project.run()
    assert "INTERNALERROR" not in text_of(result)
    assert project.verdicts == {"toy-easy": "SUPPORTED", "toy-hard": "INCONCLUSIVE"}
    assert per_arm(project) == {
        "up": list(range(6)), "plain": list(range(6)),
        "level": list(range(16)), "other": list(range(16)),
    }  # fmt: skip
    assert_sound(project)
    easy, hard = (cells_of(project, i)[""] for i in (0, 1))
    assert (easy["n"], easy["seeds"]) == (6, list(range(6)))
    assert easy["alpha"] == pytest.approx(0.025 * 36 / 256)
    assert easy["reason"].startswith("Look 1 of 3. The 99.2969 % interval")
    assert [row["verdict"] for row in hard["looks"]["rows"]] == ["INCONCLUSIVE"] * 3
    assert hard["looks"]["rows"][-1]["spent"] == pytest.approx(0.025)
    before = len(project.trained)
    project.run()
    assert len(project.trained) == before


def test_each_look_is_decide_on_its_first_gains_at_its_level(project):
    """What stands in the rows is what the public function says."""
    two(project)
    project.run()
    cell = cells_of(project, 1)[""]
    levels = [0.025 * part / 256 for part in (36, 64, 156)]
    for row, n, alpha in zip(cell["looks"]["rows"], (6, 10, 16), levels, strict=True):
        made = decide(cell["gains"][:n], Above(5.0, because="x"), alpha)
        assert (row["n"], row["gains"]) == (n, None)
        assert row["estimate"] == pytest.approx(made.estimate)
        assert row["ci"] == pytest.approx(list(made.ci))
        assert row["p"] == pytest.approx(made.p)
    assert cell["ci"] == cell["looks"]["rows"][-1]["ci"]


def test_a_look_that_only_alpha_would_decide_is_not_the_last(project):
    """What the whole alpha would call decided goes on, as the look's own level does not."""
    project.claim(treatment='toy(name="up", accuracy=65.6)', more=LOOKS)
    project.run()
    cell = cells_of(project)[""]
    first = cell["looks"]["rows"][0]
    made = decide(cell["gains"][:6], Above(5.0, because="x"), 0.05)
    assert (made.verdict, first["verdict"]) == (S, "INCONCLUSIVE")
    assert len(cell["looks"]["rows"]) > 1
    assert_sound(project)


def test_a_store_that_holds_every_seed_gives_what_training_in_stages_gave(project):
    """The first look that decides stands, whatever has been trained since or before."""
    two(project)
    project.run()
    staged = [cells_of(project, i)[""] for i in (0, 1)]
    sixteen = {"more": "looks=(16,),"}
    project.claim("toy-easy", **sixteen)
    project.claim("toy-hard", treatment=LEVEL, control='toy(name="other")', **sixteen)
    project.run("--store", "full")
    assert [cells_of(project, i)[""]["n"] for i in (0, 1)] == [16, 16]
    assert_sound(project)
    two(project)
    before = len(project.trained)
    project.run("--store", "full")
    assert len(project.trained) == before
    again = [cells_of(project, i)[""] for i in (0, 1)]
    for cell in (*again, *staged):
        for row in (*cell["runs"]["treatment"], *cell["runs"]["control"]):
            del row["wall_s"]
    assert again == staged


def test_seeds_that_another_claim_has_trained_are_not_looked_at(project):
    """A claim without looks trains ten of the same arms; the one with looks uses six."""
    project.family("toy-easy", "toy-fixed")
    project.claim("toy-easy", more=LOOKS)
    project.claim("toy-fixed", hypothesis='Above(4.0, because="so")')
    project.run()
    assert [cells_of(project, i)[""]["n"] for i in (0, 1)] == [6, 10]
    assert per_arm(project) == {"up": list(range(10)), "plain": list(range(10))}
    assert_sound(project)


BY_CELL = {
    "treatment": 'lambda cell: toy(name=f"t{cell.arm}", accuracy=ACCURACY[cell.arm])',
    "control": 'lambda cell: toy(name=f"c{cell.arm}")',
    "more": CELLS,
}


def with_cells(project, east, west):
    project.claim(**BY_CELL, before=f'ACCURACY = {{"east": {east}, "west": {west}}}')


def test_a_supported_cell_is_kept_and_not_trained_further(project):
    """Its own look and level stand beside those of the cell that went on."""
    with_cells(project, 80.0, 65.0)
    project.run()
    cells = cells_of(project)
    assert [(c["verdict"], c["n"]) for c in cells.values()] == [
        ("SUPPORTED", 6), ("INCONCLUSIVE", 16)
    ]  # fmt: skip
    assert per_arm(project)["teast"] == list(range(6))
    assert per_arm(project)["twest"] == list(range(16))
    assert_sound(project)


def test_one_refuted_cell_stops_the_claim(project):
    """The other stays as it is at that look, undecided, and says why."""
    with_cells(project, 50.0, 65.2)
    project.run()
    assert project.verdicts == {"toy-rises": "REFUTED"}
    a, b = cells_of(project).values()
    assert (a["verdict"], a["n"], b["verdict"], b["n"]) == ("REFUTED", 6, "INCONCLUSIVE", 6)
    assert a["alpha_refute"] == pytest.approx(0.05 * 36 / 256 / 2)
    said = "Stopped at look 1 of 3, where another cell refutes the claim. The 98.5"
    assert b["reason"].startswith(said)
    assert set(map(len, per_arm(project).values())) == {6}
    assert_sound(project)


@pytest.mark.parametrize("selected", ["east", "west"])
def test_the_cells_that_were_selected_do_not_matter(project, selected):
    """Of a claim with looks all cells are trained as far as it goes, whichever is judged."""
    with_cells(project, 50.0, 65.2)
    project.run()
    whole = cells_of(project)[selected]
    project.run("-k", selected, "--store", "second")
    (judged,) = [c for c in cells_of(project).values() if c["verdict"] != "NOT RUN"]
    assert (judged["id"], judged["gains"]) == (selected, whole["gains"])
    assert judged["verdict"] == whole["verdict"]
    assert set(map(len, per_arm(project).values())) == {12}  # six in each store
    assert_sound(project)


@pytest.mark.parametrize(
    ("parts", "verdict", "n"),
    [
        ({"hypothesis": 'Equivalent(9.0, because="so")', "treatment": 'toy(name="same")'},
         "SUPPORTED", 6),
        ({"hypothesis": 'Equivalent(9.0, because="so")'}, "REFUTED", 6),
        ({"hypothesis": 'NotBelow(-5.0, because="so")', "treatment": DOWN}, "REFUTED", 6),
        ({"endpoint": 'reaches("train_accuracy", 65.0)', "hypothesis": "MoreOften()",
          "more": "looks=(8, 16),"}, "SUPPORTED", 8),
        ({"endpoint": 'reaches("train_accuracy", 65.0)', "control": "None",
          "hypothesis": 'ShareAbove(0.4, because="so")', "more": "looks=(6, 16),"},
         "SUPPORTED", 6),
        ({"endpoint": 'mean("train_accuracy", over=end, against=79.0)', "control": "None",
          "hypothesis": 'Equivalent(4.0, because="so")'}, "SUPPORTED", 6),
        ({"more": LOOKS + 'preconditions=[learns("control", 90.0)],'}, "INVALID", 16),
    ],
)  # fmt: skip
def test_every_kind_of_hypothesis_has_looks(project, parts, verdict, n):
    """Two one-sided tests, yes/no, one arm; what is void at a look goes on to the last."""
    project.claim(**({"more": LOOKS} | parts))
    project.run()
    cell = cells_of(project)[""]
    assert (cell["verdict"], cell["n"]) == (verdict, n)
    assert_sound(project)


def test_quick_scale_and_other_seeds_use_no_looks_and_say_so(project):
    """Two seeds, or those asked for: nothing is decided, so nothing is spent."""
    project.claim(more=LOOKS)
    assert project.run("--scale", "quick").ret == 0
    cell = cells_of(project)[""]
    assert (cell["n"], cell["looks"]) == (2, {"declared": [6, 10, 16], "rows": []})
    assert cell["alpha"] == 0.05
    assert_sound(project)
    project.run("--seeds", "0-11")
    assert (cells_of(project)[""]["n"], cells_of(project)[""]["looks"]["rows"]) == (12, [])
    assert cells_of(project)[""]["verdict"] == "INCONCLUSIVE"
    assert_sound(project)


def test_the_plan_says_what_is_needed_at_most(project):
    """Twelve runs in any case, eight and twelve more only where the claim goes on."""
    project.claim(more=LOOKS)
    text = text_of(project.run("--plan"))
    assert "at most 32 runs to train" in text
    assert "needed in any case: 12 runs to train" in text
    assert "further look 1, only of claims that are not decided before it: 8 runs to train" in text
    assert "not decided before it: 12 runs to train" in text
    assert project.trained == []
    project.run()
    done = text_of(project.run("--plan"))
    assert "0 runs to train" in done
    assert "at most" not in done


def test_a_store_is_judged_alone_as_far_as_its_claims_need_it(project):
    """Six runs serve a claim that they decide; where one goes on, the missing ones are named."""
    project.claim("toy-rises", more=LOOKS)
    project.run()
    project.family("toy-rises", "toy-hard")
    assert project.run("--judge-only").ret == 0
    project.claim("toy-hard", treatment=LEVEL, control='toy(name="other")', more="looks=(6,),")
    project.run()
    project.claim("toy-hard", treatment=LEVEL, control='toy(name="other")', more=LOOKS)
    result = project.run("--judge-only")
    assert project.verdicts == {"toy-rises": "SUPPORTED", "toy-hard": "ERROR"}
    assert "no run of toy level, seed 6" in text_of(result)


def test_a_run_that_fails_at_a_later_look_costs_its_claim_alone(project):
    """The look that needs it ends in ERROR; nothing beyond is trained, others are judged."""
    two(project)
    project.claim(
        "toy-hard", treatment='toy(name="level", accuracy=65.2, raises_at=7)',
        control='toy(name="other")', more=LOOKS,
    )  # fmt: skip
    bench = project.root / "toy_bench.py"
    text = bench.read_text().replace(
        "        _misbehave(settings, seeds)\n",
        "        if settings.get('raises_at') in seeds:\n            raise RuntimeError('broke')\n",
    )
    bench.write_text(text)
    result = project.start()
    assert "training toy level failed" in text_of(result)
    assert project.verdicts == {"toy-easy": "SUPPORTED", "toy-hard": "ERROR"}
    assert max(per_arm(project)["other"]) == 9
    assert_sound(project)


SIDE = """readings=(Reading(name="low", leaves_open="x", changes={"name": "low"}, because="x"),),
    scope=Scope(rows=("accuracy", (65.0, 80.0)), columns=("sd", (1.0, 3.0))),
    figures=(curve("Accuracy", "train_accuracy", extra=(("third", toy(name="third")),)),),
    alternatives=thirds(mean("train_accuracy")),"""


def test_all_that_stands_beside_a_verdict_has_its_look(project):
    """Readings, scope and further arms of figures: the seeds of the look that decided, no more."""
    project.claim(more=LOOKS + SIDE)
    assert project.run("--full", "--scope").ret == 0
    assert {tuple(seeds) for seeds in per_arm(project).values()} >= {tuple(range(6))}
    assert max(seed for _, seed, _ in project.trained) == 5
    (claim,) = project.document["claims"]
    (row,) = claim["cells"][0]["readings"]
    assert row["n"] == 6
    made = decide(row["gains"], Above(5.0, because="x"), 0.05 * 36 / 256)
    assert row["ci"] == pytest.approx(list(made.ci))
    assert {answer["n"] for p in claim["scope"]["points"] for answer in p["cells"]} == {6}
    assert_sound(project)


def test_another_attempt_may_have_looks(project):
    """At its own level, on the first of its own seeds."""
    project.claim(treatment=LEVEL)
    project.run("--update-ledger")
    project.claim(treatment=UP, more=LOOKS + 'attempt=2, because_again="too wide",')
    project.run()
    cell = cells_of(project)[""]
    assert cell["seeds"] == list(range(100, 106))
    assert cell["alpha"] == pytest.approx(0.05 / 4 * 36 / 256)
    assert_sound(project)


@pytest.mark.parametrize(
    ("first", "then", "got"),
    [
        ("", "looks=(9,),", "got 9 seeds at looks (9,)"),
        ("", LOOKS, "got 16 seeds at looks (6, 10, 16)"),
        (LOOKS, "looks=(16,),", "got 16 seeds at looks (16,)"),
        (LOOKS, "looks=(6, 10, 20),", "got 20 seeds at looks (6, 10, 20)"),
        (LOOKS, "", "got 10 seeds, all at once"),
    ],
)
def test_other_looks_after_a_verdict_are_another_attempt(project, first, then, got):
    """Adding seeds until a claim is decided is refused; nothing is trained, the record stands."""
    project.claim(treatment=LEVEL, more=first)
    project.run("--update-ledger")
    recorded, trained = (project.folder / "ledger.toml").read_bytes(), len(project.trained)
    project.claim(treatment=LEVEL, more=then)
    result = project.run("--update-ledger")
    assert result.ret == 2
    text = text_of(result)
    assert f"toy-rises: attempt 1 at scale desk: {got}; the ledger has its verdict from" in text
    assert "attempt=2, on seeds of its own" in text
    assert (project.folder / "ledger.toml").read_bytes() == recorded
    assert len(project.trained) == trained
    project.claim(treatment=LEVEL, more=first)
    assert "INCONCLUSIVE (ledger: INCONCLUSIVE, reason owed)" in text_of(project.run())
    project.claim(treatment=UP, more=then + 'attempt=2, because_again="too wide",')
    assert project.run().ret == 0


def test_another_number_of_seeds_at_a_scale_is_another_attempt(project):
    """Also where the scale has changed, and not the claim."""
    project.claim(treatment=LEVEL)
    project.run("--update-ledger")
    bench = project.root / "toy_bench.py"
    text = bench.read_text()
    assert text.count("tuple(range(10))") == 1
    bench.write_text(text.replace("tuple(range(10))", "tuple(range(12))"))
    result = project.run()
    assert result.ret == 2
    assert "got 12 seeds, all at once; the ledger has its verdict from 10 seeds, all" in (
        text_of(result)
    )


def test_the_ledger_keeps_looks_and_their_rule_and_writes_none_without(project):
    """So an entry of before there were looks means a fixed number of seeds."""
    two(project)
    project.claim("toy-hard", treatment=LEVEL, control='toy(name="other")')
    project.run("--update-ledger")
    rows = tomllib.loads((project.folder / "ledger.toml").read_text())["entry"]
    said = {row["slug"]: (row.get("looks"), row.get("looks_power")) for row in rows}
    assert said == {"toy-easy": ([6, 10, 16], 2), "toy-hard": (None, None)}
    assert "SUPPORTED (ledger: SUPPORTED, same)" in text_of(project.run())


def test_looks_by_another_rule_are_other_looks(project):
    """The same numbers of seeds at other levels: the power of the spending is on record."""
    project.claim(treatment=LEVEL, more=LOOKS)
    project.run("--update-ledger")
    ledger = project.folder / "ledger.toml"
    ledger.write_text(ledger.read_text().replace("looks_power = 2", "looks_power = 1"))
    assert "attempt=2, on seeds of its own" in text_of(project.run())


def test_the_levels_of_the_looks_are_declared(monkeypatch):
    """The same looks at other levels are another declaration."""
    context = Budget(scale=ToyBench.scales()[1], alpha=0.05)
    bench = ToyBench(scale="desk", options={})
    one = declared_question(CLAIM.questions()[0], bench, context)
    assert one["looks"] == [[n, pytest.approx(0.05 * part / 256)] for n, part in
                            ((6, 36), (10, 64), (16, 156))]  # fmt: skip
    monkeypatch.setattr(spending, "POWER", 1)
    assert declared_question(CLAIM.questions()[0], bench, context)["looks"] != one["looks"]


AGAINST = {
    "descending": ("looks=(10, 6),", ["looks: got (10, 6)", "ascending"]),
    "twice": ("looks=(6, 6),", ["looks: got (6, 6)"]),
    "no numbers": ('looks=("6",),', ["looks: got ('6',)"]),
    "a list": ("looks=[6, 10],", ["looks: got [6, 10]"]),
    "two seeds": ("looks=(2, 10),", ["each at least 3"]),
    "too few at the end": ("looks=(3, 4),", ["look 2 spends 0.022 and needs at least 6 seeds"]),
    "too many": ("looks=(6, 101),", ["expected at most 100 seeds"]),
}


@pytest.mark.parametrize("name", AGAINST)
def test_looks_that_cannot_be_are_refused(project, name):
    """With what was got, what was expected and what to do; nothing is trained."""
    more, texts = AGAINST[name]
    project.claim(more=more)
    result = project.run()
    assert result.ret == 2
    assert all(text in text_of(result) for text in texts), text_of(result)
    assert project.trained == []


def test_a_yes_or_no_look_at_which_nothing_could_be_decided_is_refused(project):
    """Six seeds that all favour the claim have p = 1/64, and the look spends 0.007."""
    project.claim(endpoint='reaches("train_accuracy", 65.0)', hypothesis="MoreOften()", more=LOOKS)
    result = project.run()
    assert result.ret == 2
    assert "look 1 spends 0.007 and needs at least 8 seeds" in text_of(result)


CLAIM = Claim(
    slug="toy-rises", statement="It rises.", source=Source(section="1"),
    treatment=toy(name="up", block=4), control=toy(name="plain", block=4),
    endpoint=mean("train_accuracy"), hypothesis=Above(0.0), looks=(6, 10, 16),
)  # fmt: skip


def test_no_job_serves_two_looks_whoever_else_asks_for_the_arm():
    """Blocks end where any claim's look ends, so that what one look needs is never more."""
    scale = Scale(name="desk", seeds=tuple(range(10)))
    budget, bench = Budget(scale=scale, alpha=0.05), ToyBench(scale="desk", options={})
    fixed = Claim(
        slug="toy-fixed", statement="x", source=Source(section="1"), treatment=toy(name="else"),
        control=toy(name="plain", block=4), endpoint=mean("train_accuracy"), hypothesis=Above(0.0),
    )  # fmt: skip
    (looked,), (other,) = CLAIM.questions(), fixed.questions()
    keys = KeyMaker(bench)
    both, alone = [looked, other], [looked]
    plans = [Plan(keys, asks_of(each, budget, keys.same_arm)) for each in (both, alone)]
    blocks = [(0, 1, 2, 3), (4, 5), (6, 7, 8, 9), (10, 11, 12, 13), (14, 15)]
    for plan in plans:
        assert [j.seeds for j in plan.jobs() if j.arm["name"] == "up"] == blocks
        first = plan.jobs(lambda _: 0)
        assert [j.seeds for j in first if j.arm["name"] == "up"] == blocks[:2]
    first = plans[0].jobs(lambda _: 0)
    assert [j.seeds for j in first if j.arm["name"] == "plain"] == blocks[:3]


CHANGES = {
    "a level": (lambda rows: rows[0].update(alpha=0.02), "look 1: alpha"),
    "what was spent": (lambda rows: rows[1].update(spent=0.02), "look 2: spent"),
    "an estimate": (lambda rows: rows[0].update(estimate=7.0), "look 1: estimate"),
    "an interval": (lambda rows: rows[1]["ci"].__setitem__(0, 0.0), "look 2: ci low"),
    "a p value": (lambda rows: rows[2].update(p=0.2), "look 3: p"),
    "a decision that was passed over": (lambda rows: rows[0].update(verdict="SUPPORTED"),
                                        "look 1: says SUPPORTED, and a later one was taken"),
    "a look left out": (lambda rows: rows.pop(1), "look 2: n"),
    "a last look left out": (lambda rows: rows.pop(), "judged at"),
    "all looks left out": (lambda rows: rows.clear(), "looks: says 0 were taken of 3 declared"),
}  # fmt: skip


def test_the_check_finds_what_was_changed_about_a_look(project):
    """Also where the digest was made anew."""
    two(project)
    project.run()
    for change, said in CHANGES.values():
        document = project.document
        change(document["claims"][1]["cells"][0]["looks"]["rows"])
        document = sealed(document)
        assert changed(document) is None
        assert any(said in text for text in disagreements(document)), said
    hidden = project.document
    hidden["claims"][0]["cells"][0]["looks"] = None
    assert any("alpha: judged at" in text for text in disagreements(hidden))


def test_the_check_finds_a_cell_that_did_not_stop_with_its_claim(project):
    """An undecided cell with a look left, in a claim that none of its cells refutes."""
    with_cells(project, 80.0, 65.0)
    project.run()
    document = project.document
    b = document["claims"][0]["cells"][1]
    b["looks"]["rows"] = b["looks"]["rows"][:2]
    assert any("stopped at look 2 with INCONCLUSIVE, expected 3" in text
               for text in disagreements(document))  # fmt: skip


def test_looks_are_part_of_the_declaration_and_none_leave_its_hash_as_it_was(project):
    """Other looks are another declaration, with another date of its first judgement."""
    said = []
    for more in ("looks=(6, 10),", "looks=(8, 10),", "looks=(10,),", ""):
        project.claim(more=more)
        project.run("--store", "one")
        said.append(project.document["claims"][0]["declaration"]["sha256"])
    assert len(set(said)) == 4


def test_a_session_that_runs_out_of_time_between_looks_goes_on_later(project):
    """No verdict then; the same command ends where an undisturbed one would have."""
    project.claim(treatment=LEVEL, more=LOOKS)
    assert project.run("--stop-after", "0").ret == 7
    assert project.trained == []
    project.run()
    cell = cells_of(project)[""]
    assert (cell["n"], cell["verdict"]) == (16, "INCONCLUSIVE")


def test_imported_values_of_a_claim_with_looks_are_refused(project):
    """A file of values does not show where the claim would have stopped."""
    project.claim(more=LOOKS)
    rows = [f"toy-rises,,{role},{seed},{60 + 20 * (role == 'treatment')}.{seed}"
            for role in ("treatment", "control") for seed in range(16)]  # fmt: skip
    path = project.root / "values.csv"
    path.write_text("\n".join(["slug,cell,role,seed,value", *rows]))
    source = Imported(file="values.csv", family=project.folder, scale="desk", root=project.root)
    with pytest.raises(ImportedValuesError, match="toy-rises, which declares looks; expected"):
        import_document(read_values(path), source)
