"""Activations as a matrix: rows are samples and positions, columns channels, cut into tiles.

A tile's size and how many programs share the rows follow from the shape alone, never from the card
or a timing: the same sums are added in the same order everywhere, and nothing is tuned while a CUDA
graph is captured.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

ELEMENTS_PER_TILE = 2048  # 16 for each of the 128 threads: four loads of 16 bytes on their way
TYPES = (torch.float32, torch.bfloat16, torch.float16)  # statistics and noise are float32's
MOST_COLUMNS = 64  # 256 bytes a row in fp32; more would leave too few rows a tile
PROGRAMS = 512  # of a reduction: about four on each multiprocessor of an H100 or H200


@dataclass(frozen=True, kw_only=True, slots=True)
class Tiling:
    """How (rows, columns) are cut. ``columns`` may be pairs of channels."""

    rows: int
    columns: int
    block_rows: int
    block_columns: int
    row_programs: int  # of a reduction
    tiles_per_program: int

    @property
    def rows_per_program(self) -> int:
        """Return how many rows each program of a reduction goes through, but the last."""
        return self.tiles_per_program * self.block_rows

    @property
    def column_blocks(self) -> int:
        """Return the number of tiles beside each other."""
        return -(-self.columns // self.block_columns)

    @property
    def reducing(self) -> tuple[int, int]:
        """Return a reduction's grid: each program goes through many tiles, top to bottom."""
        return self.row_programs, self.column_blocks

    @property
    def elementwise(self) -> tuple[int, int]:
        """Return the grid of one tile a program."""
        return -(-self.rows // self.block_rows), self.column_blocks


def tiling(rows: int, columns: int, rectangles: int = 1) -> Tiling:
    """Return how a matrix is cut into tiles, sides powers of two.

    ``rectangles`` is how many of one size make a tile of ``ELEMENTS_PER_TILE`` together.
    """
    elements = ELEMENTS_PER_TILE // rectangles
    block_columns = min(_power_of_two(columns), MOST_COLUMNS)
    block_rows = min(elements // block_columns, _power_of_two(rows))
    column_blocks = -(-columns // block_columns)
    tiles = -(-rows // block_rows)
    most = max(1, PROGRAMS // column_blocks)
    tiles_per_program = -(-tiles // min(tiles, most))
    return Tiling(
        rows=rows,
        columns=columns,
        block_rows=block_rows,
        block_columns=block_columns,
        row_programs=-(-tiles // tiles_per_program),
        tiles_per_program=tiles_per_program,
    )


def _power_of_two(count: int) -> int:
    """Return the least power of two that is not below ``count``."""
    return 1 << max(count - 1, 0).bit_length()


def fits(a: Tensor) -> bool:
    """Return whether the kernels take activations of this type; others keep the plain path."""
    return a.dtype in TYPES


def matrix(a: Tensor) -> Tensor:
    """Return (batch, channels, ...) as (rows, channels), contiguous; a view of channels_last."""
    return a.movedim(1, -1).reshape(-1, a.shape[1]).contiguous()


def shaped(rows: Tensor, like: torch.Size) -> Tensor:
    """Return the matrix in the shape of activations, channels innermost in memory."""
    return rows.view(like[0], *like[2:], like[1]).movedim(-1, 1)
