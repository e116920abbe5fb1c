"""Weights in fewer bits, and whether a shop may be served with them.

In: a model's name and how its weights are to be kept. Out: what the transformers library is told, and what was measured
before: the share of exact facts that the model states with whole weights and with fewer bits, on the shop's own
generated questions. Nothing is measured here (`assistant.evaluation quantisation` does); what was not measured, or lost
too much, is refused unless the settings insist.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

from assistant.config import Settings
from assistant.errors import SettingsError

Quantization = Literal["none", "int8", "int4"]
QUANTIZATIONS: Final[tuple[Quantization, ...]] = get_args(Quantization)
MOST_LOST: Final = 1.0
"""Points (hundredths) of exact facts that fewer bits may cost."""
_FILE: Final = "quantisation.json"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What fewer bits cost one model on one shop: of `n` questions `right_whole` drafts were right with whole weights,
    `right` with fewer bits. `shop` is the index's fingerprint."""

    model: str
    quantization: Quantization
    n: int
    right_whole: int
    right: int
    shop: str

    @property
    def lost(self) -> float:
        """Points of exact facts that were lost; negative where some were gained."""
        return 100 * (self.right_whole - self.right) / self.n if self.n else 100.0

    @property
    def passes(self) -> bool:
        """Whether the shop may be served so."""
        return self.n > 0 and self.lost <= MOST_LOST

    def __str__(self) -> str:
        share = f"{self.right_whole / self.n:.1%} -> {self.right / self.n:.1%}" if self.n else "nothing"
        return (
            f"{self.model} in {self.quantization}: exact facts {share} of {self.n} drafts, {self.lost:.1f} points lost"
        )


def weights_config(quantization: Quantization) -> Any:
    """What `from_pretrained` is told; None for whole weights.

    Raises:
        SettingsError: the library that does it is not installed.
    """
    if quantization == "none":
        return None
    if importlib.util.find_spec("bitsandbytes") is None:
        raise SettingsError(
            f"SHOPKEEPER_QUANTIZATION={quantization} needs bitsandbytes: "
            "pip install -r deploy/local-model-requirements.txt"
        )
    import torch
    from transformers import BitsAndBytesConfig

    if quantization == "int8":
        return BitsAndBytesConfig(load_in_8bit=True)
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


def admit(name: str, settings: Settings) -> str:
    """What is known of a model's fewer bits, in a line for the log; "" for whole weights.

    Raises:
        SettingsError: it was not measured, or lost too much, and the settings do not insist.
    """
    quantization = checked(settings.quantization)
    if quantization == "none":
        return ""
    verdict = read_verdict(settings.data, full_name(name, settings.adapter), quantization)
    if verdict is not None and verdict.passes:
        return str(verdict)
    if settings.quantization_forced:
        return f"{verdict or f'hf:{name} in {quantization}: never measured'}; served all the same, as the settings say"
    insist = "or set SHOPKEEPER_QUANTIZATION_FORCED=1 to serve it all the same"
    if verdict is None:
        raise SettingsError(
            f"hf:{name} was not measured in {quantization} on this shop: run `python -m assistant.evaluation "
            f"quantisation SHOP --model hf:{name} --quantization {quantization}` with the same --data, {insist}"
        )
    raise SettingsError(f"{verdict}; at most {MOST_LOST:g} may be: take more bits or another model, {insist}")


def checked(text: str) -> Quantization:
    """A setting's value.

    Raises:
        SettingsError: there is no such way.
    """
    if text not in QUANTIZATIONS:
        raise SettingsError(f"SHOPKEEPER_QUANTIZATION={text!r} is none of {', '.join(QUANTIZATIONS)}")
    return text


def full_name(name: str, adapter: str) -> str:
    """A model with its adapter, as verdicts name it."""
    return f"hf:{name}+{adapter}" if adapter else f"hf:{name}"


def read_verdict(data: Path, model: str, quantization: Quantization) -> Verdict | None:
    """What was measured last of a model in a data folder; None where nothing was, or it cannot be read."""
    row = _read(data).get(f"{model} {quantization}")
    try:
        return None if row is None else Verdict(**row)
    except TypeError:
        return None


def write_verdict(data: Path, verdict: Verdict) -> None:
    """Keep what was measured.

    Raises:
        OSError: it cannot be written.
    """
    data.mkdir(parents=True, exist_ok=True)
    known = {**_read(data), f"{verdict.model} {verdict.quantization}": asdict(verdict)}
    path = data / _FILE
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(known, indent=1, ensure_ascii=False), encoding="utf-8")
    fresh.replace(path)


def _read(data: Path) -> Mapping[str, dict[str, Any]]:
    try:
        known = json.loads((data / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
