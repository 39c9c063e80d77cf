"""The engine: several seeds of an arm trained together, as CUDA graphs on a card.

``models.training.train`` is the plain loop: one seed, one Python call for each operation. On a card
that loop waits for Python, so there the same step is recorded once as a CUDA graph, with a branch
for each seed, and replayed. A step does the same arithmetic in both, and the records mean the same.

**Which numbers differ.** On a CPU, where nothing is recorded, the engine's records and weights are
the plain loop's bit for bit (tested), but the bench trains with the plain loop there. On a card:

- What is random during training is drawn by counter (``models.kernels.philox``): the noise of
  noisy BatchNorm, dropout's masks, the random directions. The distributions are the same, the
  numbers are not. Initial weights, order of batches, jitter and augmentation are drawn by the host
  in both, so arms still share them, and so do the two engines.
- Some norms are fused kernels (``models.kernels``), the update is one over all parameters, and
  cuBLAS may choose otherwise on another stream: a step from one state may differ in the last bits.

Training is chaotic, so two such runs part after some tens of steps. They are compared after *one*
step from the same state, within a tolerance (tests/gpu), and by equal means over seeds within a
margin; never as whole trajectories. ``Environment.engine`` keeps them apart in the store: "graphs"
or "eager".

**What never differs** with one engine on one card: with probes on or off the weights are the same
bits. Seeds trained together or alone draw the same numbers and use the same kernels.
"""
