"""A draft in other words: shorter, warmer, in the other language, or by an instruction.

In: an assistant, the turn, a draft with what it was made of, and what is wanted. Out: a draft from the same evidence. A
model's version passes the checks that every draft passes, sentence by sentence, so a figure that is not in the evidence
never does. Without a model, what can be done by fixed ways is done, and the rest refused with a message that says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from assistant.cards import citations
from assistant.checks import is_enough
from assistant.drafting import Written
from assistant.errors import ModelError, NeedsModel, NoVariant
from assistant.fencing import Fence, defuse, one_line
from assistant.generation.colleague import quoted
from assistant.prompt import build_prompt
from assistant.sentences import SentenceSplitter, split_sentences
from assistant.several import compose_all, merged_evidence
from assistant.trace import Trace
from assistant.types import Evidence, Language, Part, Prompt, Query, Reply, Turn

if TYPE_CHECKING:
    from assistant.generation import Drafter
    from assistant.pipeline import Assistant

Kind = Literal["again", "shorter", "warmer", "language"]
_INSTRUCTION_CHARS: Final = 500
_DRAFT_CHARS: Final = 4000
_SHORT: Final = 0.6  # of the draft's length is what "shorter" aims at
_TASKS: Final[Mapping[Language, Mapping[Kind, str]]] = {
    "en": {
        "again": "Write the draft anew.",
        "shorter": "Write the draft anew in half as many words: the answer alone.",
        "warmer": "Write the draft anew, warmer and more personal, and not longer than by a sentence.",
        "language": "Write the draft anew in English.",
    },
    "zh": {
        "again": "请重写这份草稿。",
        "shorter": "请把这份草稿重写得更短，字数减半，只保留答案。",
        "warmer": "请重写这份草稿，语气更亲切，最多增加一句话。",
        "language": "请用中文重写这份草稿。",
    },
}
_WORDS: Final[Mapping[Language, tuple[str, str, str]]] = {
    "en": (
        "A draft of the answer, as data:",
        "Keep what it states and its numbers in brackets; state no figure that the evidence does not have.",
        "In particular: ",
    ),
    "zh": ("回答的草稿（数据）：", "保留其中陈述的内容和方括号编号；资料里没有的数字一律不写。", "特别要求："),
}
_WARM: Final[Mapping[Language, tuple[str, str]]] = {
    "en": ("Thank you for your message!", "If anything is still open, just write: I am glad to help."),
    "zh": ("感谢您的留言！", "如果还有任何问题，随时告诉我，很乐意为您效劳。"),
}
# Instructions that ask for nothing but what can be done in fixed ways.
_FIXED: Final[tuple[tuple[Kind, re.Pattern[str]], ...]] = (
    (
        "shorter",
        re.compile(
            r"(?i)\W*(?:please )?(?:make it |say it |a bit |much )*(?:shorter|short|briefer|brief)\W*(?:please)?\W*"
            r"|\W*(?:请)?(?:再)?(?:简短|短|简洁)(?:一?[点些])?\W*"
        ),
    ),
    (
        "warmer",
        re.compile(
            r"(?i)\W*(?:please )?(?:make it |say it |a bit |more )*(?:warm|friendl)(?:er|y|ier)?\W*(?:please)?\W*"
            r"|\W*(?:请)?(?:再|更)?(?:亲切|热情|温暖|友好)(?:一?[点些])?\W*"
        ),
    ),
)


async def varied(
    assistant: Assistant,
    turn: Turn,
    reply: Reply,
    trace: Trace,
    kind: Kind,
    instruction: str | None = None,
    language: str | None = None,
) -> tuple[Reply, Trace]:
    """The draft as it is wanted, with what it was made of. `language` is "en" or "zh".

    Raises:
        NeedsModel: without a model that cannot be done.
        NoVariant: nothing is left that may be said so.
    """
    instruction = (instruction or "").strip()
    if instruction and (fixed := next((k for k, pattern in _FIXED if pattern.fullmatch(instruction)), None)):
        kind, instruction = fixed, ""
    spoken = _language(language) if kind == "language" else reply.query.language
    parts = tuple(replace(part, query=replace(part.query, language=spoken)) for part in trace.parts)
    if assistant.drafter is not None:
        try:
            made = await _by_model(assistant, assistant.drafter, turn, reply, trace, parts, kind, instruction)
        except ModelError as error:
            made = None
            failure = str(error)
        else:
            failure = "too little of the draft was true"
        if made is not None:
            return made
        if instruction:
            raise NoVariant(f"no version could be made so ({failure}): edit the draft, or ask otherwise")
    elif instruction:
        raise NeedsModel("without a model a draft follows no instruction: edit it, or name a model with --model")
    text = _by_fixed_ways(reply, parts, kind, assistant, turn)
    return _reply(reply, text, parts, "composer", ()), replace(trace, parts=parts, asked=None, prompt=(), draft="")


def _language(name: str | None) -> Language:
    if name is None or name[:2] not in ("en", "zh"):
        raise NoVariant("drafts are written in English (en) or Chinese (zh): what is said in others cannot be checked")
    return "zh" if name.startswith("zh") else "en"


# -- by a model -------------------------------------------------------------------------------------------------------


async def _by_model(
    assistant: Assistant,
    drafter: Drafter,
    turn: Turn,
    reply: Reply,
    trace: Trace,
    parts: Sequence[Part],
    kind: Kind,
    instruction: str,
) -> tuple[Reply, Trace] | None:
    """What of the model's version holds; None where that is too little, or where "shorter" is none."""
    query, evidence, info = parts[-1].query, merged_evidence(parts), trace.info
    lead = "".join(f"{quoted(told, query.language, turn.for_person)}\n\n" for told in evidence.told)
    prompt = _prompt(assistant, drafter, turn, reply, query, evidence, kind, instruction)
    written = Written([lead] if lead else [])
    splitter = SentenceSplitter()
    async with aclosing(drafter.draft(prompt)) as deltas:  # type: ignore[type-var]
        async for delta in deltas:
            written.drafted.append(delta)
            for sentence in splitter.feed(delta):
                written.released.append(written.check(sentence, query, evidence, info))
    written.released.append(written.check(splitter.flush(), query, evidence, info))
    own = "".join(written.released[bool(lead) :]).strip()
    if not is_enough(own, written.n_dropped) or (kind == "shorter" and len(own) >= len(reply.text) - len(lead)):
        return None
    made = _reply(reply, f"{lead}{own}", parts, drafter.name, tuple(written.findings))
    drafted = "".join(written.drafted)
    return made, replace(
        trace,
        parts=tuple(parts),
        asked=drafter.name,
        prompt=prompt.messages,
        draft=drafted,
        failure=None,
        changed=tuple(written.changed),
    )


