"""A bench that is not what its protocol says: one clear refusal, whichever process meets it."""

import pytest
from toy_projects import text_of

BENCH = """
from dataclasses import replace

from harness.records import Histograms
from toy_bench import *
from toy_bench import ToyBench as Toy


class OddBench(Toy):
{body}
"""


def identity(settings):
    return f"    def identity(self, arm): return Identity({settings})"


def changed(how):
    """Return a method that changes the one record of a job."""
    return f"""
    def train(self, *a):
        (record,) = Toy.train(self, *a)
        {how}
        return [record]
"""


def with_steps(how):
    """Return a method that makes another record of the one of a job."""
    return changed(f"record = replace(record, {how})")


CLASS = {
    "no deviations": ("    deviations = None", ["a class without deviations(arm, metric)"]),
    "two methods missing": (
        "    describe = metrics = None", ["a class without describe(arm), metrics(arm)"]
    ),
    "train without progress": (
        "    def train(self, arm, seeds, device): pass",
        ["train: got train(self, arm, seeds, device)", "train(arm, seeds, device, progress)"],
    ),
    "fatal without device": ("    def fatal(self, error): pass", ["fatal(error, device)"]),
    "options that are no class method": (
        "    def options(self): return ()", ["expected options(), decorated with @classmethod"]
    ),
    "made without options": (
        "    def __init__(self, *, scale): pass", ["made by OddBench(scale=..., options=...)"]
    ),
    "options of text": (
        "    options = classmethod(lambda cls: ('--x',))",
        ["options: got '--x'; expected a tuple of BenchOption"],
    ),
    "an option without dashes": (
        "    options = classmethod(lambda cls: (BenchOption(flag='x', default=''),))",
        ["options: got 'x'; expected, say, '--data-dir'"],
    ),
    "an option whose default is a number": (
        "    options = classmethod(lambda cls: (BenchOption(flag='--x', default=1),))",
        ["options: --x: got BenchOption", "choices that are texts"],
    ),
    "one option twice": (
        "    options = classmethod(lambda cls: 2 * (BenchOption(flag='--x', default=''),))",
        ["options: got ['--x'] more than once"],
    ),
    "scales that raise": (
        "    scales = classmethod(lambda cls: 1 / 0)",
        ["scales() raised ZeroDivisionError", "expected a tuple of Scale"],
    ),
    "scales of text": (
        "    scales = classmethod(lambda cls: ('desk',))", ["scales: got 'desk'; expected a tuple"]
    ),
    "a scale of another name": (
        "    scales = classmethod(lambda cls: (Scale(name='big', seeds=(0,)),))",
        ["scales: got the names ['big']; expected one or more of quick, desk, paper"],
    ),
    "no scale": ("    scales = classmethod(lambda cls: ())", ["scales: got the names []"]),
    "a range of seeds": (
        "    scales = classmethod(lambda cls: (Scale(name='desk', seeds=range(10)),))",
        ["scales: desk: got seeds range(0, 10); expected some, as tuple(range(10))"],
    ),
    "a seed twice": (
        "    scales = classmethod(lambda cls: (Scale(name='desk', seeds=(0, 0, 1)),))",
        ["scales: desk: got seeds (0, 0, 1); expected each once"],
    ),
    "pilot seeds": (
        "    scales = classmethod(lambda cls: (Scale(name='desk', seeds=(999, 1000)),))",
        ["got seeds (999, 1000)", "below 1000, as those from there on are for pilots"],
    ),
    "a constructor that raises": (
        "    def __init__(self, *, scale, options): 1 / 0",
        ["bench: OddBench: got ZeroDivisionError", "odd_bench.py:10"],
    ),
}  # fmt: skip

SAID = {
    "deviations in one text": (
        "    def deviations(self, arm, metric): return 'digits'",
        ["deviations: got 'digits' of toy up, train_accuracy; expected a tuple of sentences"],
    ),
    "an identity of a table": (
        "    def identity(self, arm): return {}", ["identity: got {}; expected Identity("]
    ),
    "a setting that is no JSON": (
        identity("settings={'lr': {0.1}}, data_md5='', modules=('toy_numbers',)"),
        ["settings: got 'lr': {0.1}, of type set; expected what strict JSON has"],
    ),
    "a setting that is not finite": (
        identity("settings={'lr': float('nan')}, data_md5='', modules=('toy_numbers',)"),
        ["settings: got 'lr': nan, of type float"],
    ),
    "modules in one text": (
        identity("settings={}, data_md5='', modules='toy_numbers'"),
        ["modules 'toy_numbers'; expected a text and a tuple of dotted names"],
    ),
    "no modules": (
        identity("settings={}, data_md5='', modules=()"),
        ["modules: got (); expected the modules", 'the bench\'s own, as in ("odd_bench",)'],
    ),
    "metrics in a list": (
        "    def metrics(self, arm): return ['train_accuracy']",
        ["metrics: got ['train_accuracy'] of toy up; expected {"],
    ),
    "a metric of text": (
        "    def metrics(self, arm): return {'train_accuracy': '%'}",
        ["metrics: got 'train_accuracy': '%' of toy up"],
    ),
    "no words": ("    def describe(self, arm): return None", ["describe: got None of Arm"]),
    "no seconds": (
        "    def estimate_s(self, arm): return None", ["estimate_s: got None of toy up"]
    ),
    "no seeds together": (
        "    def seeds_per_job(self, arm): return 0",
        ["seeds_per_job: got 0 of toy up; expected 1 or more"],
    ),
}  # fmt: skip


