"""Chats that share one model in this process, against other ways to serve the same weights, side by side in one run.

    pip install -r benchmarks/requirements.txt       (for LangChain's pipeline)
    python -m benchmarks.local_serving [--chats 1 8 32] [--prompt 400] [--tokens 64] [--width 512] [--layers 8]
                                       [--shape 4b|8b] [--out FOLDER]

The model is a Llama of random weights that is made here (23 million parameters by default; `--shape` takes those of a
4B or 8B Qwen3, for a GPU), so that no hub is needed; every reply is exactly `--tokens` long. All chats ask at the same
moment; half of their prompt is common, as a shop's rules are. Ways:

    one by one     `model.generate`, one chat after the other
    static batch   `model.generate`, all chats in one padded batch
    langchain      `HuggingFacePipeline.batch` of langchain-community over a transformers pipeline (if installed)
    serve          `transformers serve --continuous-batching`, asked over HTTP (where it starts)
    static engine  what `hf:` does where a model cannot run in a continuous batch
    hf:            what `hf:` does: transformers' continuous batching behind a LangChain chat model

Tokens a second are all chats' tokens over the time until the last chat has its last. The time to the first token is a
chat's own; ways that do not stream have it when the chat's reply is whole. Prints a table and a JSON line last.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import torch
from langchain_core.messages import HumanMessage
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    AutoModelForCausalLM,
    GenerationConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from assistant.config import Settings
from assistant.evaluation.report import commit, table
from assistant.generation import local
from assistant.generation.static_batches import StaticEngine

_VOCABULARY = 4000
_SHAPES = {
    "4b": {"hidden_size": 2560, "intermediate_size": 9728, "num_hidden_layers": 36, "num_attention_heads": 32},
    "8b": {"hidden_size": 4096, "intermediate_size": 12288, "num_hidden_layers": 36, "num_attention_heads": 32},
}
_SERVE_START_S = 120.0
_SERVE_ANSWER_S = 600.0


@dataclass(frozen=True, slots=True)
class Timed:
    """One way with so many chats: tokens a second, and milliseconds to a chat's first token."""

    way: str
    chats: int
    tokens_s: float
    first_p50_ms: float
    first_p95_ms: float


@dataclass(slots=True)
class Bench:
    """A model in a folder, prompts for it, and how long replies are."""

    folder: Path
    prompts: list[str]
    n_tokens: int
    device: str

    @property
    def settings(self) -> Settings:
        """As the application would load it."""
        longest = max(len(prompt.split()) for prompt in self.prompts) + 64
        return Settings(
            prompt_tokens=longest, max_new_tokens=self.n_tokens, temperature=0.0, concurrency=max(len(self.prompts), 1)
        )

    def tokenizer(self) -> Any:
        """The tokenizer: a token a word."""
        return PreTrainedTokenizerFast.from_pretrained(self.folder)

    def model(self) -> Any:
        """The weights, as `hf:` loads them."""
        model = AutoModelForCausalLM.from_pretrained(
            self.folder, dtype=torch.bfloat16, attn_implementation="sdpa", device_map={"": self.device}
        )
        return model.eval()

    def ids(self, tokenizer: Any) -> list[list[int]]:
        """The prompts as the chat template has them."""
        return [
            tokenizer.apply_chat_template(
                [{"role": "user", "content": prompt}], add_generation_prompt=True, return_dict=False
            )
            for prompt in self.prompts
        ]

    @property
    def config(self) -> Any:
        """Greedy, and always to the full length: random weights end nothing sensibly."""
        return GenerationConfig(max_new_tokens=self.n_tokens, do_sample=False, eos_token_id=[], pad_token_id=0)


