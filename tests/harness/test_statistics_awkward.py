"""The statistics on awkward input: every number that a run may give, and those that none may."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from harness.errors import EvidenceError
from harness.statistics import (
    EqualGains,
    ExactShare,
    Summary,
    bca_interval,
    correlation,
    equivalence_power,
    holm_adjusted,
    mean_of,
    prediction_interval,
    root_of,
    sign_flip_p,
    signed_rank_p,
    t_power,
    welch_p,
)
from harness.statistics.many import mean_p_values, welch_p_values

NOT_FINITE = [(1.0, math.nan, 2.0, 4.0), (1.0, math.inf, 2.0, 4.0), (-math.inf, math.inf, 1.0, 2.0)]
GAINS = (1.0, 2.0, -0.5, 4.0, 2.5)
Rule = Callable[[Sequence[float]], object]

OF_GAINS: dict[str, Rule] = {
    "mean_of": mean_of,
    "prediction_interval": prediction_interval,
    "sign_flip_p": lambda gains: sign_flip_p(gains, "greater", 0),
    "signed_rank_p": lambda gains: signed_rank_p(gains, "greater", 0),
    "bca_interval": lambda gains: bca_interval(gains, 0.95, 0),
    "correlation": lambda gains: correlation(gains, gains),
    "correlation, control": lambda gains: correlation(range(len(gains)), gains),
    "mean_p_values": lambda gains: mean_p_values(np.array([gains]), 0.0),
    "welch_p_values": lambda gains: welch_p_values(np.array([gains]), np.array([gains])),
}


@pytest.mark.parametrize("gains", NOT_FINITE, ids=["NaN", "infinite", "both infinities"])
@pytest.mark.parametrize("name", OF_GAINS)
def test_what_is_not_finite_is_refused(name: str, gains: Sequence[float]) -> None:
    """Typed, never a p value: scipy's flips of a NaN have p = 0, its ranks take infinities."""
    with pytest.raises(EvidenceError, match=r"got .* expected"):
        OF_GAINS[name](gains)


@pytest.mark.parametrize("name", ["mean_of", "sign_flip_p", "signed_rank_p", "bca_interval"])
def test_no_gains_are_refused(name: str) -> None:
    """Not an error of max()."""
    with pytest.raises(EvidenceError, match=r"got \(\), expected"):
        OF_GAINS[name]([])


def test_one_gain() -> None:
    """A point, with p = 1/2 on its side: flips and ranks of one have two patterns."""
    assert mean_of([3.0]) == EqualGains(3.0, 1)
    for test in (sign_flip_p, signed_rank_p):
        assert (test([3.0], "greater", 0), test([3.0], "less", 0)) == (0.5, 1.0)
        assert (test([-3.0], "greater", 0), test([-3.0], "less", 0)) == (1.0, 0.5)
        assert test([0.0], "greater", 0) == 1.0
    assert bca_interval([3.0], 0.95, 0) is None
    assert prediction_interval([3.0]) is None
    for one in (mean_p_values, lambda row, _: welch_p_values(row, row)):
        with pytest.raises(EvidenceError, match="got n 1"):
            one(np.array([[3.0]]), 0.0)


@pytest.mark.parametrize("unit", [1e300, 1e-300, 1e-320])
def test_huge_and_tiny_gains_give_what_plain_ones_give(unit: float) -> None:
    """Squares and cubes of the numbers themselves overflow or vanish."""
    gains = [gain * unit for gain in GAINS]
    rough = 1e-3 if unit == 1e-320 else 1e-9  # denormal numbers have few digits
    plain, found = mean_of(GAINS), mean_of(gains)
    assert found.p_above(0) == pytest.approx(plain.p_above(0), rel=rough)
    assert found.interval(0.9).low / unit == pytest.approx(plain.interval(0.9).low, rel=rough)
    for test in (sign_flip_p, signed_rank_p):
        assert test(gains, "greater", 0) == test(GAINS, "greater", 0)
    drawn, expected = bca_interval(gains, 0.9, 0), bca_interval(GAINS, 0.9, 0)
    assert drawn is not None
    assert expected is not None
    assert [end / unit for end in drawn] == pytest.approx(list(expected), rel=rough)
    predicted, plainly = prediction_interval(gains), prediction_interval(GAINS)
    assert predicted is not None
    assert plainly is not None
    assert predicted.high / unit == pytest.approx(plainly.high, rel=rough)
    r, plain_r = correlation(gains, GAINS[::-1]), correlation(GAINS, GAINS[::-1])
    assert r is not None
    assert plain_r is not None
    assert r.r == pytest.approx(plain_r.r, rel=rough)


