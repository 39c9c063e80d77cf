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
engine in the environment. Fused kernels leave activations in the type they came in, bf16 under
autocast, as BatchNorm does and the plain paths of noise after BatchNorm and of l_p norms do not.

Why fused kernels: a norm does a few operations on each number that it reads, so that its time is
that of the bytes it moves. All layers of VGG-16 with a norm have 277,504 activations an image:
35.5 million at batch 128, 142 MB in fp32, one *pass*. Passes of a training step, forward and
backward, counting what each operator reads and writes (a dispatch mode; BatchNorm reads its input
twice, and in the backward pass input and gradient twice):

========================================  ======  =======
norm                                      passes  GB
========================================  ======  =======
BatchNorm, torch's kernel                 8       1.14
noisy BatchNorm, torch's generators       23      3.3
noisy BatchNorm, Philox in plain torch    345     49
l_1, l_2, l_inf, plain                    20, 19, 28  2.8, 2.7, 4.0
noisy BatchNorm and l_p, fused            8       1.14
the noise alone, fused                    4       0.57
========================================  ======  =======

At the 4.8 TB/s of an H200's data sheet 1.14 GB are 0.24 ms and 49 GB are 10 ms a step. The random
words cost arithmetic instead: 1,216 instructions a thread for 16 activations where sine and cosine
are our own polynomials, 2,256 with libdevice's (noise alone, sm_90 code of Triton 3.6).
These are counts; nothing here has been timed on a card yet (``timing`` does).
"""
