"""``python -m harness.calibration``: simulate the decision rules and write the table."""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from harness.calibration.table import document, with_looks

FULL = 1_000_000


def main() -> int:
    """Write the table; return 1 where a promised rate is exceeded beyond simulation error."""
    parser = argparse.ArgumentParser(prog="python -m harness.calibration", description=__doc__)
    parser.add_argument(
        "--simulations", type=int, default=FULL, help="samples of a rate (default %(default)s)"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("reports/calibration.json"), help="(default %(default)s)"
    )
    parser.add_argument(
        "--only", choices=["looks"], help="make this part of the table at --out anew"
    )
    asked = parser.parse_args()
    if asked.simulations < 1:
        parser.error(f"--simulations: got {asked.simulations}; expected at least 1, such as 20000")
    started = time.monotonic()
    found = _found(asked)
    _write(asked.out, found)
    broken = [rate for rate in found["rates"] if rate["kept"] is False]
    print(*map(_line, broken), sep="\n", end="\n" if broken else "")
    print(
        f"{asked.out}: {len(found['rates'])} rates in {time.monotonic() - started:.0f} s, "
        f"{len(broken)} above what is promised"
    )
    return 1 if broken else 0


def _found(asked: argparse.Namespace) -> dict[str, Any]:
    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    if asked.only is None:
        return document(asked.simulations, say)
    table: dict[str, Any] = with_looks(_read(asked.out), asked.simulations, say)
    return table


def _read(path: Path) -> dict[str, Any]:
    table: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    rates = [dict(zip(table["columns"], row, strict=True)) for row in table["rates"]]
    return table | {"rates": rates}


def _write(path: Path, found: dict[str, Any]) -> None:
    """Write the table, one rate a line: the columns once, then values alone."""
    columns = list(found["rates"][0])
    lines = [json.dumps(list(rate.values()), allow_nan=False) for rate in found["rates"]]
    head = {key: value for key, value in found.items() if key != "rates"} | {"columns": columns}
    text = json.dumps(head, indent=1).removesuffix("\n}")
    rows = ",\n".join(lines)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(f'{text},\n "rates": [\n{rows}\n ]\n}}\n', encoding="utf-8")
    beside.replace(path)


def _line(rate: dict[str, Any]) -> str:
    return (
        f"{rate['rule']}, {rate['law']}, n = {rate['n']}, alpha {rate['alpha']:.3g}, "
        f"{rate['truth']}: {rate['counted']} in {rate['rate']:.3g} ({rate['low']:.3g} to "
        f"{rate['high']:.3g}), promised {rate['limit']:.3g}"
    )


if __name__ == "__main__":
    sys.exit(main())
