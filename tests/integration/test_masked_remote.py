"""What a model on another machine is sent, what the page shows of its draft, and what the logs say of either."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest

from assistant.config import Settings
from assistant.generation import Drafter, make_drafter
from assistant.pipeline import Assistant
from assistant.privacy import logs
from assistant.privacy.drafting import mask_prompt
from assistant.prompt import build_prompt
from assistant.types import Evidence, Message, Order, Prompt, Reply, Shipment, Turn
from assistant.understanding import understand
from knowledge_base.index import Index
from knowledge_base.types import Entry, Hit
from tests.fakes import Answer, FakeServer
from tests.integration.page_session import PageSession
from tests.running_app import RunningApp

VALUES = ("anna.berg@web.de", "138 1234 5678", "4111 1111 1111 1111", "31 Alder Way, Seattle, WA 98101")
QUESTION = f"recommend a tent, I am {', '.join(VALUES)}"
DRAFT = ("The Fernway 2 Tent [2] sleeps 2 persons. ", "Your mail is ⟨em", "ail-1", "⟩ and your phone ⟨phone-1⟩", ". ")
PIECES = ("anna.berg", "1234 5678", "1111 1111", "Alder Way", "98101")


@pytest.fixture
async def drafter_for() -> AsyncIterator[Callable[..., Drafter]]:
    made: list[Drafter] = []

    def make(server: FakeServer, **settings: object) -> Drafter:
        drafter = make_drafter(f"openai:fake@{server.url}", Settings(**settings))  # type: ignore[arg-type]
        assert drafter is not None
        made.append(drafter)
        return drafter

    yield make
    for drafter in made:
        await drafter.close()


async def answered(assistant: Assistant, turn: Turn) -> tuple[str, Reply]:
    """The text as it was streamed, and the reply."""
    pieces: list[str] = []
    async for event in assistant.stream(turn):
        if event.kind == "text":
            pieces.append(event.data["delta"])
        elif event.kind == "done":
            return "".join(pieces), event.data["reply"]
    raise AssertionError("a stream ends with done")


async def test_a_remote_model_gets_marks_and_the_page_gets_the_values(
    index: Index, drafter_for: Callable[..., Drafter]
) -> None:
    history = (Message("shopper", f"I am {VALUES[0]}"), Message("assistant", f"Hello {VALUES[0]}!"))
    with FakeServer(Answer(DRAFT)) as server:
        text, reply = await answered(Assistant(index, drafter_for(server)), Turn("c", QUESTION, history))
        sent = json.dumps(server.requests, ensure_ascii=False)
    assert not [piece for piece in PIECES if piece in sent]
    assert sent.count("⟨email-1⟩") >= 3 and "⟨phone-1⟩" in sent and "⟨card-1⟩" in sent and "⟨address-1⟩" in sent
    assert (
        text.strip()
        == reply.text
        == f"The Fernway 2 Tent [2] sleeps 2 persons. Your mail is {VALUES[0]} and your phone {VALUES[1]}."
    )
    assert (reply.fallback, reply.findings) == (None, ())


async def test_masking_can_be_turned_off(index: Index, drafter_for: Callable[..., Drafter]) -> None:
    with FakeServer(Answer(("The Fernway 2 Tent [2] sleeps 2 persons. ",))) as server:
        await answered(Assistant(index, drafter_for(server, mask_remote=False)), Turn("c", QUESTION))
        sent = json.dumps(server.requests, ensure_ascii=False)
    assert all(piece in sent for piece in PIECES)


def test_a_prompt_without_personal_data_is_sent_as_it_is() -> None:
    for code in ("12345678", "e1234567", "d56039c6"):
        text = f"<<message {code}>>\na tent, my account id\n<</message {code}>>"
        prompt = Prompt((("system", "Rules."), ("user", text)), Evidence(), 7)
        assert mask_prompt(prompt)[0] is prompt


def test_what_the_shop_publishes_stays_and_what_is_the_shoppers_does_not() -> None:
    entry = Entry("faq:1", "faq", "How do I reach you?", "Call 802-555-0142, 12 Harbor Road, Duluth, MN 55802.")
    order = Order(
        "AP30117", "c-1", "shipped", None, (), (Shipment("Bluejay", "BJ4481616476US", "on its way"),), None, None
    )
    text = (
        "802-555-0142, help@shop.example, 12 Harbor Road, Duluth, MN 55802; order ap30117, BJ4481616476US, 802-555-0199"
    )
    prompt = Prompt(
        (("system", "You are Rules of system@shop.example."), ("user", text)),
        Evidence(passages=(Hit(entry, 1.0, 1, "fused"),), orders=(order,)),
        0,
        "help@shop.example",
    )
    masked, masker = mask_prompt(prompt)
    assert masked.messages[1][1] == (
        "802-555-0142, help@shop.example, 12 Harbor Road, Duluth, MN 55802; order ⟨order-1⟩, ⟨tracking-1⟩, ⟨phone-1⟩"
    )
    assert masked.messages[0][1].startswith("You are Rules of system@shop.example.\n\nMarks like ")
    assert masker.values["⟨phone-1⟩"] == "802-555-0199"


def test_the_shops_contacts_in_shop_toml_are_readable(index_zh: Index) -> None:
    turn = Turn("c", "推荐一款电热水壶")
    prompt = build_prompt(turn, understand(turn, index_zh), Evidence(), index_zh.info, len, 3000)
    assert all(link in prompt.public for link in index_zh.info.links.values())
    assert index_zh.info.name in prompt.public


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that any logger of this process writes, at DEBUG, with masking installed."""
    root = logging.getLogger()
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    factory, hooks, level = logging.getLogRecordFactory(), (sys.excepthook, threading.excepthook), root.level
    names = (
        "openai",
        "openai._base_client",
        "httpx",
        "httpcore",
        "uvicorn",
        "uvicorn.access",
        "uvicorn.error",
        "gradio",
    )
    loggers = [logging.getLogger(name) for name in names]
    before = [(logger.level, logger.propagate) for logger in loggers]
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    logs.install()
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)
    logging.setLogRecordFactory(factory)
    sys.excepthook, threading.excepthook = hooks
    for logger, (old_level, propagate) in zip(loggers, before, strict=True):
        logger.setLevel(old_level)
        logger.propagate = propagate


