"""Wrong declarations and wrong options: one clear message each, exit code 2, no crash."""

import pytest
from toy_projects import UP, claim_text, text_of

CELLS = "cells=grid(layer=(1, 2)),"
BY_CELL = 'lambda cell: toy(name=f"l{cell.layer}", accuracy=80.0)'
ONE_METRIC_FIGURE = 'figures=(curve("F", "speed"),),'

RAISING = [
    ("python", "1 / 0", "ZeroDivisionError: division by zero"),
    ("import", "import nowhere_to_be_found", "No module named 'nowhere_to_be_found'"),
    ("harness", "from harness import vgg", "cannot import name 'vgg' from 'harness'"),
]

WRONG = {
    "unknown metric": (
        {"endpoint": 'mean("speed")'},
        ["metric: got 'speed'", "measures range, train_accuracy, train_loss"],
    ),
    "unknown divisor": (
        {"endpoint": 'mean("train_loss", relative_to="speed")'},
        ["metric: got 'speed'"],
    ),
    "unknown metric of a phase": (
        {"endpoint": 'mean("train_loss", over=after("speed", 3.0))'},
        ["metric: got 'speed'"],
    ),
    "unknown metric of a precondition's phase": (
        {"more": 'preconditions=[learns("control", over=after("speed", 3.0))],'},
        ["metric: got 'speed'"],
    ),
    "unknown metric of a figure": ({"more": ONE_METRIC_FIGURE}, ["metric: got 'speed'"]),
    "no source": ({"source": "None"}, ["source: got None", "expected Source(section=...)"]),
    "empty section": ({"source": 'Source(section=" ")'}, ["source: got no section"]),
    "margin without reason": (
        {"hypothesis": "Equivalent(2.0)"},
        ["Equivalent: got margin 2 without a reason", "because="],
    ),
    "bound unfit for the transform": (
        {"endpoint": 'gmean("range")', "hypothesis": 'NotBelow(-2.0, because="x")'},
        ["NotBelow: got -2 on log", "expected a factor"],
    ),
    "alternative unfit for the transform": (
        {"more": 'alternatives=(Alternative(name="log", endpoint=gmean("train_accuracy"), '
         'hypothesis=NotBelow(-2.0, because="x")),),'},
        ["NotBelow: got -2 on log"],
    ),
    "yes/no hypothesis, measured endpoint": (
        {"hypothesis": "MoreOften()"},
        ["a yes/no hypothesis", "needs a yes/no endpoint; got a measured one"],
    ),
    "measured hypothesis, yes/no endpoint": (
        {"endpoint": 'reaches("train_accuracy", 50.0)'},
        ["needs a measured endpoint; got a yes/no one"],
    ),
    "one arm claim with a control": (
        {"endpoint": 'reaches("train_accuracy", 50.0)',
         "hypothesis": 'ShareAbove(0.5, because="x")'},
        ["control: got one beside ShareAbove; expected none", "one arm; remove control="],
    ),
    "a control beside a printed number": (
        {"endpoint": 'mean("train_accuracy", against=92.0)'},
        ["control: got one beside an endpoint against= a printed number; expected none"],
    ),
    "against in an alternative alone": (
        {"more": 'alternatives=(Alternative(name="a", endpoint=mean("range", against=1.0)),),'},
        ["control: got against= in some of endpoint and alternatives; expected it in all or in"],
    ),
    "no control": (
        {"control": "None", "more": 'preconditions=[learns("control")],'},
        ["control: got none beside Above; expected control=, or an endpoint against="],
    ),
    "many metrics": (
        {"endpoint": 'mean("ics_layer7")', "treatment": 'toy(name="up", layers=100)'},
        ["toy up measures ics_layer97, ics_layer87,", "and 98 others; `claims metrics` lists"],
    ),
    "one arm on both sides": (
        {"control": UP}, ["treatment and control are one arm", "a comparison needs two"]
    ),
    "arm the bench refuses": (
        {"treatment": "toy(refuse=True)"}, ["arm: got", "expected toy(...)"]
    ),
    "two cells that ask the same": (
        {"more": CELLS}, ["cells layer1 and layer2 ask the same", "expected each cell to differ"]
    ),
    "cells of no value": (
        {"more": "cells=grid(k=(None, 1)),"}, ["grid: axis k got None; expected texts or numbers"]
    ),
    "cells that are true or false": (
        {"more": "cells=grid(k=(False, True)),"}, ["grid: axis k got False; expected texts"]
    ),
    "a function without a cell": (
        {"treatment": "lambda: toy()"},
        ["toy-rises: treatment: got a function that takes no cell", "expected, say, lambda cell:"],
    ),
    "a rule without a cell": (
        {"more": 'preconditions=lambda: [learns("control")],'},
        ["toy-rises: preconditions: got a function that takes no cell"],
    ),
    "an arm in words": (
        {"treatment": "'momentum'"},
        ["treatment: got 'momentum'; expected an arm of the paper's menu, or sweep(...)"],
    ),
    "a control in words": ({"control": "'sgd'"}, ["none for a claim about one arm"]),
    "a hypothesis in words": (
        {"hypothesis": "'better'"}, ["hypothesis: got 'better'; expected a hypothesis, as in"]
    ),
    "a field too few": (
        {"replace": ("statement='It rises by 5 points.', ", "")},
        ["Claim: got no statement; expected slug, statement, source, treatment, endpoint, hypo"],
    ),
    "a field misspelt": (
        {"more": "figure=(),"}, ["Claim: got unknown 'figure'; did you mean 'figures'?; expected"]
    ),
    "a field of a source misspelt": (
        {"source": 'Source(sektion="1")'}, ["Source: got unknown 'sektion'; did you mean 'section'"]
    ),
    "a metric misspelt": (
        {"endpoint": 'mean("train_acuracy")'},
        ["metric: got 'train_acuracy'; did you mean 'train_accuracy'", "measures range, train_"],
    ),
    "two tests": (
        {"test": "def test_a(judge):\n    judge(CLAIM)\n\n\ntest_b = test_a\n"},
        ["got 2 tests (test_a, test_b); expected def test_...(judge): judge(CLAIM), once"],
    ),
    "a test of several parameters": (
        {"before": "import pytest\ntwice = pytest.mark.parametrize('x', [1, 2])",
         "test": "@twice\ndef test_a(judge, x):\n    judge(CLAIM)\n"},
        ["got 2 tests (test_a); expected"],
    ),
    "a class of tests": (
        {"before": "class TestIt:\n    def test_a(self, judge):\n        judge(CLAIM)\n"},
        ["got 2 tests (TestIt, test_toy_rises)"],
    ),
    "cells given twice": (
        {"treatment": BY_CELL, "more": "cells=grid(layer=(1, 1)),"},
        ["cells: got ids ['layer1', 'layer1']"],
    ),
    "unknown name of a cell": (
        {"treatment": "lambda cell: toy(name=cell.depth)", "more": CELLS},
        ["cell: got 'depth'; expected one of its names: layer"],
    ),
    "endpoint of a wrong type": (
        {"endpoint": "lambda cell: object()"}, ["endpoint: got <object object", "expected Endpoint"]
    ),
    "unknown word": (
        {"endpoint": 'mean("range", better="less")'}, ["better: got 'less'", "'higher', 'lower'"]
    ),
    "preconditions that are no list": (
        {"more": 'preconditions=learns("control"),'}, ["preconditions: got", "expected"]
    ),
    "number printed that is none": (
        {"more": "printed=(5,),"},
        ["toy-rises: printed: got 5; expected a tuple of Printed"],
    ),
    "figure that is none": (
        {"more": 'figures=("loss",),'}, ["figures: got 'loss'; expected a tuple of Figure"]
    ),
    "alternative that is none": (
        {"more": "alternatives=(None,),"},
        ["alternatives: got None; expected a tuple of Alternative"],
    ),
    "upper-case slug": ({"slug": "Toy-Rises"}, ["slug: got 'Toy-Rises'", "lower-case words"]),
    "no statement": ({"replace": ("It rises by 5 points.", " ")}, ["statement: got none"]),
    "statement to be filled in": (
        {"replace": ("It rises by 5 points.", "TODO: one sentence")},
        ["toy-rises: got TODO in statement; expected the words of its author"],
    ),
    "source and reasons to be filled in": (
        {"source": 'Source(section="TODO", quote="TODO")',
         "hypothesis": 'Above(5.0, because="TODO: why")',
         "more": 'preconditions=[learns("control", because="TODO")],'},
        ["got TODO in source, hypothesis: because, precondition: because; expected"],
    ),
    "docstring to be filled in": (
        {"replace": ("The claim toy-rises.", "The claim (Section TODO).")}, ["TODO in docstring"]
    ),
    "another file name": ({"slug": "toy-sinks"}, ["expected the file to be test_toy_sinks.py"]),
    "no CLAIM": ({"replace": ("CLAIM = Claim", "CLAIMS = Claim")}, ["got CLAIM = None"]),
    "CLAIM of another type": (
        {"replace": ("CLAIM = Claim(", "CLAIM = object() or (lambda **kw: kw)(")},
        ["got CLAIM = <object object", "expected CLAIM = Claim(...)"],
    ),
    "no test": ({"test": "x = 1\n"}, ["got no test", "def test_...(judge): judge(CLAIM)"]),
    "test without judge": (
        {"test": "def test_it():\n    pass\n"}, ["test_it takes no fixture; expected judge"]
    ),
    "cells, test without cell": (
        {"treatment": BY_CELL, "more": CELLS, "test": "def test_it(judge):\n    pass\n"},
        ["test_it takes ['judge']; expected judge and cell"],
    ),
    "cell without cells": (
        {"test": "def test_it(judge, cell):\n    pass\n"},
        ["expected judge, as the claim declares no cells"],
    ),
    **{f"{name} error": ({"before": line}, [error, line, "cannot be imported:", "in <module>"])
       for name, line, error in RAISING},
    "syntax error": (
        {"before": "def ("},
        ["cannot be imported:", 'test_toy_rises.py", line 7', "def (", "SyntaxError: "],
    ),
}  # fmt: skip


