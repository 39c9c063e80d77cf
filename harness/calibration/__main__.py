"""``python -m harness.calibration``: simulate the decision rules and write the table."""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from harness.calibration.table import document

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
    asked = parser.parse_args()
    if asked.simulations < 1:
        parser.error(f"--simulations: got {asked.simulations}; expected at least 1, such as 20000")
    started = time.monotonic()
    found = document(asked.simulations, lambda text: print(text, file=sys.stderr, flush=True))
    _write(asked.out, found)
    broken = [rate for rate in found["rates"] if rate["kept"] is False]
    print(*map(_line, broken), sep="\n", end="\n" if broken else "")
    print(
        f"{asked.out}: {len(found['rates'])} rates in {time.monotonic() - started:.0f} s, "
        f"{len(broken)} above what is promised"
    )
    return 1 if broken else 0


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
