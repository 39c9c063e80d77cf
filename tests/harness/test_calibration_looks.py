"""What is simulated of claims with looks is the boundary that they have, and it keeps alpha."""

import itertools
import json

import numpy as np
import pytest

from harness.calibration import __main__ as command
from harness.calibration import looks, table
from harness.calibration.laws import LAWS
from harness.declarations.hypotheses import Above, Equivalent, MoreOften
from harness.declarations.spending import looks_at
from harness.verdicts.decision import decide
from harness.verdicts.sequential import follow
from harness.words import Verdict

WORD = {1: Verdict.SUPPORTED, -1: Verdict.REFUTED, 0: Verdict.INCONCLUSIVE}


@pytest.mark.parametrize("hypothesis", [Above(0.0), Equivalent(1.5, because="x")], ids=str)
def test_many_samples_stop_where_one_does(hypothesis):
    """Row by row: the verdict and the seeds that following the looks gives."""
    gains = np.random.default_rng(5).normal(0.6, 1.0, (120, 16))
    verdict, seeds = looks.stopped(looks._at_each_look(gains, hypothesis), 0.05)
    levels = looks_at(looks.LOOKS, 0.05)
    for row, word, n in zip(gains, verdict, seeds, strict=True):
        said = [decide(row[: look.n], hypothesis, look.alpha).verdict for look in levels]
        at = follow(("",), 3, lambda _, k, said=said: said[k]).at[""]
        assert (WORD[int(word)], int(n)) == (said[at], levels[at].n)
    assert len(set(seeds)) == 3
    assert len(set(verdict)) > 1


@pytest.fixture(scope="module")
def found():
    """Return the rates and the seeds of the laws for which something is promised."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "LAWS", [law for law in LAWS if law.guaranteed])
        return table.of_looks(20_000)


def test_no_error_is_more_frequent_than_alpha_over_all_looks(found):
    """Above and not below, equivalent, yes/no, several cells; normal gains and heavy tails."""
    rates, _ = found
    assert [rate for rate in rates if rate.kept is False] == []
    assert {rate.rule.partition(",")[0] for rate in rates} == {
        "above", "equivalent", "more often", "share above 0.5", "share above 0.9",
        "claim of 4 cells",
    }  # fmt: skip
    assert {rate.counted for rate in rates} == {"falsely SUPPORTED", "falsely REFUTED"}


def test_most_of_alpha_is_used(found):
    """The union bound costs little: eight tenths of 0.05 with normal gains."""
    rates, _ = found
    at_bound = [
        r for r in rates
        if r.rule.startswith("above") and (r.law, r.alpha) == ("normal", 0.05)
    ]  # fmt: skip
    assert len(at_bound) == 2
    for rate in at_bound:
        assert 0.75 * 0.05 < rate.rate < 0.05


def test_stopping_early_saves_seeds_where_the_effect_is_large(found):
    """At equal power and 1.5 SD two seeds of fifteen on average; at 1 SD none."""
    _, seeds = found
    by = {(s.rule.partition(",")[0], s.law, round(s.alpha, 4), s.truth): s for s in seeds}
    large = by["above", "normal", 0.0019, "1.5 SD above the bound"]
    assert large.power == pytest.approx(0.98, abs=0.02)
    assert large.fixed - large.seeds > 1.5
    small = by["above", "normal", 0.0019, "1 SD above the bound"]
    assert abs(small.fixed - small.seeds) < 0.7


def test_the_fixed_number_of_equal_power_lies_between_whole_ones():
    """Half the way from 0.4 at n = 5 to 0.8 at n = 6 is 5.5; none beyond the last."""
    powers = dict(zip(looks.FIXED, [0.1, 0.2, 0.4, 0.8, *[0.9] * 18], strict=True))
    assert looks._fixed(powers, 0.6) == pytest.approx(5.5)
    assert looks._fixed(powers, 0.05) == 3.0
    assert looks._fixed(powers, 0.95) is None


def test_yes_or_no_rates_are_those_of_every_sequence():
    """All 2^10 sequences of ten discordant seeds, looked at after 6, 8 and 10."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(looks, "LOOKS", (6, 8, 10))
        rates = looks._followed(MoreOften(), {1.0: 0.5, -1.0: 0.5, 0.0: 0.0}, 0.3)
        levels = looks_at((6, 8, 10), 0.3)
    words = {
        (n, up): decide([1.0] * up + [-1.0] * (n - up), MoreOften(), look.alpha).verdict
        for look in levels
        for n in [look.n]
        for up in range(n + 1)
    }
    supported = 0
    for sequence in itertools.product((0, 1), repeat=10):
        said = [words[look.n, sum(sequence[: look.n])] for look in levels]
        first = next((word for word in said if word is not Verdict.INCONCLUSIVE), None)
        supported += first is Verdict.SUPPORTED
    assert supported > 0
    assert rates[Verdict.SUPPORTED] == pytest.approx(supported / 2**10)


def test_the_part_about_looks_is_made_alone_and_joins_the_rest(tmp_path, monkeypatch):
    """--only looks keeps every other rate, and refuses a table that was made otherwise."""
    monkeypatch.setattr(table, "LAWS", LAWS[:1])
    monkeypatch.setattr(table, "SEEDS", ())
    monkeypatch.setattr(looks, "yes_or_no", lambda alpha: iter(()))
    path = tmp_path / "calibration.json"
    arguments = ["calibration", "--simulations", "200", "--out", str(path)]
    monkeypatch.setattr("sys.argv", arguments)
    command.main()
    whole = json.loads(path.read_text())
    assert [r for r in whole["rates"] if str(r[0]).endswith(looks.NAME)]
    monkeypatch.setattr("sys.argv", [*arguments, "--only", "looks"])
    command.main()
    assert json.loads(path.read_text()) == whole
    path.write_text(json.dumps(whole | {"numpy": "0.1"}))
    with pytest.raises(ValueError, match=r"got a table made with numpy 0\.1; expected"):
        command.main()