def make_model(folder: Path, arguments: argparse.Namespace) -> None:
    """Save a model of random weights and a tokenizer whose words are w0, w1, … into `folder`."""
    words = {f"w{n}": n for n in range(_VOCABULARY)}
    made = Tokenizer(models.WordLevel(words, unk_token="w0"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    template = "{% for m in messages %}w1 {{ m.content }} w2 {% endfor %}{% if add_generation_prompt %}w3{% endif %}"
    PreTrainedTokenizerFast(
        tokenizer_object=made, unk_token="w0", eos_token="w0", pad_token="w0", chat_template=template
    ).save_pretrained(folder)
    torch.manual_seed(7)
    common = {
        "vocab_size": _VOCABULARY, "num_key_value_heads": 8, "max_position_embeddings": 8192, "bos_token_id": None,
        "eos_token_id": None, "dtype": torch.bfloat16,
    }  # fmt: skip
    if arguments.shape:
        common["vocab_size"] = 151_936
        config: Any = Qwen3Config(**_SHAPES[arguments.shape], head_dim=128, **common)
        maker: Any = Qwen3ForCausalLM
    else:
        config = LlamaConfig(
            hidden_size=arguments.width, intermediate_size=arguments.width * 2, num_attention_heads=8,
            num_hidden_layers=arguments.layers, **common,
        )  # fmt: skip
        maker = LlamaForCausalLM
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        torch.set_default_dtype(torch.bfloat16)
        model = maker(config)
        torch.set_default_dtype(torch.float32)
    model.generation_config.eos_token_id = None
    model.save_pretrained(folder)


def one_by_one(bench: Bench) -> list[float]:
    """Seconds to each chat's first token."""
    model, ids, first = bench.model(), bench.ids(bench.tokenizer()), []
    _warm(model, bench)
    started = time.perf_counter()
    for prompt in ids:
        streamer = _First()
        _generate(model, bench, [prompt], streamer)
        first.append(streamer.at - started)
    return [*first, time.perf_counter() - started]


def static_batch(bench: Bench) -> list[float]:
    """The same in one padded batch."""
    model, ids, streamer = bench.model(), bench.ids(bench.tokenizer()), _First()
    _warm(model, bench)
    started = time.perf_counter()
    _generate(model, bench, ids, streamer)
    return [streamer.at - started] * len(ids) + [time.perf_counter() - started]


class _First:
    """Notes when the first new token came."""

    def __init__(self) -> None:
        self.at = 0.0
        self._past_prompt = False

    def put(self, value: Any) -> None:
        if self._past_prompt and not self.at:
            self.at = time.perf_counter()
        self._past_prompt = True

    def end(self) -> None:
        pass


def _generate(model: Any, bench: Bench, prompts: Sequence[Sequence[int]], streamer: Any = None) -> None:
    longest = max(map(len, prompts))
    ids = torch.tensor([[0] * (longest - len(p)) + list(p) for p in prompts], device=bench.device)
    mask = torch.tensor([[0] * (longest - len(p)) + [1] * len(p) for p in prompts], device=bench.device)
    with torch.inference_mode():
        model.generate(ids, attention_mask=mask, generation_config=bench.config, streamer=streamer)


def _warm(model: Any, bench: Bench) -> None:
    _generate(model, bench, [[1, 2, 3]])


def langchain(bench: Bench) -> list[float]:
    """LangChain's pipeline, which gives whole replies."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = importlib.import_module("langchain_community.llms.huggingface_pipeline")
        from transformers import pipeline

        tokenizer = bench.tokenizer()
        pipe = pipeline("text-generation", model=bench.model(), tokenizer=tokenizer)
        pipe.generation_config = bench.config
        llm = made.HuggingFacePipeline(pipeline=pipe, batch_size=len(bench.prompts))
        prompts = [tokenizer.decode(ids) for ids in bench.ids(tokenizer)]
        llm.invoke("w1 w2 w3")
        started = time.perf_counter()
        llm.batch(prompts)
    took = time.perf_counter() - started
    return [took] * (len(prompts) + 1)


def through_hf(bench: Bench) -> list[float]:
    """The application's own model, streamed to each chat."""
    return asyncio.run(_streamed(bench, local.load(str(bench.folder), bench.settings)))


def through_static_engine(bench: Bench) -> list[float]:
    """The application's own static batches."""
    rows = len(bench.prompts)
    engine = StaticEngine(bench.model(), bench.config, rows, min(rows, 8) if bench.device == "cpu" else rows)
    return asyncio.run(_streamed(bench, local.LocalModel(bench.tokenizer(), engine, bench.settings.prompt_tokens)))


async def _streamed(bench: Bench, model: local.LocalModel) -> list[float]:
    async def chat(prompt: str) -> float:
        first = 0.0
        async for _ in model.astream([HumanMessage(prompt)]):
            first = first or time.perf_counter()
        return first - started

    started = time.perf_counter()
    await chat("w9 w8")
    started = time.perf_counter()
    first = await asyncio.gather(*map(chat, bench.prompts))
    took = time.perf_counter() - started
    await model.close()
    return [*first, took]


def served(bench: Bench) -> list[float]:
    """`transformers serve`, asked over HTTP."""
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryFile("w+") as log:
        (Path(home) / "hub").mkdir()
        port = _free_port()
        command = [str(Path(sys.executable).parent / "transformers"), "serve", str(bench.folder), "--port", str(port)]
        command += ["--device", bench.device, "--continuous-batching"]
        environment = {**os.environ, "HF_HOME": home, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            return asyncio.run(_asked(bench, f"http://127.0.0.1:{port}", process))
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


async def _asked(bench: Bench, url: str, process: subprocess.Popen[bytes]) -> list[float]:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=_SERVE_ANSWER_S, trust_env=False, limits=limits) as client:

        async def chat(prompt: str) -> float:
            body = {
                "model": str(bench.folder), "messages": [{"role": "user", "content": prompt}], "stream": True,
                "max_tokens": bench.n_tokens, "temperature": 0.0,
            }  # fmt: skip
            first = 0.0
            async with client.stream("POST", "/v1/chat/completions", json=body) as response:
                response.raise_for_status()
                async for line in response.aiter_lines():
                    if not first and '"content"' in line:
                        first = time.perf_counter()
            return first - started

        deadline = time.perf_counter() + _SERVE_START_S
        while True:
            try:
                started = time.perf_counter()
                await chat("w9 w8")
                break
            except httpx.HTTPError as error:
                if process.poll() is not None or time.perf_counter() > deadline:
                    raise RuntimeError(f"`transformers serve` does not answer: {error!r}") from error
                await asyncio.sleep(0.5)
        started = time.perf_counter()
        first = await asyncio.gather(*map(chat, bench.prompts))
        return [*first, time.perf_counter() - started]


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


WAYS: dict[str, Callable[[Bench], list[float]]] = {
    "one by one": one_by_one,
    "static batch": static_batch,
    "langchain": langchain,
    "serve": served,
    "static engine": through_static_engine,
    "hf:": through_hf,
}


def prompts(chats: int, n_tokens: int) -> list[str]:
    """Prompts of different lengths around `n_tokens`, the first half common to all."""
    chance = np.random.default_rng(5)
    common = " ".join(f"w{n}" for n in chance.integers(10, _VOCABULARY, n_tokens // 2))
    lengths = chance.integers(n_tokens // 4, 3 * n_tokens // 4, chats)
    return [f"{common} {' '.join(f'w{n}' for n in chance.integers(10, _VOCABULARY, length))}" for length in lengths]


def main() -> int:
    """Measure every way with every number of chats."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chats", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--prompt", type=int, default=400, help="tokens of a prompt")
    parser.add_argument("--tokens", type=int, default=64, help="tokens of a reply")
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--shape", choices=sorted(_SHAPES), help="the sizes of a real model, for a GPU")
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS))
    parser.add_argument("--out", type=Path, default=Path(".data/bench"), metavar="DIR")
    arguments = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    found: list[Timed] = []
    missing: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        make_model(Path(folder), arguments)
        for chats in arguments.chats:
            bench = Bench(Path(folder), prompts(chats, arguments.prompt), arguments.tokens, device)
            for way in arguments.ways:
                if way in missing:
                    continue
                try:
                    *first, took = WAYS[way](bench)
                except (ImportError, OSError, RuntimeError, ValueError) as error:
                    missing[way] = " ".join(f"{type(error).__name__}: {error}".split())[:160]
                    continue
                p50, p95 = (float(np.percentile(first, share)) * 1000 for share in (50, 95))
                found.append(Timed(way, chats, round(chats * arguments.tokens / took, 1), round(p50), round(p95)))
                print(f"{way}, {chats} chats: {found[-1].tokens_s} tokens/s", file=sys.stderr, flush=True)
    rows = [(one.way, one.chats, one.tokens_s, one.first_p50_ms, one.first_p95_ms) for one in found]
    print(table(("way", "chats", "tokens/s", "first token p50, ms", "p95, ms"), rows))
    for way, why in missing.items():
        print(f"not measured: {way} ({why})")
    line = {"benchmark": "local_serving", "commit": commit(), "device": device, "threads": torch.get_num_threads(),
            "shape": arguments.shape or f"llama {arguments.width}x{arguments.layers}", "prompt": arguments.prompt,
            "tokens": arguments.tokens, "found": [asdict(one) for one in found], "missing": missing}  # fmt: skip
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "local_serving.json").write_text(json.dumps(line), encoding="utf-8")
    print(json.dumps(line))
    return 0


if __name__ == "__main__":
    sys.exit(main())
