"""One arm has one colour and marker on every card, whatever its role there is."""

from documents import a_cell, a_claim, a_figure, a_ridge

from reports.cards import cards
from reports.drawing.palette import STYLES, palette_of


def a_line(label, role):
    return a_figure()["lines"][0] | {"label": label, "role": role}


def a_comparison(slug, treatment, control, *others, **changes):
    labels = {"treatment": treatment, "control": control}
    arms = {role: {"label": label, "settings": {}} for role, label in labels.items()}
    lines = [a_line(label, role) for role, label in labels.items()]
    lines += [a_line(label, "other") for label in others]
    figure = a_figure(lines=lines, **changes)
    return a_claim(slug, cells=[a_cell(arms=arms)], figures=[figure])


def styles_of(claims):
    return [
        {trace.label: trace.style for trace in figure.traces}
        for card in cards(claims)
        for figure in card.figures
    ]


def test_an_arm_looks_alike_as_treatment_as_control_and_beside_others():
    """With another network or learning rate too: those are parts that both sides have."""
    claims = [
        a_comparison("one", "VGG-A, BatchNorm, LR 0.1", "VGG-A, no norm, LR 0.1", paper=[]),
        a_comparison("two", "DLN, l1 norm, LR 0.5", "DLN, BatchNorm, LR 0.5", "no norm", paper=[]),
    ]
    first, second = styles_of(claims)
    assert second["DLN, BatchNorm, LR 0.5"] == first["VGG-A, BatchNorm, LR 0.1"] == 0
    assert second["no norm"] == first["VGG-A, no norm, LR 0.1"] == 1
    assert second["DLN, l1 norm, LR 0.5"] == 2


def test_a_line_of_the_paper_looks_like_ours_in_its_place():
    """Its label is the paper's: its role says whose it is."""
    paper = [a_line("paper: bn", "control"), a_line("paper: l1", "treatment")]
    claims = [
        a_comparison("one", "BatchNorm", "no norm", paper=[]),
        a_comparison("two", "l1 norm", "BatchNorm", paper=paper),
    ]
    (_, second) = styles_of(claims)
    assert (second["paper: bn"], second["paper: l1"]) == (second["BatchNorm"], second["l1 norm"])


def test_two_lines_of_a_figure_never_look_alike_while_there_is_another_style():
    """With more arms than styles a later one takes the next that is free."""
    claims = [a_comparison(f"{i}", f"arm {i}", "none", paper=[]) for i in range(STYLES)]
    claims.append(a_comparison("last", "arm 0", "none", f"arm {STYLES - 1}", paper=[]))
    last = styles_of(claims)[-1]
    assert len(set(last.values())) == 3
    assert palette_of(claims).places[f"arm {STYLES - 1}"] == STYLES


def test_an_arm_whose_name_is_common_keeps_its_whole_label():
    """Where learning rates are compared, they are what tells arms apart."""
    claims = [a_comparison("lr", "BatchNorm, LR 0.5", "BatchNorm, LR 0.1", paper=[])]
    assert palette_of(claims).places == {"LR 0.5": 0, "LR 0.1": 1}
    mixed = [*claims, a_comparison("bn", "BatchNorm, LR 0.1", "none, LR 0.1", paper=[])]
    assert "BatchNorm, LR 0.1" in palette_of(mixed).places


def test_ridges_have_the_colours_of_their_arms():
    """A column of distributions is the arm of the curves."""
    claim = a_comparison("one", "VGG-A, no norm, LR 0.1", "VGG-A, BatchNorm, LR 0.1", paper=[])
    ((curve, ridge),) = (
        card.figures for card in cards([claim | {"figures": [*claim["figures"], a_ridge()]}])
    )
    curves = {trace.label: trace.style for trace in curve.traces}
    columns = {column.label: column.style for column in ridge.columns}
    assert columns["VGG-A, BatchNorm, LR 0.1"] == curves["VGG-A, BatchNorm, LR 0.1"] == 1
    assert columns["VGG-A, no norm, LR 0.1"] == curves["VGG-A, no norm, LR 0.1"] == 0