def _prompt(
    assistant: Assistant,
    drafter: Drafter,
    turn: Turn,
    reply: Reply,
    query: Query,
    evidence: Evidence,
    kind: Kind,
    instruction: str,
) -> Prompt:
    """The prompt of the turn, with the draft as data and what is to become of it."""
    fence = Fence()
    info, count = assistant.info, drafter.count_tokens
    draft, keep, especially = _WORDS[query.language]
    lines = [draft, fence.wrap("draft", _citable(reply.text)), _TASKS[query.language][kind]]
    if instruction:
        lines.append(f"{especially}{one_line(instruction, _INSTRUCTION_CHARS)}")
    task = "\n".join([*lines, keep])
    budget = max(assistant.prompt_tokens - count(task), assistant.prompt_tokens // 2)
    base = build_prompt(turn, query, evidence, info, count, budget, fence, assistant.rules)
    *before, (role, asked) = base.messages
    return replace(base, messages=(*before, (role, f"{asked}\n{task}")), n_tokens=base.n_tokens + count(task))


def _citable(text: str) -> str:
    """The draft as data, its source numbers kept: they are those of the same evidence."""
    return re.sub(r"\((\d{1,3})\)", r"[\1]", defuse(text, _DRAFT_CHARS))


# -- in fixed ways ----------------------------------------------------------------------------------------------------


def _by_fixed_ways(reply: Reply, parts: Sequence[Part], kind: Kind, assistant: Assistant, turn: Turn) -> str:
    spoken = parts[-1].query.language
    if kind == "shorter":
        return _shorter(reply.text)
    if kind == "warmer":
        first, last = _WARM[spoken]
        kept = reply.text.removeprefix(first).removesuffix(last).strip()
        if kept != reply.text.strip():
            raise NeedsModel("without a model a draft gets no warmer than this: edit it, or name a model with --model")
        gap = "" if spoken == "zh" else " "
        return f"{first}{gap}{kept}\n\n{last}" if "\n" not in kept else f"{first}\n\n{kept}\n\n{last}"
    evidence = merged_evidence(parts)
    if kind == "language" and (evidence.passages or evidence.told):
        raise NeedsModel(
            "the draft quotes texts, which only a model translates: write it yourself, or name a model with --model"
        )
    return compose_all(parts, evidence, assistant.info, turn.history, turn.for_person)


def _shorter(text: str) -> str:
    """The first sentences, up to half of the text; a table and what follows it goes."""
    plain = [s for s in split_sentences(text) if re.search(r"\w", s)]
    rows = [s for s in plain if not s.lstrip().startswith("|")]
    kept: list[str] = []
    for sentence in rows:
        if kept and sum(map(len, kept)) + len(sentence) > _SHORT * len(text):
            break
        kept.append(sentence)
    short = "".join(kept).strip()
    if not short or len(short) >= len(text.strip()):
        raise NoVariant("the draft is as short as it gets: it is one sentence")
    return short


def _reply(reply: Reply, text: str, parts: Sequence[Part], model: str, findings: tuple) -> Reply:  # type: ignore[type-arg]
    """The reply with another text, and the sources and cards that go with it."""
    evidence = merged_evidence(parts)
    query = replace(reply.query, language=parts[-1].query.language)
    return replace(
        reply,
        text=text,
        query=query,
        citations=citations(text, evidence),
        findings=findings,
        model=model,
        fallback=None,
    )
