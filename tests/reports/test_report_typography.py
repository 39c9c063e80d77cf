"""Numbers in the texts of a page are written one way, whoever wrote the text."""

import pytest
from documents import a_claim, a_document

from reports.formats import MINUS, NARROW
from reports.naming import metric_names
from reports.render import render
from reports.typography import typeset


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in 40% and 95 % of", f"in 40{NARROW}% and 95{NARROW}% of"),
        ("100 % -5", f"100{NARROW}% {MINUS}5"),
        ("below -2 points, (-0.5, -.25)", f"below {MINUS}2 points, ({MINUS}0.5, {MINUS}.25)"),
        ("p = 6.7e-16, LR 1e-06", f"p = 6.7e{MINUS}16, LR 1e{MINUS}6"),
        ("15,000 of 5,000 steps", f"15{NARROW}000 of 5000 steps"),
        ("1,234,567", f"1{NARROW}234{NARROW}567"),
        ("on 2026-11-28, seeds 0-9, theorem-4-1, VGG-19, --lr-0", None),
        ("(1,200,3) and 0,123 and 12,34 and x,100", None),
        ("4 - 3, a -b, torch2.13.0-fp32", None),
    ],
)
def test_minus_thousands_and_per_cent_have_one_form(text, expected):
    """Dates, ranges, names and options are no negative numbers, and lists no thousands."""
    assert typeset(f"<p>{text}</p>") == f"<p>{expected or text}</p>"


def test_code_and_attributes_are_left_as_they_are():
    """A command is there to be copied; coordinates are no texts."""
    page = '<style>a { margin: -1em 5 % }</style><code>x -5 1e-6</code><path d="M-3 -6.5 %"/>'
    assert typeset(page) == page
    runs = "<pre class='x'>batch-s3-3f9e-1, -5\n10 %</pre>"
    assert typeset(runs) == runs


def test_a_claims_own_words_are_written_so_on_its_card():
    """The statement and the reason come from elsewhere and read like the rest."""
    claim = a_claim(statement="At 1e-06 over 15,000 steps at least 5 % above -2.", reason="In 40%.")
    page = render(a_document([claim]))
    assert f"At 1e{MINUS}6 over 15{NARROW}000 steps at least 5{NARROW}% above {MINUS}2." in page
    assert f"In 40{NARROW}%." in page
    assert "pytest claims/ --scale desk -n 2</code>" in page


NAMES = {"train_accuracy": "training accuracy & more", "train": "none"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("passed 95 in train_accuracy.", "passed 95 in training accuracy &amp; more."),
        ("(train_accuracy)", "(training accuracy &amp; more)"),
        ("claims/train_accuracy.py, --train_accuracy, train_accuracy_2, my-train_accuracy", None),
        ("trained", None),
    ],
)
def test_a_key_in_a_sentence_is_called_by_its_name(text, expected):
    """A path, an option and a longer word are no key; neither is code."""
    assert typeset(f"<p>{text}</p>", NAMES) == f"<p>{expected or text}</p>"
    code = "<code>train_accuracy</code><a title='train_accuracy'></a>"
    assert typeset(code, NAMES) == code


def test_sentences_of_a_page_say_what_a_metric_is_called():
    """A precondition names the metric by its key; the reader sees the endpoint's label."""
    claim = a_claim(reason="the control does not pass 95 in train_accuracy in every seed.")
    claim["cells"][0]["endpoint"] |= {
        "metric": "train_accuracy", "label": "accuracy of the batch",
        "text": "mean of accuracy of the batch over all of training",
    }  # fmt: skip
    claim["figures"] = []
    page = render(a_document([claim]))
    assert "does not pass 95 in accuracy of the batch in every seed" in page


def test_a_sweep_names_no_metric():
    """Its endpoint is called by what it makes of the metric."""
    text = "decades at which the mean of accuracy is at least 30"
    cell = {"endpoint": {"metric": "train_accuracy", "label": "range of the rate", "text": text}}
    assert metric_names([{"figures": [], "cells": [cell, {"endpoint": None}]}]) == {}
    drawn = [{"kind": "sweep", "metric": "a_b", "label": "share of the seeds"},
             {"kind": "curve", "metric": "a_b", "label": "what a_b is"},
             {"kind": "curve", "metric": "loss", "label": "the loss"}]  # fmt: skip
    assert metric_names([{"figures": drawn, "cells": [cell]}]) == {"a_b": "what a_b is"}
