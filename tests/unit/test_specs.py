"""A SPEC names a model in one line; what cannot be read says which forms there are."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from assistant.config import Settings
from assistant.errors import ModelUnavailable, SettingsError
from assistant.generation import Spec, make_drafter, parse_spec


@pytest.mark.parametrize(("text", "spec"), [
    ("composer", Spec("composer")),
    ("auto", Spec("auto")),
    (" auto ", Spec("auto")),
    ("hf:Qwen/Qwen3-4B-Instruct-2507", Spec("hf", "Qwen/Qwen3-4B-Instruct-2507")),
    ("hf:/models/my model", Spec("hf", "/models/my model")),
    ("hf:./C:/m", Spec("hf", "./C:/m")),
    ("openai:qwen3@http://127.0.0.1:8000/v1", Spec("openai", "qwen3", "http://127.0.0.1:8000/v1")),
    ("openai:org/model:7b@https://host.example/v1/", Spec("openai", "org/model:7b", "https://host.example/v1")),
    ("openai:m@https://user:secret@host.example/v1", Spec("openai", "m", "https://user:secret@host.example/v1")),
    ("openai:m@http://a/v1,http://b/v1", Spec("openai", "m", "http://a/v1,http://b/v1")),
    ("langchain:ollama:llama3.2:3b", Spec("langchain", "llama3.2:3b", "ollama")),
])  # fmt: skip
def test_a_spec_is_read(text: str, spec: Spec) -> None:
    assert parse_spec(text) == spec
    assert parse_spec(str(spec)) == spec


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "gpt",
        "hf",
        "hf:",
        "hf: ",
        "openai",
        "openai:",
        "openai:m",
        "openai:m@",
        "openai:@http://h/v1",
        "openai:m@h:8000/v1",
        "openai:m@ftp://h",
        "openai:m@http://",
        "openai:m m@http://h",
        "openai:m@http://h,",
        "openai:m@http://h,b:8000/v1",
        "langchain:",
        "langchain:ollama",
        "langchain:ollama:",
        "langchain::m",
        "composer:x",
        "auto:",
        "HF:x",
        "hf:a\nb",
        "https://h/v1",
    ],
)
def test_a_spec_of_no_known_form_names_the_forms(text: str) -> None:
    with pytest.raises(
        SettingsError, match=r"composer, hf:NAME_OR_PATH, openai:MODEL@BASE_URL\[,BASE_URL...\], langchain:PROVIDER"
    ):
        make_drafter(text, Settings())


async def test_a_password_in_a_url_is_not_shown() -> None:
    drafter = make_drafter("openai:m@https://user:secret@host.example/v1", Settings())
    assert drafter is not None
    assert drafter.name == "openai:m@https://host.example/v1"
    await drafter.close()


def test_the_composer_is_no_drafter() -> None:
    assert make_drafter("composer", Settings()) is None


def test_auto_without_a_gpu_is_the_composer(monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.generation import device

    monkeypatch.setattr(device, "has_gpu", lambda: False)
    assert make_drafter("auto", Settings(auto_model="/no/such/model")) is None


def test_auto_whose_model_cannot_be_had_is_the_composer_and_says_so_in_one_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from assistant.generation import device

    monkeypatch.setattr(device, "has_gpu", lambda: True)
    with caplog.at_level(logging.INFO, "assistant"):
        assert make_drafter("auto", Settings(auto_model="/no/such/model")) is None
    (record,) = caplog.records
    assert "the composer answers" in record.getMessage()
    assert "hf:/no/such/model cannot be loaded" in record.getMessage()
    assert "\n" not in record.getMessage()


def test_a_model_asked_for_by_name_that_cannot_be_had_is_an_error() -> None:
    with pytest.raises(ModelUnavailable, match="hf:/no/such/model cannot be loaded"):
        make_drafter("hf:/no/such/model", Settings())


def test_reading_a_spec_loads_no_heavy_library() -> None:
    code = (
        "import sys; from assistant.generation import make_drafter; from assistant.config import Settings;"
        "make_drafter('composer', Settings());"
        "print(sorted({'torch', 'transformers', 'langchain_core', 'openai', 'faiss', 'gradio'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_several_servers_are_taken_once_each_and_shown_without_their_passwords() -> None:
    spec = parse_spec("openai:m@http://u:p@a/v1/,http://b/v1,http://u:p@a/v1")
    assert spec.urls == ("http://u:p@a/v1", "http://b/v1")
    assert spec.shown == "openai:m@http://a/v1,http://b/v1,http://a/v1"


@pytest.mark.parametrize("fields", ["{", "[1]", '"lora"'])
def test_fields_for_the_server_that_are_no_object_are_refused(fields: str) -> None:
    with pytest.raises(SettingsError, match="SHOPKEEPER_MODEL_FIELDS"):
        make_drafter("openai:m@http://h/v1", Settings(model_fields=fields))
