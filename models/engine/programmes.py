"""Programmes: what a group of replicas does in a step, called or recorded as a CUDA graph.

A body is one replica's share: a function without arguments, made of operations on its device that
read and write tensors that stay where they are.
"""

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from harness.errors import ClaimError
from models.engine.memory import is_out_of_memory

Body = Callable[[], None]

WARM_UPS = 2
"""Runs before a graph is recorded: libraries make handles and choose kernels at their first."""


class RecordingError(ClaimError, RuntimeError):
    """CUDA could not record a step, though it could run it.

    A recording that fails leaves torch's allocator as if it went on (pytorch issue 180395, mended
    in 2.12), so that the process is not to train any more.
    """


class Programme(Protocol):
    """One step of every replica of a group."""

    def run(self) -> None:
        """Take the step. On a card the host need not wait until it is done."""

    def close(self) -> None:
        """Give back what the programme holds; it cannot run any more."""


class DirectProgramme:
    """Calls the bodies in turn."""

    def __init__(self, bodies: Sequence[Body]) -> None:
        self._bodies = bodies

    def run(self) -> None:
        """Call them."""
        for body in self._bodies:
            body()

    def close(self) -> None:
        """Hold nothing."""
        self._bodies = ()


class GraphProgramme:
    """The bodies recorded as one CUDA graph, each on a stream of its own, so that they overlap.

    The warm-up runs the bodies as they are: ``undo`` is called after each run to put back what they
    changed. Recording runs nothing. Programmes of one group share a pool of memory, which is safe
    because none of them runs while another does and none keeps a tensor for the next.
    """

    def __init__(
        self,
        bodies: Sequence[Body],
        device: torch.device,
        *,
        undo: Callable[[], None],
        pool: Any = None,
    ) -> None:
        main, *sides = (stream_of(device, i) for i in range(len(bodies) + 1))
        self._device = device
        self._graph: torch.cuda.CUDAGraph | None = torch.cuda.CUDAGraph()
        main.wait_stream(torch.cuda.current_stream(device))
        # The streams of the warm-up are those of the recording: cuBLAS has a workspace for each
        # stream, which makes it deterministic beside others, and allocates it at the first use.
        # The outer block puts the caller's stream back should recording end in an error.
        with torch.cuda.stream(main):
            for _ in range(WARM_UPS):
                forked(bodies, main, sides)
                undo()
            # thread_local: what another thread asks of CUDA (a loader pinning memory) ends nothing
            recording = torch.cuda.graph(
                self._graph, pool=pool, stream=main, capture_error_mode="thread_local"
            )
            with _saying_what_to_do(), recording:
                forked(bodies, main, sides)
        torch.cuda.current_stream(device).wait_stream(main)

    @property
    def pool(self) -> Any:
        """Return the memory pool for another programme of the group."""
        return self._open().pool()

    def run(self) -> None:
        """Replay the graph on the current stream."""
        self._open().replay()

    def close(self) -> None:
        """Free the graph and its memory, once nothing of it runs any more."""
        if self._graph is not None:
            torch.cuda.synchronize(self._device)
            self._graph.reset()
            self._graph = None

    def _open(self) -> torch.cuda.CUDAGraph:
        if self._graph is None:
            raise RuntimeError("programme: got a step after close(); make another programme")
        return self._graph


@contextlib.contextmanager
def _saying_what_to_do() -> Iterator[None]:
    """Raise RecordingError for whatever ends a recording but a lack of memory."""
    try:
        yield
    except RuntimeError as error:
        if is_out_of_memory(error):
            raise
        raise RecordingError(
            f"graphs: got {type(error).__name__} while a step was recorded ({error}); expected "
            "operations that CUDA can record; --engine eager calls them one by one"
        ) from error


def programme(bodies: Sequence[Body], state: Sequence[Tensor], *, graphs: bool) -> Programme:
    """Return a programme of the bodies, recorded on a card if ``graphs``; ``state`` stays as it is.

    ``state`` holds every tensor that a step reads and changes.
    """
    if graphs:
        return GraphProgramme(bodies, state[0].device, undo=undoing(state))
    return DirectProgramme(bodies)


def undoing(state: Sequence[Tensor]) -> Callable[[], None]:
    """Return a function that puts the tensors back to what they are now."""
    kept = [tensor.detach().clone() for tensor in state]

    @torch.no_grad()
    def undo() -> None:
        for tensor, before in zip(state, kept, strict=True):
            tensor.copy_(before)

    return undo


def forked(
    bodies: Sequence[Body], main: "torch.cuda.Stream", sides: Sequence["torch.cuda.Stream"]
) -> None:
    """Run each body on a side stream, from where the main stream is to where it goes on.

    Should a body raise, the side streams are joined all the same: a recording that ends with work
    on streams of its own is an error that leaves torch's allocator as if it never ended.
    """
    started = []
    try:
        for body, side in zip(bodies, sides, strict=True):
            side.wait_stream(main)
            started.append(side)
            with torch.cuda.stream(side):
                body()
    finally:
        for side in started:
            main.wait_stream(side)


@functools.cache
def stream_of(device: torch.device, index: int) -> "torch.cuda.Stream":  # noqa: ARG001 (cached by it)
    """Return the device's stream number ``index`` of the engine, the same for every group.

    cuBLAS keeps 32 MiB on Hopper for every stream it has seen.
    """
    return torch.cuda.Stream(device)
