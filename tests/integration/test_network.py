"""Start and chat ask nobody but this machine: any other connection ends the program under test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running_app import write_shop

ROOT = Path(__file__).parents[2]

# An audit hook sees every connection and name lookup of the process, whichever library makes it.
GUARDED = """
import ipaddress, os, sys

def local(host):
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host.split("%")[0]).is_loopback
    except ValueError:
        return False

def guard(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.bind"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = arguments[0]
    else:
        return
    if not local(host):
        os.write(2, f"LEFT THE MACHINE: {event} {arguments}\\n".encode())
        os._exit(99)

sys.addaudithook(guard)
"""

SERVE = """
import socket, sys, threading, time
import httpx
from ui.__main__ import main
from tests.integration.page_session import PageSession

with socket.create_server(("127.0.0.1", 0)) as probe:
    port = probe.getsockname()[1]
url = f"http://127.0.0.1:{port}"

def drive():
    deadline = time.monotonic() + 90
    while True:
        try:
            if httpx.get(url + "/readyz", trust_env=False).status_code == 200:
                break
        except httpx.TransportError:
            pass
        if time.monotonic() > deadline:
            os._exit(98)
        time.sleep(0.1)
    answer = PageSession(url).ask("Do you have Larkspur 2?")
    assert "sk-prose" in answer, answer
    print("ANSWERED", flush=True)
    os._exit(0)

threading.Thread(target=drive, daemon=True).start()
shop, data, *others = sys.argv[1:]
sys.exit(main(["--shop", shop, "--data", data, "--port", str(port), "--model", "composer", *others]))
"""


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("SHOPKEEPER_", "GRADIO_", "HF_"))
    }
    environment["PYTHONPATH"] = str(ROOT)
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=110,
        cwd=ROOT,
    )


def test_start_and_a_chat_connect_to_this_machine_only(tmp_path: Path) -> None:
    result = run(GUARDED + SERVE, str(write_shop(tmp_path / "shop")), str(tmp_path / "data"), "--embedder", "none")

    assert "LEFT THE MACHINE" not in result.stderr, result.stderr
    assert "ANSWERED" in result.stdout, result.stdout + result.stderr
    assert result.returncode == 0


@pytest.mark.parametrize(
    "call", ["socket.create_connection(('192.0.2.1', 80), 1)", "socket.gethostbyname('example.com')"]
)
def test_the_guard_would_have_noticed(call: str) -> None:
    assert run(GUARDED + f"import socket\n{call}\n").returncode == 99
