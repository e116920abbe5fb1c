"""Schemathesis over the OpenAPI document: whatever is sent, the server answers, and never with a 5xx.

    python -m benchmarks.api_schema [--schemathesis PATH] [--examples 20] [--seconds 300]

Serves the demo shop with the composer on a free loopback port, signs a shopper in, and lets Schemathesis (in an
environment of its own: benchmarks/requirements.txt) send what the document allows and what it does not. The ids of a
conversation, an answer and a product are given to it, so that it comes past the first check. `GET …/events` has no end
and is left out; signing out comes last, on its own.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from assistant.config import Settings
from ui.auth import ShopTokens

_HOOKS = """
import schemathesis

@schemathesis.hook
def map_path_parameters(ctx, path_parameters):
    known = {known}
    if not path_parameters:
        return path_parameters
    return {{**path_parameters, **{{name: known[name] for name in path_parameters if name in known}}}}
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--schemathesis", default="schemathesis")
    parser.add_argument("--examples", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=300)
    options = parser.parse_args()
    key = secrets.token_urlsafe(48)
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "SHOPKEEPER_DATA": folder,
            "SHOPKEEPER_JWT_KEY": key,
            "SHOPKEEPER_SHOP_ID": "demo",
            **{f"SHOPKEEPER_RATE_{name}": "" for name in ("SHOPPER", "ADDRESS", "READS")},
        }
        serve = [sys.executable, "-m", "ui", "--port", "0", "--model", "composer", "--embedder", "none"]
        server = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True, env=environment)
        try:
            return _run(_address(server), ShopTokens(Settings(jwt_key=key), "demo").sign("ann"), Path(folder), options)
        finally:
            server.terminate()
            server.wait(30)


def _address(server: subprocess.Popen[str]) -> str:
    assert server.stdout is not None
    for line in server.stdout:
        if found := re.search(r"http://\S+", line):
            return found[0] + "/v1"
    raise RuntimeError("the server did not start")


def _run(url: str, signed: str, folder: Path, options: argparse.Namespace) -> int:
    token = _post(url + "/sessions", signed)["token"]
    conversation = _post(url + "/conversations", token, {})["id"]
    answer = _post(f"{url}/conversations/{conversation}/messages", token, {"text": "A tent?"})["message"]
    known = {
        "conversation_id": conversation,
        "message_id": answer["id"],
        "product_id": answer["products"][0]["id"],
    }
    (folder / "hooks.py").write_text(_HOOKS.format(known=repr(known)), encoding="utf-8")
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(folder)}
    command = [options.schemathesis, "run", url + "/openapi.json", "--url", url, "-H", f"Authorization: Bearer {token}"]
    command += ["--checks", "not_a_server_error", "--phases", "examples,coverage,fuzzing", "--request-timeout", "10"]
    command += ["--max-examples", str(options.examples), "--max-time", str(options.seconds), "--seed", "11"]
    began, worst = time.monotonic(), 0
    for which in (["--exclude-path-regex", "events$|sessions/current$"], ["--include-path-regex", "sessions/current$"]):
        done = subprocess.run([*command, *which], env=environment, cwd=folder, capture_output=True, text=True)
        print(done.stdout[done.stdout.rfind("SUMMARY") :])
        worst = max(worst, done.returncode)
        if done.returncode:
            print(done.stdout, done.stderr)
    told = {"benchmark": "api_schema", "seconds": round(time.monotonic() - began), "exit": worst}
    print(json.dumps(told | {"examples": options.examples, "seed": 11}))
    return worst


def _post(url: str, token: str, body: Any = None) -> Any:
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode() if body is not None else b"", headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


if __name__ == "__main__":
    sys.exit(main())