def write_wrong(project, parts):
    """Write one wrong file, test_toy_rises.py, beside a right one."""
    parts = dict(parts)
    slug, (old, new) = parts.pop("slug", "toy-rises"), parts.pop("replace", ("", ""))
    text = claim_text(slug, **parts)
    project.file("toy-rises", text.replace(old, new) if old else text)
    project.claim("toy-right", treatment='toy(name="right", accuracy=75.0)')


@pytest.mark.parametrize(("parts", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_declaration_is_one_collect_error_of_its_file(project, parts, said):
    """The file is refused once with got and expected; nothing trains; the exit code is 2."""
    write_wrong(project, parts)
    result = project.run()
    text = text_of(result)
    for words in said:
        assert words in text
    assert result.ret == 2
    assert text.count("ERROR collecting") == 1
    assert "ERROR collecting claims/toy_2020/test_toy_rises.py" in text
    assert "1 error" in result.outlines[-1]
    assert "INTERNALERROR" not in text
    assert "_pytest" not in text  # what stands between pytest and the file is nobody's concern
    assert project.trained == []


@pytest.mark.parametrize("name", ["CLAIM of another type", "unknown name of a cell"])
def test_a_wrong_declaration_is_refused_once_by_four_workers(project, name):
    """Every worker meets the error; it is reported once, as their texts are the same."""
    parts, said = WRONG[name]
    write_wrong(project, parts)
    result = project.start("-n", "4")
    text = text_of(result)
    for words in said:
        assert words.partition(" object")[0] in text
    assert result.ret == 2
    assert text.count("ERROR collecting") == 1
    assert "INTERNALERROR" not in text
    assert project.trained == []


@pytest.mark.parametrize("place", ["claims/toy_2020/deeper", "claims", "claims/no_paper"])
@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_claim_without_a_family_beside_it_is_refused(project, place, workers):
    """Below a paper's folder, above it, or where family.toml is gone: one line, no traceback."""
    project.claim("toy-stray").rename(project.root / "test_toy_stray.py")
    (project.root / place).mkdir(exist_ok=True)
    (project.root / "test_toy_stray.py").rename(project.root / place / "test_toy_stray.py")
    project.claim()
    result = project.start("-n", workers)
    said = f"{place}/test_toy_stray.py: got a CLAIM in a file without a family.toml beside it"
    assert said in text_of(result)
    assert result.ret == 2
    assert text_of(result).count("ERROR collecting") == 1
    assert "Traceback" not in text_of(result)
    assert project.trained == []


def test_other_tests_in_claims_are_pytests_own(project):
    """A file that declares no claim is none of ours, wherever it lies."""
    (project.root / "claims" / "test_mine.py").write_text("def test_it():\n    pass\n")
    project.claim()
    project.run().assert_outcomes(passed=2)


def test_too_few_seeds_for_its_alpha(project):
    """With a long register ten seeds cannot decide: refused with how many it needs."""
    project.family("toy-rises", *(f"toy-{n}" for n in range(60)))
    project.claim()
    result = project.run()
    assert result.ret == 2
    assert "seeds: got 10 at scale desk; need at least 11 for alpha 0.00082" in text_of(result)
    assert project.run("--scale", "quick").ret == 0  # too small to judge in any case


@pytest.mark.parametrize(("share", "more", "refused"), [
    ("0.1", "", "looks=(29,)"), ("0.25", "", "looks=(11,)"), ("0.3", "", None),
    ("0.1", "looks=(28,),", "needs at least 29 seeds"), ("0.1", "looks=(29,),", None),
])  # fmt: skip
def test_a_claim_that_nothing_could_refute_is_refused(project, share, more, refused):
    """No seed of ten that favours it still leaves a share of 0.1 possible: 0.9^10 = 0.35."""
    hypothesis = f'ShareAbove({share}, because="so")'
    yes_no = 'reaches("train_accuracy", 65.0)'
    project.claim(control="None", endpoint=yes_no, hypothesis=hypothesis, more=more)
    result = project.run("--plan")
    assert result.ret == (2 if refused else 0)
    if refused:
        assert refused in text_of(result)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("colour = 'red'", "got unknown keys ['colour']"),
        ("alpha = 0.7", "alpha: got 0.7; expected between 0 and 0.5"),
        ("alpha = 'small'", "alpha: got 'small'"),
        ("alpha = '0.05'", "got '0.05'; expected between 0 and 0.5, a number without quotes"),
        ("alpha = ", "cannot be read"),
        ("[[register]]\nslug = 3\nstatement = 'x'\nsection = '1'", "slug: got 3"),
        ("[[register]]\nslug = 'toy-rises'\nstatement = 'x'\nsection = '1'", "more than once"),
    ],
)
def test_a_broken_family_file(project, head, said):
    """family.toml is refused where its claims are collected, with the path and the key."""
    project.claim()
    project.family("toy-rises", head=head)
    result = project.run()
    assert result.ret == 2
    assert said in text_of(result)
    assert "INTERNALERROR" not in text_of(result)


