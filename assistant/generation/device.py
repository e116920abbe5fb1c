"""What this machine can run a chat model on. Loads torch and nothing else: asking must stay cheap.

In: nothing. Out: whether there is a GPU.
"""

from __future__ import annotations


def has_gpu() -> bool:
    """Whether a CUDA device can be used."""
    import torch

    return bool(torch.cuda.is_available())
