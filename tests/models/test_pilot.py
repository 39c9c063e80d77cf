"""The rules that fix desk settings."""

import math

import pytest

from models.pilot import chosen_rates, thirds_pct


def test_thirds_count_a_diverged_step_as_chance():
    """Planted mistake 11: a NaN must not drop out of a mean."""
    assert thirds_pct([10, 20, 30, 40, math.nan, 60]) == pytest.approx((15, 35, 35))


def test_the_base_rate_is_the_best_and_the_high_one_the_first_to_fail():
    """Rates that fail below the best do not count."""
    grid = {
        0.01: [10, 11],
        0.05: [60, 62],
        0.1: [70, 71],
        0.2: [50, 12],
        0.5: [10, 11],
        1.0: [10, 10],
    }
    assert chosen_rates(grid) == (0.1, 0.5)


def test_a_tie_goes_to_the_larger_rate():
    """Within a point, which seeds cannot tell apart."""
    assert chosen_rates({0.05: [70.4], 0.1: [70.3], 0.2: [40]}) == (0.1, None)
