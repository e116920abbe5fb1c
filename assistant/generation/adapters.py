"""A LoRA adapter laid over a model's weights.

In: a folder or a name on the hub. Out: the model, changed. Only safetensors are read, and only of an adapter that was
made for a model of this shape.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, Final

from assistant.errors import ModelUnavailable, SettingsError

_CONFIG, _WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
_FILES: Final = (_CONFIG, _WEIGHTS)


def lay_over(model: Any, adapter: str, hub_is_reachable: bool) -> None:
    """Lay an adapter over `model`, for every request.

    Raises:
        SettingsError: the library that does it is not installed.
        ModelUnavailable: there is no such adapter, it is not safe to read, or it does not fit the model.
    """
    if importlib.util.find_spec("peft") is None:
        raise SettingsError("SHOPKEEPER_ADAPTER needs peft: pip install -r deploy/local-model-requirements.txt")
    folder = Path(adapter) if Path(adapter).is_dir() else _fetched(adapter, hub_is_reachable)
    if missing := [name for name in _FILES if not (folder / name).is_file()]:
        raise ModelUnavailable(
            f"the adapter {adapter} has no {' and no '.join(missing)}: give a LoRA adapter saved as safetensors"
        )
    try:
        model.load_adapter(str(folder))
    except (OSError, ValueError, RuntimeError, LookupError, TypeError, ImportError) as error:
        reason = " ".join(str(error).split())[:300]
        raise ModelUnavailable(
            f"the adapter {adapter} does not go with this model ({type(error).__name__}: {reason})"
        ) from error


def _fetched(name: str, hub_is_reachable: bool) -> Path:
    """The folder of an adapter of the hub, from the cache where it is there."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        folder = snapshot_download(name, allow_patterns=list(_FILES), local_files_only=not hub_is_reachable)
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise ModelUnavailable(
            f"the adapter {name} is no folder and cannot be fetched: give the path of a folder, or a name on a hub "
            "that this machine can reach"
        ) from error
    return Path(folder)