def listen_to_all(handler: logging.Handler) -> None:
    for logger in map(logging.getLogger, ("openai", "httpx", "httpcore", "uvicorn", "uvicorn.access", "uvicorn.error")):
        logger.setLevel(logging.DEBUG)
        logger.propagate = True


def test_logs_of_a_served_chat_at_debug_hold_no_personal_data(
    index: Index, small_shop: Path, tmp_path: Path, logged: io.StringIO
) -> None:
    echo = json.dumps({"error": {"message": f"cannot say {QUESTION}"}}).encode()
    with FakeServer(Answer(DRAFT), Answer(status=400, raw=echo)) as server:
        settings = Settings(data=tmp_path, shop=small_shop, model=f"openai:fake@{server.url}")
        # Not masked before the model, so that the client's own debug log has all of it to say.
        drafter = make_drafter(settings.model, Settings(mask_remote=False))
        with RunningApp(small_shop, settings, Assistant(index, drafter)) as app:
            listen_to_all(logging.getLogger().handlers[-1])
            with PageSession(app.url) as page:
                page.ask(QUESTION)
                page.ask(QUESTION)
            httpx.get(f"{app.url}/readyz", params={"q": f"{VALUES[0]} {VALUES[1]} 广州市天河区荔湾新村26栋1201"})
    written = logged.getvalue()
    for sign in ("/readyz?q=[email]+[phone]+[address]", "cannot say", "I am [email]"):
        assert sign in written, sign
    assert not [piece for piece in (*PIECES, "138%20", "138+1234", "荔湾", "%E8%8D%94") if piece in written]


@pytest.mark.parametrize("log", [
    lambda log, value: log.warning("from %s", value),
    lambda log, value: log.warning(f"from {value}"),
    lambda log, value: log.warning({"text": value}),
    lambda log, value: log.warning("%(text)s", {"text": value}),
    lambda log, value: log.warning("%s@%s", *value.split("@")),
    lambda log, value: log.warning("no place for it", value),
    lambda log, value: log.warning(ValueError(value)),
    lambda log, value: log.warning("failed", exc_info=ValueError(value)),
    lambda log, value: log.warning("extra", extra={"text": {"of": [value]}}),
    lambda log, value: log.warning("number %d %.1f %s", 4111111111111111, 1.5, value),
    lambda log, value: log.warning(json.dumps({"q": f"{value} 广州市天河区体育路8号"})),
], ids=range(11))  # fmt: skip
def test_no_way_to_log_writes_personal_data(
    log: Callable[[logging.Logger, str], None], logged: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = logging.getLogger().handlers[-1]
    handler.setFormatter(logging.Formatter("%(message)s %(text)s", defaults={"text": ""}))
    log(logging.getLogger("assistant.test"), "anna.berg@web.de")
    written = logged.getvalue() + capsys.readouterr().err
    assert written
    assert not [piece for piece in ("anna.berg", "web.de", "41111", "u4f53", "体育路") if piece in written]


def test_a_traceback_is_written_without_the_values_in_it(logged: io.StringIO) -> None:
    try:
        try:
            raise KeyError("anna.berg@web.de")
        except KeyError as error:
            raise RuntimeError("parameters: ('call 138 1234 5678',)") from error
    except RuntimeError:
        logging.getLogger("assistant.test").exception("it broke")
    written = logged.getvalue()
    assert "Traceback" in written and "KeyError: '[email]'" in written and "('call [phone]',)" in written


def test_an_exception_that_nobody_caught_is_printed_without_them(
    logged: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    error = ValueError("from anna.berg@web.de")
    sys.excepthook(ValueError, error, None)
    thread = threading.Thread(target=lambda: int("13812345678 is my phone"), name="t")
    thread.start()
    thread.join()
    written = capsys.readouterr().err
    assert "ValueError: from [email]" in written and "'[phone] is my phone'" in written


def test_an_ordinary_record_is_left_as_it_is(logged: io.StringIO) -> None:
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[method-assign]
    log = logging.getLogger("assistant.test")
    log.addHandler(handler)
    log.info("turn conversation=%s ms=%s n=%d", "4f3e0c1a-1111-4222-8333-444455556666", {"total": 12.25}, 3)
    log.removeHandler(handler)
    assert records[0].args == ("4f3e0c1a-1111-4222-8333-444455556666", {"total": 12.25}, 3)