@pytest.mark.parametrize("bench", ["nowhere:Bench", "toy_bench:Nothing", "toy_bench", "broken:B"])
def test_a_bench_that_cannot_be_had(project, bench):
    """A bench that is missing, or raises as it is imported, is refused like a wrong claim."""
    (project.root / "broken.py").write_text("raise RuntimeError('broken bench')\n")
    project.file("toy-rises", "")
    project.family("toy-rises", bench=bench)
    result = project.run()
    assert result.ret == 2
    assert f"bench: got '{bench}', which cannot be imported" in text_of(result)
    assert text_of(result).count("ERROR collecting") == 1


@pytest.mark.parametrize(("line", "said"), [("1 / 0", "ZeroDivisionError"), ("def (", "SyntaxEr")])
@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_broken_bench_is_said_once(project, line, said, workers):
    """With the line of it that is wrong, also where each claim file imports it."""
    project.family("toy-rises", "toy-falls")
    project.claim()
    project.claim("toy-falls")
    with (project.root / "toy_bench.py").open("a") as file:
        file.write(f"{line}\n")
    text = text_of(project.start("-n", workers))
    assert text.count(said) == text.count(f"    {line}\n") == 1
    assert "toy_bench.py" in text
    assert "test_toy_rises.py: not read, for the same reason as claims/toy_2020/test_toy_f" in text
    assert "_pytest" not in text


