"""Where a model runs on this machine, and in which numbers. Loads torch and nothing else: asking must stay cheap.

In: nothing but the machine. Out: whether there is a GPU, and a dtype.
"""

from __future__ import annotations

from typing import Final

_BF16_ON_CPU: Final = ("amx_bf16", "avx512_bf16", "arm_bf16", "bf16")  # instructions, as torch names them


def has_gpu() -> bool:
    """Whether a CUDA device can be used."""
    import torch

    return bool(torch.cuda.is_available())


def fastest_dtype(device: str) -> str:
    """The name of the torch dtype to load weights in.

    bfloat16 where the processor or GPU has instructions for it: two to three times as fast as float32 on a CPU, and
    half as large. Without them it is emulated, slower than float32.
    """
    import torch

    if device == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float16"
    able = torch.cpu.get_capabilities()
    return "bfloat16" if any(able.get(name) for name in _BF16_ON_CPU) else "float32"
