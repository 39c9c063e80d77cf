"""Compile every fused kernel for a card that need not be here: ``compile_kernels.py 90``.

Prints a line each: kernel, registers a thread, bytes of stack a thread (spills and local arrays).
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from models.kernels import lp, moments, noise, noise_passes

TILE = {"block_rows": 32, "block_columns": 64}
PAIRS = {"block_rows": 32, "block_columns": 32}
FLOATS = ("eps", "momentum", "mean_spread", "scale_spread", "mean_centre", "scale_low")
FLOATS += ("scale_range",)
ACTIVATIONS = ("a_ptr", "y_ptr", "gy_ptr", "ga_ptr")
OF_NORM = ("mean_ptr", "scale_ptr", "gamma_ptr", "beta_ptr", "sums_ptr")


def variants():
    """Yield kernels with the constants that their callers give them."""
    for kind in ("batch", "l1", "l2", "linf"):
        yield moments._first_stage, {"kind": kind, "tiles": 8, **TILE}
    for kind in ("batch", "linf"):
        second = {"at_once": moments.PARTIALS_AT_ONCE, "block_columns": moments.COLUMNS_AT_ONCE}
        yield moments._second_stage, {"kind": kind, "rounds": 4, **second}
    yield lp._forward, TILE
    for kind in ("l1", "l2", "linf"):
        yield lp._backward, {"kind": kind, **TILE}
    yield lp._reduce, {"sums": 3, "tiles": 8, **TILE}
    yield noise._channels, {"block_columns": noise.CHANNELS_AT_ONCE}
    for place in ("after-affine", "before-affine"):
        yield noise_passes.forward, {"place": place, **PAIRS}
    yield noise_passes.backward, {"place": "after-affine", **PAIRS}
    yield noise_passes.reduce, {"sums": 2, "tiles": 8, **PAIRS}
    yield noise_passes.reduce, {"sums": 4, "tiles": 8, **PAIRS}
    without = dict.fromkeys(OF_NORM)
    yield noise_passes.forward, {"place": "alone", **PAIRS, **without}
    yield noise_passes.backward, {"place": "alone", **PAIRS, **without, "a_ptr": None}
    # Triton makes a constant of an argument that is 1
    yield lp._backward, {"kind": "l2", **TILE, "rows": 1, "channels": 1}
    yield moments._first_stage, {"kind": "l1", "tiles": 1, **TILE, "rows": 1, "channels": 1}
    yield noise_passes.forward, {"place": "after-affine", **PAIRS, "channels": 1, "half": 1}
    yield noise_passes.reduce, {"sums": 4, "tiles": 1, **PAIRS, "channels": 1, "half": 1}


def type_of(name, activations):
    """Return the type of an argument, as Triton writes it."""
    if name in ACTIVATIONS:
        return activations
    if name in ("key_ptr", "step_ptr"):
        return "*i64"
    if name.endswith("_ptr"):
        return "*fp32"
    return "fp32" if name in FLOATS else "i32"


def compiled(kernel, constants, activations, capability):
    """Return the machine code for a card of the capability, pointers and sizes aligned."""
    constants = {name: value for name, value in constants.items() if name in kernel.arg_names}
    signature = {
        name: "constexpr" if name in constants else type_of(name, activations)
        for name in kernel.arg_names
    }
    aligned = {
        (index,): [["tt.divisibility", 16]]
        for index, name in enumerate(kernel.arg_names)
        if signature[name].startswith("*") or signature[name] == "i32"
    }
    source = ASTSource(kernel, signature, constants, aligned)
    return triton.compile(source, target=GPUTarget("cuda", capability, 32)).asm["cubin"]


def usage(cubin):
    """Return registers and bytes of stack a thread."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "kernel.cubin")
        path.write_bytes(cubin)
        tool = Path(triton.__file__).parent / "backends/nvidia/bin/cuobjdump"
        said = subprocess.run(
            [tool, "-res-usage", path], capture_output=True, text=True, check=True
        )
    found = re.search(r"REG:(\d+) STACK:(\d+)", said.stdout + said.stderr)
    return found.groups()


if __name__ == "__main__":
    for kernel, constants in variants():
        of_activations = set(kernel.arg_names) & set(ACTIVATIONS)
        for activations in ("*fp32", "*bf16") if of_activations else ("*fp32",):
            cubin = compiled(kernel, constants, activations, int(sys.argv[1]))
            print(kernel.__name__, *usage(cubin))
