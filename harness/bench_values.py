"""Is what a bench hands over what its protocol says? Asked of each arm once, and of each record."""

import json
import math
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from numbers import Real

from harness.bench import Arm, Bench, Environment, Identity, Metric
from harness.errors import BenchError, ClaimError
from harness.records import RunRecord, Series


def make_bench(kind: type[Bench], scale: str, options: Mapping[str, str]) -> Bench:
    """Return an instance of a bench. Raises BenchError where it raises anything but ClaimError."""
    with _said_of(kind.__name__):
        made: Bench = kind(scale=scale, options=options)  # type: ignore[call-arg]
        return made


def prepare(bench: Bench, arm: Arm) -> None:
    """Let the bench check an arm's data. Raises DataError; BenchError as ``make_bench``."""
    with _said_of("prepare"):
        bench.prepare(arm)


@contextmanager
def _said_of(method: str) -> Iterator[None]:
    """Turn what a bench raises outside of any test into a line that says where."""
    try:
        yield
    except ClaimError:
        raise
    except Exception as error:  # a bench may raise anything
        last = traceback.extract_tb(error.__traceback__)[-1]
        raise BenchError(
            f"bench: {method}: got {error!r}, raised at {last.filename}:{last.lineno}; expected "
            "none, or an error of harness.errors for what a user can mend"
        ) from error


def checked_environment(bench: Bench, device: str) -> Environment:
    """Return the environment of a device. Raises BenchError for what names no folder."""
    with _said_of("environment"):
        found: object = bench.environment(device)
    if not isinstance(found, Environment):
        raise BenchError(
            f"bench: environment: got {found!r}; expected an Environment(device_kind=..., "
            "version=..., precision=..., engine=...)"
        )
    parts = (found.device_kind, found.library, found.version, found.precision, found.engine)
    if not all(isinstance(part, str) for part in parts) or "/" in found.name:
        raise BenchError(
            f"bench: environment: got the parts {parts}; expected texts without /, as they name a "
            "folder of the store"
        )
    return found


def checked_identity(bench: Bench, arm: Arm) -> Identity:
    """Return an arm's identity, once all that the bench says of the arm is what it should be.

    Raises BenchError; ArmError where the bench cannot build the arm.
    """
    found: object = bench.identity(arm)
    if not isinstance(found, Identity) or not isinstance(found.settings, Mapping):
        raise BenchError(
            f"bench: identity: got {found!r}; expected Identity(settings={{...}}, data_md5=..., "
            "modules=(...,))"
        )
    for key, value in found.settings.items():
        if not isinstance(key, str) or not _is_json(value):
            raise BenchError(
                f"bench: identity: settings: got {key!r}: {value!r}, of type "
                f"{type(value).__name__}; expected what strict JSON has: text, finite numbers, "
                "True, False, None, and lists and tables of these"
            )
    modules = found.modules
    if not isinstance(modules, tuple | list) or not _are_texts(modules, found.data_md5):
        raise BenchError(
            f"bench: identity: got data_md5 {found.data_md5!r} and modules {modules!r}; expected a "
            'text and a tuple of dotted names, as in ("models.vgg",)'
        )
    _check_retrains(bench, modules)
    _check_said_of(bench, arm)
    return found


def _check_retrains(bench: Bench, modules: Sequence[str]) -> None:
    """Refuse modules that leave the bench's own code out: changed, it would not be trained again.

    A bench that lies in a package has one of that package among them; one in a module of its own
    may name others instead.
    """
    own = type(bench).__module__
    package, dot, _ = own.partition(".")
    if modules and (not dot or any(name.partition(".")[0] == package for name in modules)):
        return
    among = f", one of package {package} among them" if dot else ""
    raise BenchError(
        f"bench: identity: modules: got {tuple(modules)!r}; expected the modules that decide the "
        f"arm's numbers{among}: runs are trained again where their code changes, and no other's; "
        f'name at least the bench\'s own, as in ("{own}",)'
    )