def write_odd(project, body):
    (project.root / "odd_bench.py").write_text(BENCH.format(body=body))
    project.claim()
    project.family("toy-rises", bench="odd_bench:OddBench")


@pytest.mark.parametrize(("body", "said"), (CLASS | SAID).values(), ids=CLASS | SAID)
def test_a_wrong_bench_is_refused_where_its_claims_are_collected(project, body, said):
    """Once, with got and expected; nothing is trained."""
    write_odd(project, body)
    result = project.run()
    for words in said:
        assert words in text_of(result)
    assert result.ret == 2
    assert text_of(result).count("ERROR collecting") == 1
    assert "INTERNALERROR" not in text_of(result)
    assert project.trained == []


@pytest.mark.parametrize("name", ["no deviations", "deviations in one text", "no words"])
def test_a_wrong_bench_is_refused_once_by_two_workers(project, name):
    """Their texts are equal; a missing method was an internal error in each, and exit code 0."""
    body, said = (CLASS | SAID)[name]
    write_odd(project, body)
    result = project.start("-n", "2")
    for words in said:
        assert words in text_of(result)
    assert result.ret == 2
    assert text_of(result).count("ERROR collecting") == 1
    assert "INTERNALERROR" not in text_of(result)


@pytest.mark.parametrize("named", ["toy_bench:toy", "toy_bench:STEPS"])
def test_a_bench_that_is_no_class(project, named):
    """A function or a number, such as a typing error would name."""
    project.claim()
    project.family("toy-rises", bench=named)
    result = project.run()
    assert result.ret == 2
    assert f"bench: {named}: got" in text_of(result)
    assert "expected a class with the methods of a Bench" in text_of(result)


@pytest.mark.parametrize("modules", [("toy_numbers",), ("toy_numbers", "odd.bench")])
def test_a_bench_of_a_package_names_a_module_of_it(project, modules):
    """Else runs would stay as they are where its own code changes."""
    package = project.root / "odd"
    package.mkdir()
    (package / "__init__.py").write_text("")
    body = identity(f"settings={{'name': arm['name']}}, data_md5='', modules={modules}")
    (package / "bench.py").write_text(BENCH.format(body=body))
    project.claim()
    project.family("toy-rises", bench="odd.bench:OddBench")
    result = project.start()
    refused = "modules: got ('toy_numbers',); expected the modules that decide the arm's numbers, "
    assert (refused in text_of(result)) is (len(modules) == 1)
    assert result.ret == (2 if len(modules) == 1 else 0)


OTHER_LOSS = """
    def metrics(self, arm):
        return Toy.metrics(self, arm) | (
            {{"train_loss": Metric(label="squared error", {how})}} if arm["name"] == "up" else {{}}
        )
"""
NATS = "train_loss' {up} of toy up and in nats (0 to no limit) of toy plain; expected one unit"


@pytest.mark.parametrize(
    ("how", "up"),
    [
        ("unit='', low=0.0", "without a unit (0 to no limit)"),
        ("unit='nats'", "in nats (no limit to no limit)"),
        ("unit='nats', low=0.0, high=9.5", "in nats (0 to 9.5)"),
    ],
)
@pytest.mark.parametrize(
    "parts",
    [
        {"endpoint": "mean('train_loss', better='lower')"},
        {"more": "alternatives=(Alternative(name='loss', endpoint=mean('train_loss')),)"},
        {"more": "figures=(curve('F', 'train_loss'),)"},
    ],
    ids=["endpoint", "alternative", "figure"],
)
def test_arms_that_measure_one_name_in_two_units_are_not_compared(project, how, up, parts):
    """Nats minus a squared error are no gain: the claim is refused, and nothing is trained."""
    write_odd(project, OTHER_LOSS.format(how=how))
    project.claim(**parts)
    result = project.run()
    assert NATS.format(up=up) in text_of(result)
    assert result.ret == 2
    assert project.trained == []


def test_arms_whose_other_metrics_differ_are_compared(project):
    """What no claim reads of both is nobody's concern, nor is a label."""
    write_odd(project, OTHER_LOSS.format(how="unit=''"))
    assert project.run().ret == 0


