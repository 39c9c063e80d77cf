"""Numbers in the texts of a page are written one way, whoever wrote the text."""

import pytest
from documents import a_claim, a_document

from reports.formats import MINUS, NARROW
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
