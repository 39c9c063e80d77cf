"""Definition 2.1 against hand-written gradients of a deep linear network."""

import pytest
import torch

from models.ics import gradient_shift, stepping_parameters

RATE = 0.05


@pytest.fixture
def linear():
    """Weights W1, W2, W3, their gradients by hand, the loss ||W3 W2 W1 X - T||^2 / 2, X and T."""
    source = torch.Generator().manual_seed(0)
    w = [torch.randn(4, 4, generator=source, dtype=torch.float64) / 2 for _ in range(3)]
    x, t = (torch.randn(4, 9, generator=source, dtype=torch.float64) for _ in range(2))

    def loss_at(parameters):
        w1, w2, w3 = parameters
        return (w3 @ w2 @ w1 @ x - t).pow(2).sum() / 2

    return w, by_hand(w, x, t), loss_at, x, t


def by_hand(w, x, t):
    """dL/dW_i = (what follows)' (residual) (what comes before)'."""
    w1, w2, w3 = w
    residual = w3 @ w2 @ w1 @ x - t
    return [
        w2.T @ w3.T @ residual @ x.T,
        w3.T @ residual @ (w1 @ x).T,
        residual @ (w2 @ w1 @ x).T,
    ]


@pytest.mark.parametrize("layer", [1, 2])
def test_shift_is_that_of_the_definition(linear, layer):
    """G' has layers before i after their step, layer i and later as they were."""
    w, g, loss_at, x, t = linear
    stepped = [w[i] - RATE * g[i] if i < layer else w[i] for i in range(3)]
    after = by_hand(stepped, x, t)[layer]
    found = gradient_shift(
        loss_at, w, g, compared=[layer], stepping=range(layer), learning_rate=RATE
    )
    assert found.l2 == pytest.approx(float(torch.linalg.vector_norm(g[layer] - after)))
    cosine = torch.nn.functional.cosine_similarity(g[layer].flatten(), after.flatten(), dim=0)
    assert found.cosine == pytest.approx(float(cosine))


def test_moving_the_layer_itself_or_later_ones_would_show(linear):
    """Planted mistake 6: G' of the network after its whole update is another number."""
    w, g, loss_at, _, _ = linear
    right = gradient_shift(loss_at, w, g, compared=[1], stepping={0}, learning_rate=RATE)
    for wrong in ({0, 1}, {0, 2}, {0, 1, 2}):
        other = gradient_shift(loss_at, w, g, compared=[1], stepping=wrong, learning_rate=RATE)
        assert other.l2 != pytest.approx(right.l2, rel=1e-3)


def test_the_first_layer_has_no_shift(linear):
    """Nothing precedes layer 1, so G' is G exactly."""
    w, _, loss_at, _, _ = linear
    exact = list(torch.autograd.grad(loss_at([p.requires_grad_() for p in w]), w))
    found = gradient_shift(loss_at, w, exact, compared=[0], stepping=(), learning_rate=RATE)
    assert (found.l2, found.cosine) == (0.0, pytest.approx(1.0))


def test_weights_stay_as_they_are(linear):
    """Planted mistake 5: a probe that leaves the preceding layers moved."""
    w, g, loss_at, _, _ = linear
    before = [tensor.clone() for tensor in (*w, *g)]
    gradient_shift(loss_at, w, g, compared=[2], stepping={0, 1}, learning_rate=RATE)
    assert all(map(torch.equal, before, (*w, *g)))


def test_a_layer_is_its_weight_bias_and_norm():
    """All parameters of layers 1 and 2 precede layer 3; layer 3's norm and layer 10's do not."""
    names = [
        f"layers.{i}.{part}"
        for i in (0, 1, 2, 9, 10)
        for part in ("linear.weight", "linear.bias", "norm.weight", "norm.bias")
    ]
    assert stepping_parameters(names, 3) == frozenset(range(8))
    assert stepping_parameters(names, 1) == frozenset()
    assert stepping_parameters(names, 11) == frozenset(range(16))  # "layers.1" is not "layers.10"