BEFORE_TRAINING = {
    "no environment": (
        "    def environment(self, device): return 'cpu'",
        "bench: environment: got 'cpu'; expected an Environment(",
    ),
    "an environment that names no folder": (
        "    def environment(self, device): return Environment.named('cpu-torch0-a/b-x')",
        "got the parts ('cpu', 'torch', '0', 'a/b', 'x'); expected texts without /",
    ),
    "an environment that raises": (
        "    def environment(self, device): return {}['gpu']",
        "bench: environment: got KeyError('gpu'), raised at",
    ),
    "data that raise": (
        "    def prepare(self, arm): raise RuntimeError('no disk')",
        "bench: prepare: got RuntimeError('no disk'), raised at",
    ),
}


@pytest.mark.parametrize(("body", "said"), BEFORE_TRAINING.values(), ids=BEFORE_TRAINING)
def test_a_wrong_bench_ends_the_session_before_training(project, body, said):
    """What is asked for the session as a whole is said once, with or without --device."""
    write_odd(project, body)
    for options in ([], ["--device", "cpu"]):
        result = project.run(*options)
        assert said in text_of(result)
        assert result.ret in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.USAGE_ERROR)
        assert "INTERNALERROR" not in text_of(result)
        assert "Traceback" not in text_of(result)
        assert project.trained == []


RECORDS = {
    "no list": ("    def train(self, *a): return None", "train: got None; expected a list"),
    "no records": ("    def train(self, *a): return [1.0]", "train: got 1.0; expected a list"),
    "one seed too few": (
        "    def train(self, *a): return Toy.train(self, *a)[1:]",
        "train: got records of seeds (); expected (0,)",
    ),
    "no range": (
        changed("record.series.pop('range')"),
        "seed 0: got no series of range; expected one of every metric of metrics(arm); it holds",
    ),
    "a series of texts": (
        changed("record.series['range'] = Series(steps=(0,), values=('high',))"),
        "seed 0: range: got 'high', of type str",
    ),
    "a series that is none": (
        changed("record.series['range'] = [1.0]"),
        "seed 0: range: got [1.0]; expected Series(steps, values)",
    ),
    "measurements after the last step": (
        with_steps("steps=7"),
        "train_accuracy: got a measurement at step 8 of a record with steps=7; expected 0 to 7",
    ),
    "measurements before the first step": (
        changed("record.series['range'] = Series(steps=(-1, 5), values=(0.0, 1.0))"),
        "seed 0: range: got a measurement at step -1 of a record with steps=60",
    ),
    "histograms after the last step": (
        with_steps("histograms={'h': Histograms(steps=(99,), edges=(0.0, 1.0), counts=((1,),))}"),
        "seed 0: h: got a measurement at step 99 of a record with steps=60",
    ),
    "steps in words": (with_steps("steps='60'"), "seed 0: steps: got '60'; expected those asked"),
    "steps that differ from seed to seed": (
        with_steps("steps=60 + record.seed"),
        "toy up: got records of 60 steps (seed 0) and 61 steps (seed 1)",
    ),
    "steps that differ in a block": (
        """
    def seeds_per_job(self, arm): return 5

    def train(self, *a):
        return [replace(record, steps=60 + record.seed) for record in Toy.train(self, *a)]
""",
        "bench: train: got records of 60 steps (seed 0) and 61 steps (seed 1) and",
    ),
}


@pytest.mark.parametrize(("body", "said"), RECORDS.values(), ids=RECORDS)
def test_wrong_records_are_an_error_that_keeps_none(project, body, said):
    """They are refused before they are kept, so that no store holds half of what a claim reads."""
    write_odd(project, body)
    result = project.run()
    assert said in text_of(result)
    assert result.ret == 1
    assert project.verdicts == {"toy-rises": "ERROR"}
    assert "Traceback" not in text_of(result)
    kept = list((project.root / ".claims").glob("runs/*/*"))
    assert (kept == []) is not said.startswith("toy up: got records of")  # of several jobs


CLASHES = [
    ("--verbose", "--verbose: got a bench's option that pytest"),
    ("--store", "--store: got a bench's option that pytest"),
    ("--report-dir", "--report-dir: got a bench's option that pytest"),
    ("--flavour", "--flavour: the benches of toy_2020 and toy_2021 declare it differently"),
]


@pytest.mark.parametrize(("flag", "said"), CLASHES, ids=[flag for flag, _ in CLASHES])
def test_an_option_that_clashes_is_a_usage_error(project, flag, said):
    """With pytest's, ours, the report's or another bench's: one line, no traceback."""
    body = f"    options = classmethod(lambda cls: (BenchOption(flag={flag!r}, default=''),))"
    write_odd(project, body)
    other = project.root / "claims" / "toy_2021"
    other.mkdir()
    text = (project.folder / "family.toml").read_text()
    (other / "family.toml").write_text(text)
    project.family("toy-rises")
    result = project.start()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert said in text_of(result)
    assert "Traceback" not in text_of(result)
