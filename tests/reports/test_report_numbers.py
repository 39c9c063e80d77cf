"""Numbers as text: rounding, factors, signs, dates."""

import itertools
import math

import pytest

from reports import formats, gain
from reports.drawing import ticks

MINUS, TIMES, NARROW = formats.MINUS, formats.TIMES, formats.NARROW
POINTS = gain.scale_of("identity", "%", "above")
FACTOR = gain.scale_of("log", "", "above")
SHARE = gain.scale_of("identity", "", "more often")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (-0.0, "0"),
        (3.14159, "3.14"),
        (-2.5, f"{MINUS}2.50"),
        (1234.5, "1234"),
        (123456.0, f"123{NARROW}456"),
        (1e-9, f"1.00e{MINUS}9"),
        (2.5e30, "2.50e30"),
        (None, formats.NOTHING),
        (math.nan, formats.NOTHING),
        (math.inf, formats.NOTHING),
        (True, formats.NOTHING),
    ],
)
def test_numbers_keep_three_digits(value, expected):
    """Three significant digits, a true minus sign, a dash for what is undefined."""
    assert formats.number(value) == expected


def test_what_rounds_to_zero_has_no_sign():
    """Neither -0.0 nor +0.0 is shown."""
    assert formats.number(-0.04, decimals=1) == "0.0"
    assert formats.signed(0.04, decimals=1) == "0.0"
    assert formats.signed(0.06, decimals=1) == "+0.1"


@pytest.mark.parametrize(
    ("p", "expected"),
    [(0.00009, "p < 0.0001"), (0.0, "p < 0.0001"), (0.0001, "p = 0.00010"), (0.5, "p = 0.50"),
     (1.0, "p = 1.0"), (None, formats.NOTHING)],
)  # fmt: skip
def test_p_values(p, expected):
    """Small ones are only said to be small."""
    assert formats.p_value(p) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.42, "0.42 s"), (59, "59 s"), (440, "7 min"), (3600, "1 h"), (3900, "1 h 5 min"),
     (None, formats.NOTHING)],
)  # fmt: skip
def test_durations(seconds, expected):
    """As a reader says them."""
    assert formats.duration(seconds) == expected


def test_times_and_dates():
    """ISO in, words out; other text stays."""
    assert formats.moment("2026-11-20T19:00:00+00:00") == "20 November 2026, 19:00 UTC"
    assert formats.day("2026-11-01") == "1 November 2026"
    assert formats.moment("2026-11-01") == "1 November 2026"
    assert formats.day("yesterday") == "yesterday"
    assert formats.day(None) == formats.NOTHING


@pytest.mark.parametrize(
    ("share", "digits", "expected"),
    [
        (1, 4, "100"),
        (0.9996, 4, "99.96"),
        (0.9996, 3, "99.96"),
        (0.9999, 4, "99.99"),
        (0.99996, 4, "99.996"),
        (0.999996, 4, "99.9996"),
        (1 - 2e-9, 4, "99.9999998"),
        (1 - 1e-14, 4, "99.999999999"),
        (0.9999, 2, "99.99"),
        (0.996154, 4, "99.62"),
        (1.2, 4, "120"),
        (0.0, 4, "0"),
    ],
)
def test_what_is_not_all_of_it_does_not_read_100_per_cent(share, digits, expected):
    """Such as the level of an interval: none holds the truth for certain."""
    assert formats.percent(share, digits=digits) == f"{expected}{NARROW}%"


def test_a_difference_of_percentages_is_in_points():
    """The width of the interval sets the decimals."""
    assert POINTS.with_unit(23.94, width=3.7) == "+23.9 points"
    assert POINTS.with_unit(12.04, width=12.6) == "+12.0 points"
    assert POINTS.interval((5.981, 18.64)) == "+6.0 to +18.6 points"
    assert POINTS.interval((-1.0, 2.44)) == f"{MINUS}1.0 to +2.4 points"
    assert gain.bound_text(POINTS, {"kind": "above", "bound": 5.0}) == "above 5 points"
    assert (
        gain.bound_text(POINTS, {"kind": "equivalent", "bound": 2.0})
        == "within 2 points either way"
    )


def test_a_margin_is_said_in_the_direction_of_what_is_measured_too():
    """A gain is turned so that right is what the paper says: a loss of it may be a rise."""
    points, pure = gain.scale_of(None, "%", None), gain.scale_of("identity", "", None)
    cell = {"hypothesis": {"kind": "not below", "bound": -2.0}, "better": "higher"}
    assert gain.bound_of(cell, points) == (
        f"not below {formats.MINUS}2 points (at most 2 points lower)"
    )
    turned = cell | {"better": "lower"}
    assert gain.bound_of(turned, pure) == f"not below {formats.MINUS}2 (at most 2 higher)"
    above = turned | {"hypothesis": {"kind": "above", "bound": -2.0}}
    assert gain.bound_of(above, pure) == f"above {formats.MINUS}2"
    factor = gain.scale_of("log", "", None)
    assert "at most" not in gain.bound_of(turned, factor)
    assert "at most" not in gain.bound_of(cell | {"better": None}, pure)