def _check_said_of(bench: Bench, arm: Arm) -> None:
    label, cost, block = bench.describe(arm), bench.estimate_s(arm), bench.seeds_per_job(arm)
    if not isinstance(label, str) or not label:
        raise BenchError(f"bench: describe: got {label!r} of {arm}; expected a few words")
    if not isinstance(cost, Real) or not 0 <= cost < math.inf:
        raise BenchError(f"bench: estimate_s: got {cost!r} of {label}; expected seconds")
    if not isinstance(block, int) or isinstance(block, bool) or block < 1:
        raise BenchError(f"bench: seeds_per_job: got {block!r} of {label}; expected 1 or more")
    metrics: object = bench.metrics(arm)
    if not isinstance(metrics, Mapping):
        raise BenchError(
            f'bench: metrics: got {metrics!r} of {label}; expected {{"train_loss": Metric(...)}}'
        )
    for name, metric in metrics.items():
        if not isinstance(name, str) or not isinstance(metric, Metric):
            raise BenchError(
                f"bench: metrics: got {name!r}: {metric!r} of {label}; expected a name and a "
                "Metric(label=..., unit=...)"
            )


def check_deviations(bench: Bench, arm: Arm, metric: str) -> None:
    """Raise BenchError unless the deviations of an arm's metric are a tuple of texts."""
    found: object = bench.deviations(arm, metric)
    if not isinstance(found, tuple | list) or not _are_texts(found):
        raise BenchError(
            f"bench: deviations: got {found!r} of {bench.describe(arm)}, {metric}; expected a "
            'tuple of sentences, as in ("digits instead of CIFAR-10",); () for none'
        )


def _is_json(value: object) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _are_texts(texts: Iterable[object], *more: object) -> bool:
    return all(isinstance(text, str) for text in (*texts, *more))


def check_records(found: object, seeds: tuple[int, ...], metrics: Iterable[str]) -> None:
    """Raise BenchError unless ``train`` has returned a whole record of each seed, in order."""
    records = tuple(_records(found))
    got = tuple(record.seed for record in records)
    if got != seeds or not all(type(seed) is int for seed in got):
        raise BenchError(f"bench: train: got records of seeds {got}; expected {seeds}")
    for record in records:
        _check_record(record, metrics)
    steps = same_steps(records)
    if steps is not None:
        raise BenchError(f"bench: train: got records of {steps}")


def same_steps(records: Sequence[RunRecord]) -> str | None:
    """Return what is wrong with the steps of an arm's records, None where they are the same."""
    lengths = {record.steps: record.seed for record in records}
    if len(lengths) < 2:
        return None
    each = " and ".join(f"{steps} steps (seed {seed})" for steps, seed in lengths.items())
    return f"{each}; expected one number of steps for every seed of an arm, as phases are shares"


def _records(found: object) -> Iterator[RunRecord]:
    for part in found if isinstance(found, tuple | list) else [found]:
        if not isinstance(part, RunRecord):
            raise BenchError(f"bench: train: got {part!r}; expected a list of RunRecord")
        yield part


def _check_record(record: RunRecord, metrics: Iterable[str]) -> None:
    where = f"bench: train: seed {record.seed}"
    lacking = sorted({*metrics} - {*record.series})
    if lacking:
        raise BenchError(
            f"{where}: got no series of {', '.join(lacking)}; expected one of every metric of "
            f"metrics(arm); it holds {', '.join(sorted(record.series)) or 'none'}"
        )
    if type(record.steps) is not int or record.steps < 1:
        raise BenchError(
            f"{where}: steps: got {record.steps!r}; expected those asked for, 1 or more"
        )
    for name, series in record.series.items():
        if not isinstance(series, Series):
            raise BenchError(f"{where}: {name}: got {series!r}; expected Series(steps, values)")
        odd = [v for v in series.values if not isinstance(v, Real)]
        odd += [step for step in series.steps if type(step) is not int]
        if odd:
            raise BenchError(
                f"{where}: {name}: got {odd[0]!r}, of type {type(odd[0]).__name__}; expected steps "
                "that are whole numbers and values that are numbers (float(x), int(x))"
            )
    steps = {name: series.steps for name, series in record.series.items()}
    steps |= {name: counted.steps for name, counted in record.histograms.items()}
    for name, measured in steps.items():
        _check_steps(f"{where}: {name}", measured, record.steps)


def _check_steps(where: str, measured: Sequence[int], steps: int) -> None:
    """Refuse measurements outside of training: a phase is a share of the record's steps."""
    outside = [step for step in measured if not 0 <= step <= steps]
    if outside:
        raise BenchError(
            f"{where}: got a measurement at step {outside[0]} of a record with steps={steps}; "
            f"expected 0 to {steps}: count from 0, and let steps be how many were asked for"
        )
