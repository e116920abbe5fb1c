"""Weights are loaded in the numbers that the machine is fast with."""

from __future__ import annotations

import pytest
import torch

from assistant.generation.device import fastest_dtype


@pytest.mark.parametrize(
    ("able", "dtype"),
    [
        ({"avx2": True, "avx512_bf16": True}, "bfloat16"),
        ({"avx2": True, "amx_bf16": True, "avx512_bf16": False}, "bfloat16"),
        ({"avx2": True, "avx512_bf16": False}, "float32"),
        ({"architecture": "aarch64"}, "float32"),
    ],
)
def test_a_processor_gets_bfloat16_where_it_has_instructions_for_it(
    able: dict[str, object], dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    assert fastest_dtype("cpu") == dtype


@pytest.mark.parametrize(("supported", "dtype"), [(True, "bfloat16"), (False, "float16")])
def test_a_gpu_without_bfloat16_gets_float16(supported: bool, dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: supported)
    assert fastest_dtype("cuda") == dtype
