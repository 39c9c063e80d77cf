"""The commands that run pytest: ``claims programme`` on a card, ``claims evidence`` of a store."""

import argparse
from pathlib import Path
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_programme(commands: Commands) -> None:
    """Add ``claims programme``."""
    programme = commands.add_parser(
        "programme",
        allow_abbrev=False,
        help="on a card: smoke test, benchmark, studies, claims, in slices that go on",
        epilog="Other arguments go on to pytest, such as --data-dir DIR.",
    )
    programme.add_argument("--out", type=Path, required=True, metavar="DIR", help="for all results")
    programme.add_argument(
        "--from", dest="restore", type=Path, metavar="DIR", help="an earlier slice's (default: out)"
    )
    programme.add_argument("--store", type=Path, default=Path(".claims"), metavar="DIR")
    programme.add_argument("--minutes", type=float, default=9.5, help="(default: %(default)s)")
    programme.add_argument(
        "--last-job",
        type=float,
        default=330.0,  # two seeds of 15,000 steps in fp32: estimated at 230 to 330 s on an H200
        metavar="SECONDS",
        help="begin no job of a paper's claims in the last so many seconds (default: %(default)s)",
    )
    programme.add_argument(
        "--last-study-job",
        type=float,
        default=60.0,  # a tenth of those steps, and a start
        metavar="SECONDS",
        help="begin no job of a study in the last so many seconds (default: %(default)s)",
    )
    programme.add_argument(
        "--keep-going",
        action="store_true",
        help="past a part that failed; exits with 1 all the same, once there is no more to do",
    )
    programme.add_argument("--scale", default="paper", help="(default: %(default)s)")
    programme.add_argument("--device", default="cuda", help="(default: %(default)s)")
    programme.add_argument("--workers", type=int, default=4, help="(default: %(default)s)")
    programme.add_argument("--parts", nargs="+", metavar="PART", help="(default: all)")
    programme.add_argument("--environment", metavar="NAME", help="whose runs are kept")
    programme.set_defaults(run=_programme)


def add_evidence(commands: Commands) -> None:
    """Add ``claims evidence``."""
    evidence = commands.add_parser(
        "evidence",
        allow_abbrev=False,
        help="judge a store, train nothing, and write a folder that can be committed",
        epilog="Other arguments go on to pytest, such as --full, which judges studies, too.",
    )
    evidence.add_argument("--out", type=Path, required=True, metavar="DIR")
    evidence.add_argument("--store", type=Path, default=Path(".claims"), metavar="DIR")
    evidence.add_argument(
        "--from", dest="restore", type=Path, metavar="DIR", help="what `claims programme` has left"
    )
    evidence.add_argument(
        "--family",
        action="append",
        default=[],
        metavar="NAME",
        help="name or path, once or more (default: every paper with runs; studies by --full)",
    )
    evidence.add_argument("--scale", default="paper", help="(default: %(default)s)")
    evidence.add_argument("--environment", metavar="NAME", help="(default: the store's only one)")
    evidence.add_argument("--with-runs", action="store_true", help="keep the runs, too")
    evidence.set_defaults(run=_evidence)


def _programme(options: argparse.Namespace) -> int:
    from tempfile import TemporaryDirectory

    from reports.programme.parts import PARTS, Task
    from reports.programme.slices import Slice, run

    with TemporaryDirectory(prefix="claims-programme-") as pages:
        task = Task(
            root=Path.cwd(),
            store=options.store.resolve(),
            pages=Path(pages),
            scale=options.scale,
            device=options.device,
            workers=options.workers,
            last_job_s=options.last_job,
            last_study_job_s=options.last_study_job,
            pytest_args=tuple(options.pytest_args),
        )
        asked = Slice(
            out=options.out,
            restore=options.restore or options.out,
            minutes=options.minutes,
            task=task,
            parts=tuple(options.parts or PARTS),
            environment=options.environment,
            keep_going=options.keep_going,
        )
        return run(asked)


def _evidence(options: argparse.Namespace) -> int:
    from reports.programme.evidence import Asked, make

    asked = Asked(
        root=Path.cwd(),
        store=options.store,
        restore=options.restore,
        out=options.out,
        scale=options.scale,
        environment=options.environment,
        with_runs=options.with_runs,
        families=tuple(options.family),
        pytest_args=tuple(options.pytest_args),
    )
    made = make(asked)
    for line in made.left_out:
        print(f"left out: {line}")
    print(made.page)
    return 0
