"""A model in fewer bits is served only where that was measured on the shop and costs at most a point; adapters are laid
over a model, and only safe ones."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import logging
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import LlamaForCausalLM

from assistant.config import Settings
from assistant.errors import ModelUnavailable, SettingsError
from assistant.evaluation.__main__ import main
from assistant.generation import local, make_drafter
from assistant.generation.quantisation import Verdict, admit, read_verdict, write_verdict
from tests.integration.test_local_model import save_model

HAS_THEM = all(importlib.util.find_spec(name) for name in ("bitsandbytes", "peft"))
needs_them = pytest.mark.skipif(not HAS_THEM, reason="deploy/local-model-requirements.txt is not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("tiny"))


def settings(data: Path, **named: object) -> Settings:
    sizes = {"prompt_tokens": 1200, "max_new_tokens": 8, "temperature": 0.0, "concurrency": 2}
    return Settings(data=data, **{**sizes, **named})  # type: ignore[arg-type]


def verdict(right: int, n: int = 200, whole: int = 180) -> Verdict:
    return Verdict("hf:m", "int8", n, whole, right, "f")


@pytest.mark.parametrize(
    ("measured", "passes"),
    [
        (verdict(180), True),
        (verdict(178), True),
        (verdict(177), False),
        (verdict(190), True),
        (verdict(0, 0, 0), False),
    ],
)
def test_at_most_one_point_may_be_lost(measured: Verdict, passes: bool) -> None:
    assert measured.passes is passes


def test_what_was_not_measured_or_lost_too_much_is_refused_and_says_what_to_do(tmp_path: Path) -> None:
    asked = settings(tmp_path, quantization="int8")
    with pytest.raises(SettingsError, match=r"not measured in int8.*assistant\.evaluation quantisation SHOP.*FORCED=1"):
        admit("m", asked)
    write_verdict(tmp_path, verdict(100))
    with pytest.raises(SettingsError, match=r"40\.0 points lost.*at most 1 may be.*FORCED=1"):
        admit("m", asked)
    assert "40.0 points lost" in admit("m", settings(tmp_path, quantization="int8", quantization_forced=True))
    write_verdict(tmp_path, verdict(179))
    assert "0.5 points lost" in admit("m", asked)
    with pytest.raises(SettingsError, match="not measured in int4"):
        admit("m", settings(tmp_path, quantization="int4"))
    with pytest.raises(SettingsError, match="none of none, int8, int4"):
        admit("m", settings(tmp_path, quantization="int3"))
    assert admit("m", settings(tmp_path)) == ""


def test_a_damaged_verdict_counts_for_none(tmp_path: Path) -> None:
    (tmp_path / "quantisation.json").write_text('{"hf:m int8": {"n": 1')
    assert read_verdict(tmp_path, "hf:m", "int8") is None
    (tmp_path / "quantisation.json").write_text('{"hf:m int8": {"strange": 1}}')
    assert read_verdict(tmp_path, "hf:m", "int8") is None
    write_verdict(tmp_path, verdict(180))
    assert read_verdict(tmp_path, "hf:m", "int8") == verdict(180)


@needs_them
@pytest.mark.parametrize("quantization", ["int8", "int4"])
def test_weights_in_fewer_bits_are_smaller_and_write(
    folder: Path, tmp_path: Path, quantization: str, caplog: pytest.LogCaptureFixture
) -> None:
    forced = settings(tmp_path, quantization=quantization, quantization_forced=True)
    whole = LlamaForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)
    model = local.load(str(folder), forced)
    fewer = model._engine._model  # type: ignore[attr-defined]
    assert fewer.get_memory_footprint() < 0.9 * whole.get_memory_footprint()
    assert model.invoke("How fast does it boil?").text
    assert "never measured" in caplog.text
    asyncio.run(model.close())


@needs_them
def test_the_command_measures_both_and_the_start_believes_it(
    folder: Path, tmp_path: Path, small_shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PROMPT_TOKENS": "1200", "MAX_NEW_TOKENS": "8", "EMBEDDER": "none"}.items():
        monkeypatch.setenv(f"SHOPKEEPER_{name}", value)
    command = ["quantisation", str(small_shop), "--model", f"hf:{folder}", "--quantization", "int8"]
    assert main([*command, "--data", str(tmp_path), "--n", "12"]) == 0
    row = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert row["n"] > 0
    assert (row["right"], row["right_whole"], row["passes"]) == (0, 0, True)  # random weights know no fact
    drafter = make_drafter(f"hf:{folder}", settings(tmp_path, quantization="int8"))
    assert drafter is not None
    asyncio.run(drafter.close())


@pytest.mark.skipif(HAS_THEM, reason="they are installed")
def test_without_their_libraries_both_say_what_to_install(folder: Path, tmp_path: Path) -> None:
    for asked in (settings(tmp_path, quantization="int4", quantization_forced=True), settings(tmp_path, adapter="a")):
        with pytest.raises(SettingsError, match=r"pip install -r deploy/local-model-requirements\.txt"):
            local.load(str(folder), asked)


def save_adapter(folder: Path, to: Path, rank: int = 4) -> Path:
    """An adapter as training would leave it, of random weights, large enough to change what is written."""
    to.mkdir()
    config = json.loads((folder / "config.json").read_text())
    width, kept = config["hidden_size"], config["hidden_size"] // config["num_attention_heads"]
    wide = {"q_proj": width, "v_proj": kept * config["num_key_value_heads"]}
    weights = {}
    for layer in range(config["num_hidden_layers"]):
        for name, size in wide.items():
            of = f"base_model.model.model.layers.{layer}.self_attn.{name}"
            weights[f"{of}.lora_A.weight"] = torch.randn(rank, width)
            weights[f"{of}.lora_B.weight"] = torch.randn(size, rank)
    save_file(weights, to / "adapter_model.safetensors")
    described = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "r": rank,
        "lora_alpha": 8,
        "target_modules": list(wide),
    }
    described["target_modules"] = list(wide)
    (to / "adapter_config.json").write_text(json.dumps(described))
    return to


@needs_them
async def test_an_adapter_changes_what_is_written_and_the_reply_names_it(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    adapter = save_adapter(folder, tmp_path / "lora")
    plain = local.load(str(folder), settings(tmp_path))
    before = (await plain.ainvoke("How fast does it boil?")).text
    await plain.close()
    with caplog.at_level(logging.INFO, "assistant.generation.local"):
        drafter = make_drafter(f"hf:{folder}", settings(tmp_path, adapter=str(adapter)))
    assert drafter is not None
    assert drafter.name == f"hf:{folder}+{adapter}"
    assert (await drafter._model.ainvoke("How fast does it boil?")).text != before  # type: ignore[attr-defined]
    assert "continuous batching" in caplog.text
    await drafter.close()


@needs_them
def test_an_adapter_that_is_missing_unsafe_or_of_another_model_is_refused(folder: Path, tmp_path: Path) -> None:
    adapter = save_adapter(folder, tmp_path / "lora")
    weights = adapter / "adapter_model.safetensors"
    other = save_model(tmp_path / "other", hidden_size=32)
    with pytest.raises(ModelUnavailable, match="does not go with this model"):
        local.load(str(other), settings(tmp_path, adapter=str(adapter)))
    torch.save(load_file(weights), adapter / "adapter_model.bin")
    weights.unlink()
    with pytest.raises(ModelUnavailable, match=r"no adapter_model\.safetensors"):
        local.load(str(folder), settings(tmp_path, adapter=str(adapter)))
    with pytest.raises(ModelUnavailable, match="is no folder and cannot be fetched"):
        local.load(str(folder), settings(tmp_path, adapter="/nowhere"))
