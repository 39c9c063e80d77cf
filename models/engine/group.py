"""A group: replicas of one arm that train together, step by step."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import torch

from harness.bench import Progress
from harness.records import RunRecord
from models.engine.programmes import DirectProgramme, GraphProgramme, Programme, undoing
from models.engine.replica import Replica
from models.training import Schedule

LOOK_EVERY = {"cpu": 10, "cuda": 250}
"""Steps between looks at the losses: on a card each look waits for all steps before it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Programmes:
    """A group's two steps: plain, and with the probes."""

    plain: Programme
    probed: Programme

    def close(self) -> None:
        """Close both."""
        self.plain.close()
        self.probed.close()


MakeProgrammes = Callable[[Sequence[Replica]], Programmes]


def direct(replicas: Sequence[Replica]) -> Programmes:
    """Return programmes that call the replicas' steps in turn."""
    return Programmes(
        plain=DirectProgramme([replica.advance for replica in replicas]),
        probed=DirectProgramme([replica.advance_probed for replica in replicas]),
    )


def recorded(replicas: Sequence[Replica]) -> Programmes:
    """Return programmes recorded as CUDA graphs; the replicas are left as they were.

    The probed step comes first: it needs more memory, and the plain one then finds room in its
    pool.
    """
    device = replicas[0].step.device
    undo = undoing([tensor for replica in replicas for tensor in replica.state()])
    for replica in replicas:
        replica.stage(0)
    plain_bodies = [replica.advance for replica in replicas]
    if not any(replica.has_probes for replica in replicas):
        plain = GraphProgramme(plain_bodies, device, undo=undo)
        return Programmes(plain=plain, probed=plain)
    with ExitStack() as opened:
        bodies = [replica.advance_probed for replica in replicas]
        probed = GraphProgramme(bodies, device, undo=undo)
        opened.callback(probed.close)
        plain = GraphProgramme(plain_bodies, device, undo=undo, pool=probed.pool)
        opened.pop_all()
    return Programmes(plain=plain, probed=probed)


def train_group(
    replicas: Sequence[Replica],
    schedule: Schedule,
    make_programmes: MakeProgrammes,
    progress: Progress,
) -> list[RunRecord]:
    """Train all replicas to the end and return their records in order.

    A replica whose loss is not finite goes on beside the others, and its record ends there. A group
    ends early only where none is left.
    """
    started = time.perf_counter()
    programmes = make_programmes(replicas)
    try:
        _run(replicas, schedule, programmes, progress)
        progress(schedule.steps, schedule.steps)
        wall_s = (time.perf_counter() - started) / len(replicas)
        return [replica.record(wall_s) for replica in replicas]
    finally:
        programmes.close()


def _run(
    replicas: Sequence[Replica], schedule: Schedule, programmes: Programmes, progress: Progress
) -> None:
    steps, look_every = schedule.steps, LOOK_EVERY[replicas[0].step.device.type]
    probe_steps = set(schedule.probe_steps()) if replicas[0].has_probes else set()
    evaluations = {step: k for k, step in enumerate(schedule.evaluation_steps())}
    for step in range(steps):
        for replica in replicas:
            replica.stage(step)
        (programmes.probed if step in probe_steps else programmes.plain).run()
        if step in evaluations:
            for replica in replicas:
                replica.evaluate(evaluations[step])
        if step % look_every == 0:
            if not torch.stack([replica.is_finite(step + 1) for replica in replicas]).any():
                return
            progress(step + 1, steps)
