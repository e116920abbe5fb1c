"""A model server that speaks the OpenAI stream at a given pace: for measuring what is around it.

    python -m benchmarks.paced_model [--first 0.05] [--pause 0.02] [--draft TEXT] [--places 0]

Prints its base URL. Every request gets the same draft, a word a chunk. With `--places` N it writes N drafts at a time
and refuses the others with 429 and Retry-After, as a full server does.
"""

from __future__ import annotations

import argparse
import asyncio
import json

DRAFT = "Happy to help with that. Here is what I found for you: " + "It depends on what matters most to you. " * 6


async def serve(first_s: float, pause_s: float, draft: str, places: int) -> None:
    words = [f"{word} " for word in draft.split()]
    running = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal running
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
                await reader.readexactly(length)
                if places and running >= places:
                    writer.write(b"HTTP/1.1 429 Full\r\nretry-after: 1\r\ncontent-length: 2\r\n\r\n{}")
                    await writer.drain()
                    continue
                running += 1
                try:
                    await _stream(writer, words, first_s, pause_s)
                finally:
                    running -= 1
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client has gone
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=2048)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    async with server:
        await server.serve_forever()


async def _stream(writer: asyncio.StreamWriter, words: list[str], first_s: float, pause_s: float) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
    loop = asyncio.get_running_loop()
    began = loop.time()
    for n, word in enumerate(words):
        # By the clock, so that a late word delays none of those after it.
        await asyncio.sleep(max(0.0, began + first_s + n * pause_s - loop.time()))
        writer.write(_event({"content": word}, None))
        await writer.drain()
    done = b"data: [DONE]\n\n"
    writer.write(_event({}, "stop") + b"%x\r\n%s\r\n0\r\n\r\n" % (len(done), done))
    await writer.drain()


def _event(delta: dict[str, str], finish: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "paced", "choices": [choice]}
    data = f"data: {json.dumps(chunk)}\n\n".encode()
    return b"%x\r\n%s\r\n" % (len(data), data)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--first", type=float, default=0.05)
    parser.add_argument("--pause", type=float, default=0.02)
    parser.add_argument("--draft", default=DRAFT)
    parser.add_argument("--places", type=int, default=0)
    options = parser.parse_args()
    asyncio.run(serve(options.first, options.pause, options.draft, options.places))


if __name__ == "__main__":
    main()
