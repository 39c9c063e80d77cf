"""The theory's two sides: against finite differences, closed forms, numeric maxima and mistakes."""

import functools
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import ArmError, ClaimDefinitionError
from models.theory import draws, layer, losses, menu
from models.theory.ball import largest_form, largest_gradient
from models.theory.layer import Cases, Layer, batch_norm
from models.theory.searching import TOLERANCE, _counterexample, _Tried, plan, statement_of
from models.theory.small import smallest

PROVED = [
    menu.fact_c1(),
    menu.fact_c2(),
    menu.theorem_4_1(printed=False),
    menu.theorem_4_2(form="first"),
    menu.theorem_4_2(form="second", condition="small-gamma"),
    menu.observation_4_3(),
    menu.theorem_4_4(reading="proved"),
    menu.lemma_4_5(),
]
FALSE = [
    menu.theorem_4_1(printed=True),
    menu.theorem_4_2(form="second"),
    menu.theorem_4_2(form="second", condition="preserving"),
    menu.theorem_4_4(reading="squares"),
    menu.theorem_4_4(reading="norms"),
    menu.theorem_c_1(),
    menu.theorem_c_1(condition="mild"),
]
EQUALITIES = [one for one in PROVED if "small-gamma" not in one.name]


def tried(one, per_group=6):
    """Return a statement's two sides on a few draws of each shape and loss."""
    statement = statement_of(one.statement, dict(one.settings))
    return [_Tried(statement, cases) for cases in draws.drawn(statement.random, per_group)]


def slacks(one, per_group=6):
    return np.array([value for group in tried(one, per_group) for value in group.met_slacks])


@functools.cache
def counterexample(one):
    """Return what the small search finds with as many examples as at desk scale."""
    statement = statement_of(one.statement, dict(one.settings))
    found = smallest(
        statement.small,
        lambda case: _Tried(statement, case.cases()).violates,
        plan(one.statement, dict(one.settings), "desk").examples,
    )
    return _counterexample(statement, found, ())


def violations(one, per_group=6):
    return sum(int(group.violations.sum()) for group in tried(one, per_group))


def a_layer(seed=0, n=3, m=4, k=3, family=losses.network):
    rng = np.random.default_rng(seed)
    return Layer(
        Cases(
            x=torch.from_numpy(rng.standard_normal((n, m, 2))),
            w=torch.from_numpy(rng.standard_normal((n, 2, k))),
            gamma=torch.from_numpy(rng.uniform(0.5, 2, (n, 1, k))),
            beta=torch.from_numpy(rng.standard_normal((n, 1, k))),
            upstream=family(rng, n, m, k),
            lam=torch.from_numpy(rng.uniform(0.5, 2, n)),
        )
    )


def moved(y, b, by):
    """Return y with sample b of unit 0 moved."""
    y = y.clone()
    y[:, b, 0] += by
    return y


@pytest.mark.parametrize("family", losses.FAMILIES, ids=lambda f: f.__name__)
@pytest.mark.parametrize("norm", [False, True])
def test_derivatives_are_those_of_central_differences(family, norm):
    """Gradient and Hessian of either loss by automatic differentiation, for every loss."""
    one = a_layer(family=family)
    loss = one.loss_with_norm if norm else one.loss
    gradient = one.grad_with_norm if norm else one.grad
    hessian = one.hessian_with_norm if norm else one.hessian
    h = 1e-4
    for b in range(one.m):
        up, down = loss(moved(one.y, b, h)), loss(moved(one.y, b, -h))
        assert torch.allclose(gradient[:, b], (up - down) / (2 * h), rtol=1e-5, atol=1e-6)
        for c in range(one.m):
            corners = [
                sb * sc * loss(moved(moved(one.y, b, sb * h), c, sc * h))
                for sb in (1, -1)
                for sc in (1, -1)
            ]
            second = sum(corners) / (4 * h * h)
            assert torch.allclose(hessian[:, b, c], second, rtol=1e-3, atol=1e-4)


