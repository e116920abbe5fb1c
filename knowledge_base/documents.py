"""FAQ and policies to entries that can be found and cited.

In: an opened shop. Out: a `faq` entry a question, a `policy` entry a passage, and the problems. Policies are cut at
headings by `passages`; a FAQ is a table of questions and answers, or a text whose headings are questions. It knows no
index.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from knowledge_base.importing.cells import is_blank, link_of, scalar, show, text_of
from knowledge_base.importing.decoding import READ_ERRORS, mend, open_text
from knowledge_base.importing.drafts import Cell
from knowledge_base.importing.headers import header_keys
from knowledge_base.importing.passages import (
    Section,
    html_markdown,
    html_sections,
    markdown_sections,
    split_long,
    text_sections,
)
from knowledge_base.importing.prose import has_script, one_line, plain_text
from knowledge_base.importing.rows import Row
from knowledge_base.importing.tables import read_rows
from knowledge_base.shop import Shop, suffix_of
from knowledge_base.text import fold, language_of
from knowledge_base.types import Entry, Problem, Severity

Found = Entry | Problem

_TEXT = {".md": "markdown", ".markdown": "markdown", ".txt": "text", ".html": "html", ".htm": "html"}
_COLUMNS: Mapping[str, str] = {
    "id": "id|faq id|question id|编号|序号|nr|no",
    "question": "question|questions|q|title|query|frage|fragen|pregunta|问题|问|提问|标题|问句|prompt",
    "answer": "answer|answers|a|response|reply|text|content|antwort|antworten|réponse|respuesta|答案|回答|答|回复|内容",
    "product_id": "product id|product|sku|商品id|商品编号|produkt id|id produit",
    "url": "url|link|链接|lien|enlace",
    "language": "language|lang|locale|语言|sprache|langue|idioma",
}
_KEYED = {"question": "q", "answer": "a"}
_PLAIN_STEMS = frozenset(
    ["policy", "policies", "store", "shop", "index", "readme", "general", "faq", "faqs", "terms all"]
)
_Q = re.compile(
    r"^\s*(?:[-*#]+\s*)?(?:\*\*)?\s*(?:Q|Question|Frage|问|问题|F)\s*\d*\s*[:：.、]\s*(.+?)(?:\*\*)?\s*$", re.IGNORECASE
)
_A = re.compile(r"^\s*(?:\*\*)?\s*(?:A|Answer|Antwort|答|回答|R)\s*\d*\s*[:：.、]\s*(?:\*\*)?\s*(.*)$", re.IGNORECASE)


def read_documents(shop: Shop) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    """Every FAQ entry and policy passage of the shop in file order, and what was wrong or guessed.

    Ids are unique: a FAQ entry whose id was there before is refused.
    """
    entries: dict[str, Entry] = {}
    problems: list[Problem] = []
    for path in shop.faq:
        for found in _faq(path, shop.name_of(path)):
            _take(found, entries, problems)
    for path in shop.policies:
        for found in _policy(path, shop.name_of(path)):
            _take(found, entries, problems)
    return tuple(entries.values()), tuple(problems)


def _take(found: Found, entries: dict[str, Entry], problems: list[Problem]) -> None:
    if isinstance(found, Problem):
        problems.append(found)
    elif found.id in entries:
        message = f"the id {found.id} was there before; the first is kept"
        problems.append(Problem(found.source, None, "id", found.id, message, "give each entry an id of its own"))
    else:
        entries[found.id] = found


def _problem(
    name: str, row: int | None, cell: Cell | None, message: str, remedy: str, severity: Severity = "error"
) -> Problem:
    column, value = (cell.column, show(cell.value)) if cell else (None, None)
    return Problem(name, row, column, value, message, remedy, severity)


def _read(path: Path, name: str) -> tuple[str, list[Problem]]:
    """A document's whole text, and what was wrong with it; "" where it cannot be read."""
    problems = []
    try:
        with open_text(path) as (stream, encoding):
            text, broken = mend(stream.read())
    except READ_ERRORS as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return "", [_problem(name, None, None, f"the file cannot be read: {reason}", "copy or export it again")]
    if not encoding.sure:
        message = f"the file is not UTF-8; it was read as {encoding.name}"
        problems.append(_problem(name, None, None, message, "save it as UTF-8 if words look wrong", "note"))
    if broken or "\x00" in text or "\ufffd" in text:
        message = "holds bytes that are no text in this encoding; they were repaired or dropped"
        problems.append(_problem(name, None, None, message, "save it as UTF-8", "warning"))
    if has_script(text):
        problems.append(_problem(name, None, None, "holds a script, which was removed", "remove the markup", "warning"))
    text = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    if not text.strip() and not problems:
        problems.append(_problem(name, None, None, "the file is empty", "write something, or remove it", "warning"))
    return text, problems