USAGE = [
    (["--scale", "huge"], "--scale: got 'huge'; expected one of quick, desk"),
    (["--scale", "desk", "--gpu"], "--gpu: got cuda; expected a CUDA device"),
    (["--device", "cuda"], "--gpu: got cuda; expected a CUDA device"),
    (["--gpu", "--device", "cpu"], "--gpu: got it with --device cpu"),
    *(
        (["--device", wrong], f"--device: got {wrong!r}; expected cpu, cuda, or cuda:N")
        for wrong in ("foo", "mps", "cuda:", "cuda:01", "CPU", "")
    ),
    (["--seeds", "five"], "--seeds: got 'five'; expected, say, 0-9 or 0,3,5"),
    (["--seeds", ""], "--seeds: got ''"),
    (["--seeds", "0-1000"], "seeds from 1000 on are for pilots"),
    (["--seeds", "100-109"], "got 109; seeds from 100 on are kept for declared attempts"),
    (["--seeds", "0-99999999999"], "seeds from 1000 on are for pilots"),
    (["--seeds", "1,1"], "expected at least one seed, each once"),
    (["--seeds", "0-4", "--update-ledger"], "the ledger holds declared seeds"),
    (["--no-ledger", "--update-ledger"], "give one of them"),
    (["--environment", "x"], "--environment: got it without --judge-only"),
    (["--judge-only"], "got no runs of cpu-torch0-fp64-toy"),
    (["--judge-only", "--store", "none"], "expected a folder of runs, and there is none; name it"),
    (["--judge-only", "--store", "claims"], "expected runs, and it holds none; train them without"),
    (["--judge-only", "--store", "toy_bench.py"], "a folder of runs, and this is a file; name it"),
    (["--flavour", "sour"], "invalid choice: 'sour'"),
    (["--dist", "loadfile", "-n", "2"], "--dist: got 'loadfile'; expected load"),
    (["--dist", "each", "--tx", "popen"], "--dist: got 'each'"),
]