def test_upstream_gradients_agree_at_z():
    """L is Lh's loss, moved so that it sees at y what Lh sees at z."""
    one = a_layer()
    z = one.z.clone().requires_grad_()
    (upstream,) = torch.autograd.grad(one.cases.upstream(z, one.z).sum(), z)
    assert torch.allclose(one.grad, upstream[..., 0], rtol=1e-12, atol=1e-12)
    assert torch.allclose(one.loss(one.y), one.loss_with_norm(one.y), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("family", losses.FAMILIES, ids=lambda f: f.__name__)
def test_losses_are_convex_as_their_names_say(family):
    """The first three have no negative curvature in any draw, the others do in some."""
    lowest = torch.linalg.eigvalsh(a_layer(n=50, family=family).hessian)[:, 0].min()
    convex = family in losses.FAMILIES[:3]
    assert (lowest > -1e-9) if convex else (lowest < -1e-3)


def random_inputs(rng, m, lam, count):
    """Return inputs X of norm lam and below, of rank 1 to m."""
    for _ in range(count):
        x = rng.standard_normal((m, int(rng.integers(1, m + 1))))
        yield torch.from_numpy(lam * x / np.linalg.norm(x, 2) * rng.uniform(0.3, 1.0))


def test_largest_gradient_is_reached_and_not_passed():
    """No X of norm lambda beats the closed form, and the X that it names attains it."""
    rng = np.random.default_rng(1)
    v, lam = torch.from_numpy(rng.standard_normal((1, 4))), torch.tensor([1.7], dtype=torch.float64)
    most = float(largest_gradient(v, lam))
    assert all(float((x.T @ v[0]).square().sum()) <= most for x in random_inputs(rng, 4, 1.7, 300))
    best = 1.7 * v[0][:, None] / v.norm()
    assert float((best.T @ v[0]).square().sum()) == pytest.approx(most, rel=1e-12)


def climbed(a, v, lam, rng):
    """Return the largest form found by projected gradient ascent over X, from six starts."""
    best = 0.0
    for _ in range(6):
        x = torch.from_numpy(rng.standard_normal((len(v), len(v)))).requires_grad_()
        optimiser = torch.optim.Adam([x], lr=0.05)
        for _ in range(200):
            inside = x * (lam / torch.linalg.matrix_norm(x, 2)).clamp(max=1.0)
            u = inside @ inside.T @ v
            optimiser.zero_grad()
            (-(u @ a @ u)).backward()
            optimiser.step()
        best = max(best, float((u @ a @ u).detach()))
    return best


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_largest_form_is_what_numeric_ascent_finds(seed):
    """The closed form over |X| <= lambda against ascent over X itself, never below it."""
    rng = np.random.default_rng(seed)
    root, v = rng.standard_normal((4, 4)), torch.from_numpy(rng.standard_normal(4))
    a = torch.from_numpy(root + root.T - 1.5 * np.eye(4) * seed)
    closed = float(largest_form(a[None], v[None], torch.tensor([1.3], dtype=torch.float64)))
    found = climbed(a, v, 1.3, rng)
    assert found <= closed * (1 + 1e-9)
    assert found == pytest.approx(closed, rel=2e-3)


@pytest.mark.parametrize(
    ("diagonal", "v", "expected"),
    [
        ((2.0, 2.0), (3.0, 4.0), 50.0),  # largest at u = v
        ((-1.0, -2.0), (3.0, 4.0), 0.0),  # largest at X = 0
        ((0.0, 0.0), (3.0, 4.0), 0.0),
        ((0.0, 1.0), (2.0, 0.0), 1.0),  # hard case: u = (1, 1) on the ball around (1, 0)
        ((1.0, 1.0), (0.0, 0.0), 0.0),
    ],
)
def test_largest_form_in_closed_cases(diagonal, v, expected):
    """Multiples of the identity, X = 0, and a gradient orthogonal to the top eigenvector."""
    a, v = torch.diag(torch.tensor(diagonal)).double(), torch.tensor(v).double()
    found = float(largest_form(a[None], v[None], torch.ones(1).double()))
    assert found == pytest.approx(expected, abs=1e-9)


def test_no_draw_has_a_tiny_sigma():
    """Each draw of each kind keeps sigma at a twentieth of its largest output, as it declares."""
    for kind in draws.RANDOM:
        for cases in draws.drawn(kind, 3):
            y = (cases.x @ cases.w).numpy()
            assert (y.std(axis=1).min(axis=1) >= 0.05 * np.abs(y).max(axis=(1, 2))).all()


def test_a_tiny_sigma_would_be_mistaken_for_a_counterexample():
    """Outputs of 1e8 that differ by 1: the proved theorem fails beyond the tolerance."""
    one = a_layer(n=20, k=1)
    y = one.y[..., :1] + 1e9
    cases = Cases(
        x=y,
        w=torch.ones(20, 1, 1).double(),
        gamma=one.cases.gamma,
        beta=one.cases.beta,
        upstream=one.cases.upstream,
        lam=one.cases.lam,
    )
    broken = _Tried(statement_of("fact-c2", {}), cases)
    assert broken.violations.any()


@pytest.mark.parametrize("one", PROVED, ids=lambda one: one.name)
def test_proved_statements_hold_and_their_twins_do_not(one):
    """No draw violates what is proved; a planted mistake in it is seen by the same draws."""
    groups = tried(one)
    assert sum(len(group.met_slacks) for group in groups) > 100
    assert violations(one) == 0
    assert sum(group.twin_violations for group in groups) > 10


@pytest.mark.parametrize("one", EQUALITIES, ids=lambda one: one.name)
def test_equalities_hold_far_below_the_tolerance(one):
    """Rounding stays a hundred times below the tolerance, so that it is never what decides."""
    assert np.abs(slacks(one)).max() < TOLERANCE / 100


@pytest.mark.parametrize("one", FALSE, ids=lambda one: one.name)
def test_false_statements_are_refuted_and_the_counterexample_shrunk(one):
    """Random draws violate them; the small case has at most three samples, and violates, too."""
    assert violations(one, 30 if "mild" in one.name else 6) > 10
    case = counterexample(one)
    assert case is not None
    assert case.found == "among small whole numbers"
    assert case.given["m"] <= 3
    assert all(abs(value) <= 4 for value in (*case.given["y"], *case.given["g"]))
    assert case.left > case.right + TOLERANCE * case.scale


def test_the_counterexample_of_theorem_4_1_checked_by_hand():
    """Two samples: y_hat = (-1, 1), nothing of g is left, and 1/sqrt(2) exceeds 1/2."""
    case = counterexample(FALSE[0])
    assert case.given["m"] == 2
    y, g, gamma = np.array(case.given["y"]), np.array(case.given["g"]), case.given["gamma"]
    sigma, y_hat = abs(y[1] - y[0]) / 2, np.sign(y - y.mean())
    bracket = g @ g - g.sum() ** 2 / 2 - (g @ y_hat) ** 2 / np.sqrt(2)
    assert case.right == pytest.approx((gamma / sigma) ** 2 * bracket, rel=1e-12)
    assert case.left == pytest.approx(0.0, abs=1e-12)


def test_the_second_form_of_theorem_4_2_needs_no_more_than_small_gamma():
    """With H = I the condition holds in any reading; the form fails as |G| exceeds |g|."""
    case = counterexample(FALSE[2])
    assert len(set(case.given["diagonal of H"])) == 1
    assert case.worked_out["|G|^2"] > case.worked_out["|g|^2"]


def test_theorem_c_1_fails_at_zero_input_alone():
    """X = 0 makes the left maximum at least 0, and the right side can be negative."""
    groups = tried(menu.theorem_c_1(condition="mild"), per_group=30)
    assert all((group.sides.left >= -1e-12 * group.sides.scale).all() for group in groups)
    below = [group.sides.right[group.violations] for group in groups]
    assert (torch.cat(below) < 0).any()


def test_conditioned_draws_meet_their_condition():
    """Hessians built to preserve the relative norms do: every draw counts."""
    for condition in ("preserving", "small-gamma"):
        groups = tried(menu.theorem_4_2(form="second", condition=condition))
        assert all(group.sides.met.all() for group in groups)


def test_the_nearest_optimum_is_the_distance_to_the_ray():
    """Lemma 4.5's left side against the closed form of the distance from a point to a ray."""
    for group in tried(menu.lemma_4_5()):
        w, w0 = group.cases.w[..., 0], group.cases.start[..., 0]
        along = (w * w0).sum(1) / w.norm(dim=1)
        expected = w0.square().sum(1) - along.square()
        met = group.sides.met
        assert torch.allclose(group.sides.left[met], expected[met], atol=1e-12)


def uncentred(y):
    return y / (y - y.mean(dim=-2, keepdim=True)).square().mean(dim=-2, keepdim=True).sqrt()


def with_eps(y):
    centred = y - y.mean(dim=-2, keepdim=True)
    return centred / (centred.square().mean(dim=-2, keepdim=True) + 1e-3).sqrt()


def unscaled(y):
    return y - y.mean(dim=-2, keepdim=True)


def unbiased(y):
    return (y - y.mean(dim=-2, keepdim=True)) / y.std(dim=-2, keepdim=True)


BREAKS = [
    (one, broken)
    for one in (PROVED[0], PROVED[1], PROVED[2], PROVED[3], PROVED[6])
    for broken in (uncentred, with_eps, unscaled, unbiased)
    if broken is not unbiased or "=" not in one.name  # smaller gradients break no upper bound
]


@pytest.mark.parametrize(
    ("one", "broken"), BREAKS, ids=lambda x: getattr(x, "__name__", None) or x.name
)
def test_a_broken_batchnorm_refutes_what_is_proved(one, broken, monkeypatch):
    """Left sides come from the layer alone: no mean, no scale, an eps, n - 1 turn the verdict."""
    monkeypatch.setattr(layer, "normalised", broken)
    assert violations(one, per_group=2) > 0


def test_a_layer_without_scale_invariance_refutes_lemma_4_5(monkeypatch):
    """Without the division the multiples of W* are no optima, so W* itself is the nearest."""
    monkeypatch.setattr("models.theory.layer.normalised", unscaled)
    assert violations(menu.lemma_4_5(), per_group=2) > 20


def test_a_layer_that_keeps_the_mean_refutes_observation_4_3(monkeypatch):
    """The gamma that gives back y is then not sigma."""
    monkeypatch.setattr(
        "models.theory.optima.normalised", lambda y: y / y.std(dim=-2, keepdim=True)
    )
    assert violations(menu.observation_4_3(), per_group=2) > 20


def test_batchnorm_is_torchs():
    """The layer against torch's own in training mode, with next to no eps."""
    y = torch.randn(1, 7, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    gamma, beta = torch.tensor([[[2.0, -1.0, 0.5]]]), torch.tensor([[[1.0, 0.0, 3.0]]])
    expected = torch.nn.functional.batch_norm(
        y[0], None, None, gamma[0, 0].double(), beta[0, 0].double(), training=True, eps=1e-300
    )
    assert torch.allclose(batch_norm(y, gamma.double(), beta.double())[0], expected, atol=1e-12)


def test_the_search_is_the_same_each_time_and_in_another_process():
    """Draws and shrinking depend on nothing but the code: no clock, hash seed or loaded module."""
    one = menu.theorem_4_4(reading="squares")
    here = one.run("quick")
    assert one.run("quick") == here
    code = (
        "from models.theory import menu;"
        "print(repr(menu.theorem_4_4(reading='squares').run('quick')))"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert there.stdout.strip() == repr(here)


def test_the_small_search_tries_the_same_cases_each_time():
    """Derandomised: the cases tried are equal one by one, in this order."""

    def tried_in_a_run():
        seen = []
        smallest("curved", lambda case: bool(seen.append(case)), 30)
        return seen

    first = tried_in_a_run()
    assert len(set(first)) > 10
    assert tried_in_a_run() == first


def test_plan_says_what_is_searched_and_how_often():
    """Texts for every statement, fewer draws at quick scale, and the draws made are those said."""
    for one in (*PROVED, *FALSE):
        statement = statement_of(one.statement, dict(one.settings))
        desk, quick = (plan(one.statement, dict(one.settings), s) for s in ("desk", "quick"))
        assert all((desk.left, desk.right, desk.planted, desk.drawn, desk.because))
        assert 0 < quick.draws < desk.draws / 10
        groups = draws.drawn(statement.random, 2)
        assert sum(len(cases.x) for cases in groups) == quick.draws


def test_an_unknown_statement_is_refused():
    """With what there is."""
    with pytest.raises(ArmError, match="expected one of fact-c1"):
        plan("theorem-9", {}, "desk")
    with pytest.raises(ArmError, match="expected one of fact-c1"):
        plan("theorem-4-1", {"printed_": True}, "desk")


@settings(max_examples=30, derandomize=True, database=None, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_other_stream_of_draws_refutes_what_is_proved(seed):
    """The proved theorems hold on layers of any seed, not on the declared draws alone."""
    rng = np.random.default_rng(seed)
    for cases in draws.local(draws._any_hessian)(rng, 1):
        for name in ("fact-c1", "fact-c2", "theorem-4-2-first"):
            assert not _Tried(statement_of(name, {}), cases).violations.any()


@pytest.mark.parametrize(
    "asked",
    [
        lambda: menu.theorem_4_2(form="third"),
        lambda: menu.theorem_4_2(form="second", condition="some"),
        lambda: menu.theorem_4_4(reading="loosely"),
        lambda: menu.theorem_c_1(condition="wild"),
    ],
    ids=["form", "condition", "reading", "mildness"],
)
def test_a_statement_that_the_paper_lacks_is_refused(asked):
    """When the claim file is read, with the words that there are."""
    with pytest.raises(ClaimDefinitionError, match="expected one of"):
        asked()
