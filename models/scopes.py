"""Where a claim may hold: grids of two settings over which the headline claims are judged again.

Declared before any place of them was judged. A place has the claim's own endpoint, bound, cells
and preconditions, so an axis is none of the claim's cells: claims whose cells are learning rates
have another pair. What the maps cost says ``--plan --scope``.
"""

from harness.declarations.scope import Scope

VGG_SCOPE = Scope(
    rows=("network", ("vgg-a", "vgg-13", "vgg-16", "vgg-19")),
    columns=("lr", (0.01, 0.1, 0.5)),
    alike={"probes": ("landscape", "moments")},
)
"""Depth and the learning rates that the paper uses.

With the two probes that the claims read whose map it is, as the other five take most of a run's
time and change nothing of its training.
"""

VGG_SIZE_SCOPE = Scope(
    rows=("network", ("vgg-a", "vgg-16")),
    columns=("width", (1 / 8, 1 / 4, 1 / 2)),
    alike={"probes": ("ics",)},
)
"""Depth and width, by which desk's VGG-A at a quarter width is smaller than the paper's VGG-16.

For gradient ICS, whose cells are learning rates and layers: layers mean the same relative depth.
Two depths, desk's and the paper's, as a step at half width takes 3.4 times a quarter's time. With
no probe but that of ICS, as no other is read here and none changes training.
"""

DLN_SCOPE = Scope(rows=("depth", (5, 10, 25)), columns=("lr", (1e-7, 1e-6, 3e-6)))
"""Depth and learning rate, within what the paper's own network bears.

The paper's 25 layers and fewer, which shrink signals less: five is the least depth that has a layer
of its own for each of the figures'. The paper's two rates, and the highest of 1e-5 and 3e-6 at
which no run of its standard network diverges within desk's steps: at 1e-5 eight of ten do, at 3e-6
none (pilot seeds).
"""

DLN_START_SCOPE = Scope(
    rows=("depth", (5, 10, 25)), columns=("init", ("glorot-uniform", "orthogonal"))
)
"""Depth and initialisation, for gradient ICS, whose cells are learning rates and layers.

Of linear networks one asks whether a finding is of the normalisation or of a start that shrinks
signals with depth, as Glorot's does: with orthogonal weights no depth does (Saxe et al. 2014).
"""