@pytest.mark.parametrize(("options", "said"), USAGE, ids=[" ".join(o) for o, _ in USAGE])
def test_wrong_options_end_the_session_at_once(project, options, said):
    """One line of usage error, exit code 4, nothing collected or trained."""
    project.claim()
    result = project.run(*options)
    text = text_of(result)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert said in text
    assert "Traceback" not in text
    assert "INTERNALERROR" not in text
    assert project.trained == []


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_slug_that_the_register_spells_otherwise_is_said_before_training(project, workers):
    """At the head of the session, and in the document: it would end in NOT RUN and an addition."""
    project.family("toy-rises", "toy-falls-fast")
    project.claim()
    project.claim("toy-falls-fats", treatment="toy(name='down', accuracy=50.0)")
    result = project.start("-n", workers)
    said = "toy_2020/family.toml: got toy-falls-fast in the register, without a file and so NOT RUN"
    assert text_of(result).index(said) < text_of(result).index("SUPPORTED")
    (notice,) = project.document["notices"]
    assert f"{said}, and test_toy_falls_fats.py, an addition; did you mean one" in notice


@pytest.mark.parametrize("workers", [None, "2"])
def test_missing_data_end_the_session_before_training(project, workers):
    """The bench's DataError is the reason of the stop, said once, and nothing is trained."""
    project.claim(treatment='toy(name="up", no_data=True)')
    result = project.start("-n", workers) if workers else project.run()
    text = text_of(result)
    assert result.ret == 2
    assert "data: got no folder; expected one; run the download" in text
    assert "INTERNALERROR" not in text
    assert "Traceback" not in text
    assert project.trained == []


@pytest.mark.parametrize("workers", [None, "2"])
def test_a_store_that_cannot_be_written_ends_the_session_before_training(project, workers):
    """A file where the store's folder should be: one line that names --store, no crash."""
    project.claim()
    (project.root / "taken").write_text("a file")
    options = ["--store", "taken"]
    result = project.start("-n", workers, *options) if workers else project.run(*options)
    text = text_of(result)
    assert result.ret == 2
    assert "choose another with --store DIR" in text
    assert "INTERNALERROR" not in text
    assert "Traceback" not in text
    assert project.trained == []


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_job_whose_lock_is_another_users_ends_the_session(project, workers):
    """As a shared store may have it: which file, what to do, and no traceback."""
    project.claim()
    (project.root / "conftest.py").write_text(
        (project.root / "conftest.py").read_text()
        + "\n\nfrom filelock import FileLock\n\n\ndef _refuses(self, **_):\n"
        "    raise PermissionError(13, 'Permission denied', self.lock_file)\n\n\n"
        "FileLock.acquire = _refuses\n"
    )
    result = project.start("-n", workers)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert "INTERNALERROR" not in text_of(result)
    assert "Traceback" not in text_of(result)
    said = "*cannot take the lock *.lock: Permission denied; expected a file that you may write*"
    result.stdout.fnmatch_lines([said])
    assert project.trained == []