@pytest.mark.parametrize("unit", [1e300, 1e150, 1e-300])
def test_welch_does_not_depend_on_the_unit(unit: float) -> None:
    """With t = 1 / sqrt(0.02) on 8 degrees of freedom R's 2 * pt(-t, 8) is 0.000104953622."""
    first, second = (Summary(estimate=x * unit, se=0.1 * unit, n=5) for x in (1.0, 2.0))
    assert welch_p(first, second) == pytest.approx(0.000104953622)


@pytest.mark.parametrize("unit", [1.0, 1e300, 1e-300])
def test_the_twins_of_huge_and_tiny_rows_are_those_of_each_row(unit: float) -> None:
    """Beside a plain row, zeros, and one equal up to rounding, in one call."""
    rows = np.array([GAINS, [0.0] * 5, [0.3, 0.1 + 0.2, 0.3, 0.3, 0.3], [2.0, 2.0, 1.0, 1.0, 2.0]])
    rows[[0, 2]] *= unit
    above, below = mean_p_values(rows, 0.0)
    for row, over, under in zip(rows, above, below, strict=True):
        mean = mean_of(row.tolist())
        assert over == pytest.approx(mean.p_above(0.0), abs=1e-12)
        assert under == pytest.approx(mean.p_below(0.0), abs=1e-12)
    other = rows[[3, 1, 2, 0]]
    for one, two, p in zip(rows, other, welch_p_values(rows, other), strict=True):
        a, b = (
            Summary(estimate=mean.value, se=mean.se, n=5)
            for mean in (mean_of(one.tolist()), mean_of(two.tolist()))
        )
        assert p == pytest.approx(welch_p(a, b), abs=1e-12)


def test_order_does_not_matter() -> None:
    """Of gains; of pairs, as long as they stay pairs."""
    backwards = GAINS[::-1]
    assert mean_of(GAINS).p_above(0.5) == mean_of(backwards).p_above(0.5)
    for test in (sign_flip_p, signed_rank_p):
        assert test(GAINS, "less", 0) == test(backwards, "less", 0)
    one, other = (correlation(arm, sorted(arm)) for arm in (GAINS, GAINS))
    assert one == other
    shuffled = correlation([GAINS[i] for i in (4, 2, 0, 1, 3)], [i**2 for i in (4, 2, 0, 1, 3)])
    ordered = correlation(GAINS, [i**2 for i in range(5)])
    assert shuffled is not None
    assert ordered is not None
    assert shuffled.r == pytest.approx(ordered.r)


def test_ranks_tie_where_rounding_alone_tells_them_apart() -> None:
    """0.1 + 0.2 is 0.3 but for its last bit, and 0.3 - 0.2 - 0.1 is 0: R's digits.rank = 12."""
    assert signed_rank_p([0.1 + 0.2, 0.3, -0.3], "greater", 0) == 1 / 2
    assert signed_rank_p([0.3 - 0.2 - 0.1, 1.0, 2.0], "greater", 0) == 1 / 4


def test_many_ranks_are_approximated_and_agree() -> None:
    """Beyond 200 without ties: within 1e-4 of the exact p of a few fewer."""
    signed = [float(-i if i % 3 == 1 else i) for i in range(1, 251)]
    assert signed_rank_p(signed, "less", 0) > 0.999
    assert 0 < signed_rank_p(signed, "greater", 0) < signed_rank_p(signed[:190], "greater", 0)


@pytest.mark.parametrize(
    "broken", [{"estimate": math.nan}, {"estimate": math.inf}, {"se": math.nan}, {"se": math.inf},
               {"se": -1.0}, {"n": 1}]
)  # fmt: skip
def test_a_summary_of_nothing_is_refused(broken: dict[str, float]) -> None:
    """Two infinite estimates would be equal, one run's error is unknown."""
    with pytest.raises(EvidenceError, match="summary: got estimate"):
        Summary(**({"estimate": 1.0, "se": 1.0, "n": 5} | broken))  # type: ignore[arg-type]