def _no_pdf(name: str) -> Problem:
    return _problem(name, None, None, "PDF is not read", "save it as Markdown, text or HTML beside it")


# --- policies ---


def _policy(path: Path, name: str) -> Iterator[Found]:
    suffix = suffix_of(path)
    if suffix == ".pdf":
        yield _no_pdf(name)
        return
    if suffix not in _TEXT:
        yield _problem(
            name, None, None, f"{suffix or 'a file without suffix'} is no policy text", "save it as .md or .html"
        )
        return
    text, problems = _read(path, name)
    yield from problems
    sections = {"markdown": markdown_sections, "text": text_sections, "html": html_sections}[_TEXT[suffix]](text)
    stem = re.sub(r"[\s_-]+", " ", path.name.split(".")[0]).strip()
    number = 0
    for section in sections:
        title = " > ".join(_headings(section, stem, sections))
        pieces = list(split_long(section.text))
        for piece in pieces:
            number += 1
            yield Entry(f"policy:{name}#{number}", "policy", title, piece, name, language_of(f"{title} {piece}"))
    if not number and text.strip():
        yield _problem(name, None, None, "holds headings but no text", "write the policy under its heading", "warning")


def _headings(section: Section, stem: str, sections: tuple[Section, ...]) -> tuple[str, ...]:
    """The headings of a section, led by the document's title: its one top heading, or the file's name if that tells."""
    tops = {other.headings[0] for other in sections if other.headings}
    if section.headings and (len(tops) == 1 or fold(stem) in _PLAIN_STEMS):
        return section.headings
    shown = stem[:1].upper() + stem[1:]
    if section.headings and fold(section.headings[0]) == fold(stem):
        return section.headings
    return (shown, *section.headings)


# --- FAQ ---


def _faq(path: Path, name: str) -> Iterator[Found]:
    suffix = suffix_of(path)
    if suffix == ".pdf":
        yield _no_pdf(name)
    elif suffix in _TEXT:
        yield from _faq_text(path, name, _TEXT[suffix])
    else:
        yield from _faq_table(path, name)


def _faq_text(path: Path, name: str, kind: str) -> Iterator[Found]:
    text, problems = _read(path, name)
    yield from problems
    if kind == "html":
        text = html_markdown(text)
    pairs = _asked_pairs(text) or _heading_pairs(text)
    if not pairs and text.strip():
        yield _problem(name, None, None, "holds no question", 'write "## question" with the answer below it')
    used: set[str] = set()
    for number, (question, answer) in enumerate(pairs, 1):
        if not answer:
            yield _problem(
                name, number, Cell("answer", question), "the question has no answer", "write one below it", "warning"
            )
            continue
        entry_id = _slug_id(question, used)
        yield Entry(f"faq:{entry_id}", "faq", question, answer, name, language_of(question))


def _asked_pairs(text: str) -> list[tuple[str, str]]:
    """Pairs written as "Q: …" and "A: …"; empty where the text is not written so."""
    pairs: list[tuple[str, list[str]]] = []
    answering = False
    for line in text.split("\n"):
        if (match := _Q.match(line)) and (not answering or pairs):
            pairs.append((one_line(match[1].strip("* ")), []))
            answering = False
        elif pairs and not answering and (match := _A.match(line)):
            pairs[-1][1].append(match[1])
            answering = True
        elif pairs:
            pairs[-1][1].append(line)
    if len([1 for _, answer in pairs if any(a.strip() for a in answer)]) * 2 < len(pairs) or not re.search(
        r"^\s*(?:\*\*)?\s*(?:A|Answer|Antwort|答|回答|R)\s*\d*\s*[:：.、]", text, re.MULTILINE | re.IGNORECASE
    ):
        return []
    return [(question, plain_text("\n".join(answer))) for question, answer in pairs]


