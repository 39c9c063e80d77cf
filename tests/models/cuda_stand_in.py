"""What shows without a card whether a CUDA graph could hold a step."""

import contextlib

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

from models.engine import programmes

META = torch.device("meta")
"""A device whose tensors have no numbers: reading one, or numpy, is an error there."""


class OnTheDevice(TorchDispatchMode):
    """Refuses operations on the host's tensors: a graph would keep what they held when recorded."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        for tensor in tree_leaves((args, kwargs or {})):
            if isinstance(tensor, torch.Tensor) and tensor.device.type == "cpu" and tensor.dim():
                raise AssertionError(f"{func} takes a tensor of the host's, {tuple(tensor.shape)}")
        return func(*args, **(kwargs or {}))


class StandIn:
    """Plays CUDA's streams and graphs on a CPU. A recording runs nothing; a replay runs it."""

    def __init__(self):
        self.recording = None
        self.events = []

    @classmethod
    def installed(cls, monkeypatch):
        """Put a stand-in in the place of what the engine calls of CUDA, and return it."""
        played = cls()
        monkeypatch.setattr(programmes, "forked", played.forked)
        monkeypatch.setattr(programmes, "stream_of", lambda device, index: Stream())
        for name, fake in {
            "CUDAGraph": played.make_graph,
            "graph": played.graph,
            "stream": lambda stream: contextlib.nullcontext(),
            "current_stream": lambda device: Stream(),
            "synchronize": lambda device: played.events.append("synchronize"),
        }.items():
            monkeypatch.setattr(torch.cuda, name, fake)
        return played

    def forked(self, bodies, main, sides):
        assert len(bodies) == len(sides)
        if self.recording is None:
            for body in bodies:
                body()
        else:
            self.recording.bodies = tuple(bodies)

    @contextlib.contextmanager
    def graph(self, graph, pool=None, stream=None, capture_error_mode="global"):
        assert capture_error_mode == "thread_local"  # or a loader's thread could end a recording
        self.events.append(("record", pool))
        self.recording = graph
        yield
        self.recording = None

    def make_graph(self):
        played = self

        class Graph:
            bodies = ()

            def pool(self):
                return "pool"

            def replay(self):
                for body in self.bodies:
                    body()

            def reset(self):
                played.events.append("reset")

        return Graph()


class Stream:
    def wait_stream(self, other):
        pass


READ_BACK = ("_local_scalar_dense", "equal", "nonzero", "is_nonzero", "unique_dim", "masked_select")
"""Operations whose answer the host waits for: a number, or the shape of a tensor."""


class Recorder(TorchDispatchMode):
    """Notes every operation with its tensors, as a CUDA graph does, and takes it back at the end.

    Refuses what no graph could hold: numbers read back, and draws from a generator of the host's.
    """

    def __init__(self):
        super().__init__()
        self.operations = []
        self._ours = set()  # storages made by what is recorded
        self._before = {}  # others, as they were when they were met

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        self._refuse(func, kwargs)
        for tensor in tensors_of((args, kwargs)):
            self._meet(tensor)
        found = func(*args, **kwargs)
        known = [id_of(tensor) for tensor in tensors_of((args, kwargs))]
        self._ours |= {id_of(tensor) for tensor in tensors_of(found)} - set(known)
        copied = tree_map(lambda leaf: leaf, (args, kwargs))  # lists may change later
        self.operations.append((func, *copied, found))
        return found

    def _refuse(self, func, kwargs):
        name = func._schema.name.removeprefix("aten::")
        if name in READ_BACK or kwargs.get("generator") is not None:
            raise AssertionError(f"{func} while a step is recorded: no graph can hold it")
        if torch.Tag.nondeterministic_seeded in func.tags:
            raise AssertionError(f"{func} draws while a step is recorded")

    def _meet(self, tensor):
        where = id_of(tensor)
        if where not in self._ours and where not in self._before:
            whole = bytes_of(tensor)
            self._before[where] = (whole, whole.clone())

    def undo(self):
        """Put back what the operations have changed: recording runs nothing."""
        for whole, before in self._before.values():
            whole.copy_(before)


@torch.no_grad()
def replay(operations):
    """Run recorded operations on the very tensors that they had; results go where they were."""
    for func, args, kwargs, found in operations:
        again = func(*args, **kwargs)
        for old, new in zip(tensors_of(found), tensors_of(again), strict=True):
            if id_of(old) != id_of(new):  # neither in place nor a view of what it was given
                old.copy_(new)


def tensors_of(values):
    return [leaf for leaf in tree_leaves(values) if isinstance(leaf, torch.Tensor)]


def id_of(tensor):
    """Return what tells a tensor's memory from others' while both are there."""
    return tensor.untyped_storage()._cdata


def bytes_of(tensor):
    """Return all of a tensor's memory, of which it may be a part."""
    return torch.empty(0, dtype=torch.uint8).set_(tensor.untyped_storage())


class FrozenStandIn(StandIn):
    """A stand-in whose replays run what was recorded and no Python of the step.

    What the step's Python knew when it was recorded (which step it is, a tensor of then) it keeps
    for ever, as on a card.
    """

    def forked(self, bodies, main, sides):
        if self.recording is None:
            super().forked(bodies, main, sides)
            return
        with Recorder() as recorder:
            for body in bodies:
                body()
        recorder.undo()
        self.recording.bodies = (lambda: replay(recorder.operations),)