@pytest.mark.parametrize(("yes", "n"), [(0, 0), (3, 2), (-1, 2)])
def test_a_share_of_nothing_is_refused(yes: int, n: int) -> None:
    """Before it is divided by."""
    with pytest.raises(EvidenceError, match=f"share: got {yes} of {n}"):
        ExactShare(yes, n)


def test_a_share_of_one() -> None:
    """One yes: 1 with everything from 2.5 % on; p is 1/2."""
    one = ExactShare(1, 1)
    assert one.interval(0.95) == pytest.approx((0.025, 1.0))
    assert (one.p_above(0.5), one.p_below(0.5)) == (0.5, 1.0)


@pytest.mark.parametrize("wrong", [math.nan, 1.5, -0.1, math.inf])
def test_what_is_no_p_value_is_refused(wrong: float) -> None:
    """A NaN would stay NaN and shift the others; -0.1 would become -0.2."""
    with pytest.raises(EvidenceError, match=r"Holm: got .* expected p values from 0 to 1"):
        holm_adjusted([0.5, wrong])


def test_pairs_must_be_pairs() -> None:
    """And perfect ones have an interval that is a point."""
    with pytest.raises(EvidenceError, match="got 4 and 3 values, expected pairs"):
        correlation([1, 2, 3, 4], [1, 2, 3])
    rising, falling = (
        correlation([1, 2, 3, 4], [2, 4, 6, 8]),
        correlation([1, 2, 3, 4], [4, 3, 2, 1]),
    )
    assert rising is not None
    assert falling is not None
    assert (rising.r, falling.r) == pytest.approx((1, -1))
    assert rising.ci95 == pytest.approx((1, 1))


def test_power_at_its_ends() -> None:
    """No effect: the level. Beyond 1e10 standard errors scipy's noncentral t is NaN, this is 1."""
    assert t_power(0, 10, 0.01) == pytest.approx(0.01)
    assert t_power(1e-300, 10, 0.01) == pytest.approx(0.01)
    assert [t_power(x, 10, 0.01) for x in (1e9, 1e200, math.inf)] == [1, 1, 1]
    assert [t_power(-x, 10, 0.01) for x in (1e9, 1e200, math.inf)] == [0, 0, 0]
    near, far = (t_power(shift / math.sqrt(2), 2, 1e-4) for shift in (9_999.0, 10_001.0))
    assert near < far < 1  # n = 2: P(|Z2| < shift / t), t = 3183.0988
    assert far == pytest.approx(math.erf(10_001 / 3183.0988 / math.sqrt(2)), rel=1e-7)
    assert far - near == pytest.approx(0, abs=1e-5)


def test_power_of_equivalence_at_its_ends() -> None:
    """A probability whatever the margin; none without one."""
    assert equivalence_power(0, math.inf, 10, 0.01) == pytest.approx(1)
    assert equivalence_power(0, 0.2, 10_000, 0.002) <= 1
    assert [equivalence_power(0, margin, 10, 0.01) for margin in (0, -1)] == [0, 0]
    assert equivalence_power(3, 1, 10, 0.01) < 1e-6


@pytest.mark.parametrize(
    "asked",
    [
        lambda: t_power(1, 1, 0.01),
        lambda: t_power(math.nan, 10, 0.01),
        lambda: equivalence_power(0, 1, 1, 0.01),
        lambda: equivalence_power(math.nan, 1, 10, 0.01),
        lambda: equivalence_power(0, math.nan, 10, 0.01),
    ],
    ids=["t, n = 1", "t, NaN", "equivalence, n = 1", "effect NaN", "margin NaN"],
)
def test_power_of_nothing_is_refused(asked: Callable[[], float]) -> None:
    """One seed has no t test, and NaN no power."""
    with pytest.raises(EvidenceError, match="power: got n"):
        asked()


def test_roots() -> None:
    """Where it crosses, however far; 0 where it is above from the start; or refused."""
    assert root_of(lambda x: x - 5) == pytest.approx(5)
    assert root_of(lambda x: x - 1e12) == pytest.approx(1e12)
    assert root_of(lambda x: x + 1) == 0
    with pytest.raises(EvidenceError, match="stays below 0"):
        root_of(lambda _: -1.0)
