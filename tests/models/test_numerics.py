"""What a precision switches on and off, and that it is put back."""

import warnings

import pytest
import torch

from models.numerics import numerics

SWITCHES = {"fp32": "ieee", "tf32": "tf32", "bf16": "ieee"}


def products():
    cudnn, matmul = torch.backends.cudnn, torch.backends.cuda.matmul
    return cudnn.conv.fp32_precision, cudnn.rnn.fp32_precision, matmul.fp32_precision


@pytest.mark.parametrize("precision", SWITCHES)
def test_convolutions_and_products_have_the_precision(precision):
    """Both sets of torch's switches agree (reading one raises where they do not); no warning."""
    before = products()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with numerics("cpu", precision):
            assert products() == (SWITCHES[precision],) * 3
            assert torch.backends.cudnn.allow_tf32 == (precision == "tf32")
            assert torch.backends.cuda.matmul.allow_tf32 == (precision == "tf32")
            assert torch.backends.cudnn.deterministic
        assert products() == before


def test_fp32_is_ieee_where_the_process_wants_tf32_for_all():
    """``cudnn.allow_tf32 = False`` alone would leave convolutions in TF32."""
    torch.backends.fp32_precision = "tf32"
    try:
        with numerics("cpu", "fp32"):
            assert products() == ("ieee",) * 3
    finally:
        torch.backends.fp32_precision = "none"


def test_an_error_puts_everything_back():
    """The next run of the process finds what it would have found."""
    before = products(), torch.get_num_threads(), torch.backends.cudnn.deterministic
    with pytest.raises(KeyError), numerics("cpu", "tf32"):
        raise KeyError
    assert before == (products(), torch.get_num_threads(), torch.backends.cudnn.deterministic)
