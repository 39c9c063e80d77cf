"""What shows without a card whether a CUDA graph could hold a step."""

import contextlib

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from models.engine import programmes

META = torch.device("meta")
"""A device whose tensors have no numbers: reading one, or numpy, is an error there."""


class OnTheDevice(TorchDispatchMode):
    """Refuses operations on the host's tensors: a graph would keep what they held when recorded."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        for tensor in torch.utils._pytree.tree_leaves((args, kwargs or {})):
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
