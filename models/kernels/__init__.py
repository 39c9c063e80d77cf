"""Numbers and kernels for a card: noise by counter, and what moves fewer bytes than autograd.

Which random numbers a run gets, in one place. Noise (``models.norms.noisy_batch``) and dropout
(``models.dropout``) have two paths, and the last call of the two decides:

``begin_step(seed, step)``, the host path
    A torch generator for each layer and step, seeded on the host. Every run on a CPU and every run
    of the eager engine takes it.
``follow(seed, step)``, the counter path
    Philox4x32-10 at the counter (element, step) under a key made of (seed, layer), with the step
    read from a tensor on the network's device: no host work, so that a CUDA graph can be replayed
    with other noise. The engine called "graphs" takes it, in plain torch or in fused kernels, which
    agree to rounding because they read the same counters.

The two paths have one distribution and other numbers. A store keeps them apart by the name of the
engine in the environment.
"""