def _heading_pairs(text: str) -> list[tuple[str, str]]:
    """Pairs of a heading and the text below it. A heading that only introduces deeper ones is no question."""
    sections = markdown_sections(text)
    deep = any(len(section.headings) > 1 for section in sections)
    return [
        (section.headings[-1], section.text)
        for section in sections
        if section.headings and (len(section.headings) > 1 or not deep or section.headings[-1].endswith(("?", "？")))
    ]


def _slug_id(question: str, used: set[str]) -> str:
    """An id from a question's words that stays the same when other questions come and go."""
    base = re.sub(r"\W+", "-", fold(question)).strip("-")[:80] or "question"
    entry_id, count = base, 1
    while entry_id in used:
        count += 1
        entry_id = f"{base}-{count}"
    used.add(entry_id)
    return entry_id


def _faq_table(path: Path, name: str) -> Iterator[Found]:
    columns: dict[str, str] = {}
    used: set[str] = set()
    complained = False
    for found in read_rows(path, name):
        if isinstance(found, Problem):
            yield found
            continue
        for header in found.cells:
            role = _faq_role(header, columns)
            if role:
                columns[role] = header
        if not {"question", "answer"} <= set(columns):
            if suffix_of(path) == ".json" and all(isinstance(value, str) for value in found.cells.values()):
                for question, answer in found.cells.items():  # {"How long?": "Two days.", …}
                    yield from _faq_row(Row(found.number, {"q": question, "a": answer}), _KEYED, name, used)
            elif not complained:
                complained = True
                there = ", ".join(map(str, found.cells))[:200]
                message = f"no columns for question and answer; its columns are {there}"
                yield _problem(name, found.number, None, message, 'call them "question" and "answer"')
            continue
        yield from _faq_row(found, columns, name, used)


def faq_of(row: Row, name: str) -> Iterator[Found]:
    """The entry of a row in the canonical form (id, question, answer, product_id, url, language), and its problems."""
    return _faq_row(row, {role: role for role in _COLUMNS}, name, set())


def _faq_role(header: str, known: Mapping[str, str]) -> str | None:
    """The role of a FAQ column that has none yet."""
    for role, names in _COLUMNS.items():
        if role not in known and header not in known.values() and set(header_keys(header)[:1]) & set(names.split("|")):
            return role
    return None


def _faq_row(row: Row, columns: Mapping[str, str], name: str, used: set[str]) -> Iterator[Found]:
    def cell(role: str) -> Cell | None:
        header = columns.get(role)
        value = row.cells.get(header) if header else None
        return None if header is None or is_blank(value) else Cell(header, value)

    texts: dict[str, str] = {}
    for role in ("question", "answer"):
        found = cell(role)
        if found and isinstance(found.value, str) and has_script(found.value):
            yield _problem(name, row.number, found, "holds a script, which was removed", "remove the markup", "warning")
        raw: Any = scalar(found.value, "text", "value", "name") if found else None
        texts[role] = (one_line if role == "question" else plain_text)(str(raw)) if raw is not None else ""
        if not texts[role]:
            yield _problem(name, row.number, found, f"the row has no {role}", f"write the {role}")
            return
    id_cell, product, url = cell("id"), cell("product_id"), cell("url")
    entry_id = text_of(id_cell.value) if id_cell else None
    if entry_id and entry_id in used:
        message = f"the id {entry_id} was there before; the first is kept"
        yield _problem(name, row.number, id_cell, message, "give each question an id of its own")
        return
    if entry_id:
        used.add(entry_id)
    language = cell("language")
    yield Entry(
        f"faq:{entry_id or _slug_id(texts['question'], used)}",
        "faq",
        texts["question"],
        texts["answer"],
        name,
        (text_of(language.value) if language else None) or language_of(texts["question"]),
        link_of(url.value) if url else None,
        text_of(product.value) if product else None,
    )
