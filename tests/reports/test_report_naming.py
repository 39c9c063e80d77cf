"""Names out of labels: arms in captions, cells before what only they say, seeds as points."""

import pytest
from documents import a_cell, a_claim, a_document, a_hypothesis, a_log_cell, the_full_document

from reports.cards import cards
from reports.drawing.forest import panels
from reports.drawing.strips import strips
from reports.naming import by_cell
from reports.render import render


def armed(treatment, control, cell_id="", make=a_cell, **changes):
    arms = {"treatment": {"label": treatment, "settings": {}}}
    if control:
        arms["control"] = {"label": control, "settings": {}}
    return make(cell_id, arms=arms, **changes)


def caption_of(*cells):
    (panel,) = panels(list(cells))
    return panel.caption


def test_a_caption_names_the_arms_by_what_only_one_of_them_has():
    """Network and learning rate are those of both; several treatments are all named."""
    one = armed("VGG-A, l1 norm, LR 0.1", "VGG-A, BatchNorm, LR 0.1", "l1", a_log_cell)
    two = armed("VGG-A, l2 norm, LR 0.1", "VGG-A, BatchNorm, LR 0.1", "l2", a_log_cell)
    assert "is lower with l1 norm than with BatchNorm (logarithmic)" in caption_of(one)
    assert "lower with l1 norm or l2 norm than with BatchNorm" in caption_of(one, two)
    assert "to the right: higher with BatchNorm than with standard" in caption_of(a_cell())


def test_arms_that_cannot_be_named_in_one_caption_are_the_treatment():
    """Two controls on one axis, or none at all."""
    one = armed("l1 norm", "BatchNorm", "a")
    two = armed("l1 norm", "standard", "b")
    assert caption_of(one, two).endswith("higher with the treatment")
    assert caption_of(a_cell(arms=None)).endswith("higher with the treatment")


def test_a_caption_names_every_endpoint_of_its_panel():
    """Not "the endpoint" where cells measure several; of many only that they do."""

    def measured(name):
        return a_log_cell(name, endpoint={"label": name, "metric": name})

    assert "Factor by which mean and variance are lower" in caption_of(
        measured("mean"), measured("variance")
    )
    assert "what each cell measures is lower" in caption_of(*map(measured, "abcde"))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], ""),
        ([("a", "above 1"), ("b", "above 1")], "above 1"),
        ([("a", "above 1"), ("b", "above 2")], "a: above 1; b: above 2"),
        (
            [("l1, loss", "x"), ("l1, gradient", "y"), ("l2, loss", "x"), ("l2, gradient", "y")],
            "loss: x; gradient: y",
        ),
        (
            [("l1, a", "x"), ("l2, b", "x"), ("l1, b", "y"), ("odd", "y")],
            "\u201cl1, a\u201d and \u201cl2, b\u201d: x; \u201cl1, b\u201d and odd: y",
        ),
        (
            [(f"{norm}, {what}", "y" if what == "c" else "x") for norm in "12" for what in "abc"],
            "a and b: x; c: y",
        ),
    ],
)
def test_what_cells_differ_in_stands_after_their_names(texts, expected):
    """By the part that no other label has there, else one by one."""
    assert by_cell(texts) == expected


def test_bounds_and_refutations_that_differ_have_their_cells():
    """Three bounds in a row say nothing without them."""
    loss = a_cell("loss", hypothesis=a_hypothesis(bound=5.0, refuted_if="it is below 5"))
    gradient = a_cell("gradient", hypothesis=a_hypothesis(bound=2.0, refuted_if="it is below 2"))
    (card,) = cards([a_claim(cells=[loss, gradient])])
    assert card.bound == "must be loss: above 5 points; gradient: above 2 points"
    refuted = dict(card.terms)["Refuted if"]
    assert refuted == "in any one cell; loss: it is below 5; gradient: it is below 2"
    (alike,) = cards([a_claim(cells=[loss, loss | {"id": "b", "label": "b"}])])
    assert dict(alike.terms)["Refuted if"] == a_claim()["refuted_if"]


def yes_no(kind, treatment, control, **changes):
    values = {"treatment": treatment, "control": control, "gains": [1.0], "estimate": 0.6}
    side = "VGG-A, standard" if control else ""
    said = {"hypothesis": a_hypothesis(kind, 0.5), "ci": [0.5, 0.9], "ci_refute": [0.5, 0.9]}
    rest = {"ci95": [0.5, 0.9], "sensitivity": []}
    return armed("VGG-A, BatchNorm", side) | said | rest | values | changes


def test_the_share_of_two_arms_is_said_of_the_seeds_on_which_they_differ():
    """McNemar's share is no share of all seeds; that of one arm is."""
    two = yes_no("more often", [1.0, 1.0, 1.0], [0.0, 0.0, 1.0])
    assert caption_of(two) == (
        "Of the seeds on which it holds for exactly one arm, the share where that is BatchNorm"
    )
    one = yes_no("share above", [1.0, 0.0, 1.0], [])
    assert caption_of(one) == "Share of the seeds on which the statement holds"


def test_every_seed_of_a_yes_or_no_is_a_point():
    """One strip for each arm, filled where it is yes, also where no favours the claim."""
    two = strips(yes_no("more often", [1.0, None, 1.0], [0.0, 0.0, 1.0]))
    assert [(strip.arm, strip.said) for strip in two] == [
        ("BatchNorm", "yes on 2 of 2 seeds"),
        ("standard", "yes on 1 of 3 seeds"),
    ]
    assert two[0].points == ((7, True), (35, True))
    (one,) = strips(yes_no("share above", [1.0, 0.0, 0.0], [], better="lower"))
    assert (one.arm, one.said) == ("VGG-A, BatchNorm", "yes on 1 of 3 seeds")
    page = render(a_document([a_claim(cells=[yes_no("share above", [1.0, 0.0], [])])]))
    strip = page.partition('<ul class="strips">')[2].partition("</ul>")[0]
    assert (strip.count('class="yes"'), strip.count('class="no"')) == (1, 1)
    assert '<ul class="strips">' in render(the_full_document())