def test_a_small_factor_is_said_by_its_reciprocal():
    """0.00727 times hides how much less it is; what was chosen, such as a bound, stays."""
    assert formats.factor(math.log(0.00727)) == f"1/138{formats.TIMES}"
    assert formats.factor(math.log(0.5)) == f"0.500{formats.TIMES}"
    assert formats.factor(math.log(0.01), chosen=True) == f"0.01{formats.TIMES}"
    assert formats.factor(-800.0) == f"0{formats.TIMES}"


def test_a_log_gain_is_a_factor():
    """Log 1.25 is shown as 1.25 times, and its ends too."""
    assert gain.bound_text(FACTOR, {"kind": "above", "bound": math.log(1.25)}) == (
        f"above 1.25{TIMES}"
    )
    assert FACTOR.interval((math.log(2), math.log(8))) == f"2.00{TIMES} to 8.00{TIMES}"
    assert gain.bound_text(FACTOR, {"kind": "equivalent", "bound": math.log(1.5)}) == (
        "within a factor of 1.5"
    )
    assert FACTOR.text(5000.0) == f"over 10{TIMES}10^307"


def test_a_share_is_in_per_cent_of_the_seeds():
    """Yes or no claims are about seeds."""
    assert SHARE.with_unit(0.9) == f"90{NARROW}%"
    assert SHARE.interval((0.53505, 1.0)) == f"53.5{NARROW}% to 100{NARROW}%"
    assert gain.bound_text(SHARE, {"kind": "more often", "bound": 0.5}) == (
        f"above 50{NARROW}% of the seeds that differ"
    )


@pytest.mark.parametrize("pair", [None, [], [1.0], [None, 1.0], [math.nan, 1.0], "ab"])
def test_an_interval_without_two_ends_is_none(pair):
    """Anything else is not drawn."""
    assert gain.span_of(pair) is None


@pytest.mark.parametrize("low", [-1e6, -3.7, 0.0, 1e-7])
@pytest.mark.parametrize("span", [1e-6, 0.013, 7.0, 4e8])
def test_linear_ticks_are_few_round_and_inside(low, span):
    """Between two and eight, evenly spaced, all on the axis."""
    axis = ticks.Axis(low=low, high=low + span)
    values = ticks.linear_values(axis)
    assert 2 <= len(values) <= 8
    assert all(-1e-6 <= axis.share(value) <= 1 + 1e-6 for value in values)
    steps = [b - a for a, b in itertools.pairwise(values)]
    assert max(steps) == pytest.approx(min(steps), rel=1e-3)


@pytest.mark.parametrize("decades", [0.1, 0.4, 0.9, 1.5, 2.5, 4, 12])
def test_log_ticks_are_round_factors(decades):
    """From a tenth of a decade to a dozen."""
    axis = ticks.Axis(low=math.log(0.7), high=math.log(0.7) + decades * math.log(10))
    values = ticks.log_values(axis)
    assert 1 <= len(values) <= 9
    assert all(0 <= axis.share(value) <= 1 for value in values)


def test_ticks_do_not_crowd():
    """A tick whose text would touch the one before is left out."""
    axis = ticks.Axis(low=0.0, high=1.0)
    kept = ticks.ticks(axis, [0.1, 0.12, 0.5], str)
    assert [tick.text for tick in kept] == ["0.1", "0.5"]


def test_a_tick_at_the_end_gives_way_to_the_next():
    """Its long text is turned inwards: it is left out, and the even ones stay."""
    axis = ticks.Axis(low=0.0, high=1.0)
    names = {0.03: "0.0001x", 0.2: "0.001x", 0.5: "0.01x", 0.98: "0.1x"}
    kept = ticks.ticks(axis, list(names), names.__getitem__)
    assert [(tick.text, tick.anchor) for tick in kept] == [
        ("0.001x", "middle"), ("0.01x", "middle"), ("0.1x", "end"),
    ]  # fmt: skip


def test_an_axis_copes_with_one_value_and_with_none():
    """It always has an extent."""
    assert ticks.axis_over([3.0, 3.0]).low < 3.0 < ticks.axis_over([3.0, 3.0]).high
    assert ticks.axis_over([0.0]).high > 0.0
    assert ticks.axis_over([]) == ticks.Axis(low=0.0, high=1.0)
