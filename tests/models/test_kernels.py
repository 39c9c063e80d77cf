"""Fused kernels where there is no card: run by Triton's interpreter, and compiled for Hopper."""

import os
import subprocess
import sys
import warnings
from collections import Counter
from pathlib import Path

import pytest
import torch

from harness.errors import OptionError
from models import norms
from models.kernels import fusing, tiles, timing
from models.vgg import VGG

HERE = Path(__file__).parent
KERNELS = {"_first_stage", "_second_stage", "_channels", "_forward", "_reduce", "_backward"}
KERNELS |= {"forward", "reduce", "backward"}  # of noise
SHAPES = [(1, 1), (7, 3), (128, 512), (131072, 64), (2048, 512), (33, 70), (8192, 257)]


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=HERE.parents[1],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_kernels_equal_the_plain_path_in_the_interpreter(tmp_path):
    """Every test of ``kernels_in_the_interpreter.py``, in a process that interprets kernels."""
    pytest.importorskip("triton", reason="Triton comes with CUDA builds of torch")
    options = ["-q", "-n0", "-x", "-p", "no:cacheprovider"]
    done = run(
        "-m", "pytest", str(HERE / "kernels_in_the_interpreter.py"), *options, TRITON_INTERPRET="1"
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout


def test_kernels_compile_for_hopper_and_keep_off_the_stack(tmp_path):
    """Triton's own ptxas makes machine code of every kernel, in fp32 and bf16, without spills."""
    pytest.importorskip("triton", reason="Triton comes with CUDA builds of torch")
    done = run(str(HERE / "compile_kernels.py"), "90", TRITON_CACHE_DIR=str(tmp_path))
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-5000:]
    compiled = [line.split() for line in done.stdout.splitlines()]
    assert {name for name, _, _ in compiled} == KERNELS
    assert {int(stack) for _, _, stack in compiled} == {0}
    assert max(int(registers) for _, registers, _ in compiled) <= 255


@pytest.mark.parametrize(("rows", "columns"), SHAPES)
def test_tiles_cover_the_matrix(rows, columns):
    """Every row has one program, every column one block, and no program is without rows."""
    cut = tiles.tiling(rows, columns)
    programs, blocks = cut.reducing
    assert (programs - 1) * cut.rows_per_program < rows <= programs * cut.rows_per_program
    assert (blocks - 1) * cut.block_columns < columns <= blocks * cut.block_columns
    down, across = cut.elementwise
    assert (down - 1) * cut.block_rows < rows <= down * cut.block_rows
    assert across == blocks
    assert cut.block_rows * cut.block_columns <= tiles.ELEMENTS_PER_TILE
    assert programs * blocks <= tiles.PROGRAMS
    for side in (cut.block_rows, cut.block_columns):
        assert side & (side - 1) == 0


@pytest.mark.parametrize("shape", [(5, 3), (2, 3, 4, 5), (4, 3, 1, 1)])
def test_a_matrix_of_activations_is_a_view_and_goes_back(shape):
    """Channels innermost: no copy there, and the same values at the same places back."""
    a = torch.randn(shape)
    if len(shape) == 4:
        a = a.contiguous(memory_format=torch.channels_last)
    rows = tiles.matrix(a)
    assert rows.shape == (a.numel() // shape[1], shape[1])
    assert rows.data_ptr() == a.data_ptr()
    assert torch.equal(tiles.shaped(rows, a.shape), a)
    assert torch.equal(tiles.matrix(a.contiguous()), rows)


def test_a_network_on_a_cpu_keeps_the_plain_path_without_a_word():
    """Fused kernels are a card's matter; a CPU run is told nothing."""
    network = torch.nn.Sequential(torch.nn.Linear(2, 4), norms.maker("l2")(4, "fc1"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not fusing.fuse(network)
    assert not network[1]._fused


def test_a_card_without_triton_is_told_once_and_keeps_the_plain_path(monkeypatch):
    """One reason, one warning, however many networks; no module is fused."""
    monkeypatch.setattr(fusing, "why_not", lambda device: "Triton does not run here (test)")
    monkeypatch.setattr(fusing, "_on_a_card", lambda device: True)
    fusing._warn.cache_clear()
    network = torch.nn.Sequential(norms.maker("l2")(4, "fc1"))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        answers = [fusing.fuse(network), fusing.fuse(network)]
    assert answers == [False, False]
    assert [str(one.message).partition(" (")[0] for one in told] == [
        "no fused kernels: Triton does not run here"
    ]
    assert not network[0]._fused


def test_every_module_with_kernels_is_fused_where_they_run(monkeypatch):
    """l_p norms and noise; centred readings and BatchNorm have no kernels of ours."""
    monkeypatch.setattr(fusing, "why_not", lambda device: "")
    names = ("l1", "l2", "linf", "noise", "noisy-batch", "l2-centred")
    network = torch.nn.ModuleDict({name: norms.maker(name)(4, name) for name in names})
    assert fusing.fuse(network)
    fused = {name for name, norm in network.items() if norm._fused}
    assert fused == set(names) - {"l2-centred"}


def test_timing_needs_a_card():
    """On a CPU there is nothing to compare, and the error says what to do."""
    with pytest.raises(OptionError, match="got cpu, expected a CUDA device"):
        timing.timings(torch.device("cpu"))


def test_the_timed_shapes_are_those_of_vgg16():
    """Every layer with a norm, as the network itself makes them at 32x32."""
    seen = Counter()

    class Seen(torch.nn.Module):
        def forward(self, a):
            seen[tuple(a.shape[1:])] += 1
            return a

    network = VGG(
        "vgg-16",
        width=1.0,
        in_channels=3,
        image_size=32,
        classes=10,
        make_norm=lambda channels, layer: Seen(),
    )
    network.to("meta")(torch.zeros(1, 3, 32, 32, device="meta"))
    assert seen == timing.LAYERS
