"""A text with headings cut into passages that can be quoted on their own.

In: Markdown, plain text or HTML. Out: `Section`s, each with the headings above it and a short, complete text. It knows
no shop and no language, only how long a passage may be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bs4.element import NavigableString, Tag

from knowledge_base.importing.prose import parse_html, plain_text, tidy

MAX_WEIGHT = 1200  # characters of a passage; a Chinese character weighs as much as 2.5 Latin ones
_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_BOLD_LINE = re.compile(r"^\s*(?:\*\*|__)([^*_].{1,78}?)(?:\*\*|__)\s*[:：]?\s*$")
_FENCE = re.compile(r"^ {0,3}(```|~~~)")
_NUMBERED = re.compile(
    r"^\s*(?:\d{1,2}(?:\.\d{1,2})*[.)、．]|[一二三四五六七八九十]{1,3}[、．.]|第.{1,3}[章条节]|§ ?\d+)\s*\S"
)
_BLOCK_TAGS = frozenset(
    ["p", "div", "section", "article", "ul", "ol", "table", "tr", "br", "dl", "dt", "dd", "blockquote"]
)


@dataclass(frozen=True, slots=True)
class Section:
    """The text under one heading. `headings` run from the document's title down; empty above the first heading."""

    headings: tuple[str, ...]
    text: str


def markdown_sections(text: str) -> tuple[Section, ...]:
    """The sections of a Markdown text in order, those without text left out. A line all in bold is a heading too."""
    sections: list[Section] = []
    path: list[tuple[int, str]] = []
    lines: list[str] = []
    fenced = False

    def close() -> None:
        if body := tidy_markdown("\n".join(lines)):
            sections.append(Section(tuple(title for _, title in path), body))
        lines.clear()

    source = _without_front_matter(text).split("\n")
    for index, line in enumerate(source):
        if _FENCE.match(line):
            fenced = not fenced
        below = source[index + 1] if index + 1 < len(source) else ""
        above = source[index - 1] if index else ""
        heading = None if fenced else _heading(line, below, above)
        if heading:
            close()
            level, title = heading
            while path and path[-1][0] >= level:
                path.pop()
            path.append((level, title))
        elif not (not fenced and re.fullmatch(r"\s*(?:={3,}|-{3,})\s*", line) and _heading(above, line, "")):
            lines.append(line)
    close()
    return tuple(sections)


def _heading(line: str, below: str, above: str) -> tuple[int, str] | None:
    if match := _HEADING.match(line):
        title = inline(match[2])
        return (len(match[1]), title) if title else None
    if line.strip() and re.fullmatch(r"={3,}\s*", below):
        return 1, inline(line)
    if line.strip() and not above.strip() and re.fullmatch(r"-{3,}\s*", below) and not line.startswith(("-", "|", ">")):
        return 2, inline(line)
    if (match := _BOLD_LINE.match(line)) and not above.strip():
        return 7, inline(match[1]).rstrip(":：")
    return None


def _without_front_matter(text: str) -> str:
    return re.sub(r"\A\ufeff?---\n.*?\n---\n", "", text, count=1, flags=re.DOTALL)


def inline(text: str) -> str:
    """One line of Markdown as plain text: emphasis, code marks and link targets are gone."""
    text = re.sub(r"!\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text)
    return " ".join(plain_text(re.sub(r"(\*\*|__|`)(.+?)\1", r"\2", text)).split()).strip("*_ ")


def tidy_markdown(text: str) -> str:
    """A passage of Markdown fit for quoting: lists and paragraphs stay, emphasis goes, links show their target."""
    text = re.sub(r"!\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\[([^\]]+)\]\((https?:[^)\s]+|mailto:[^)\s]+|tel:[^)\s]+)[^)]*\)", r"\1 (\2)", text)
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(?<![\w*])(\*\*\*|\*\*|__)(?=\S)(.+?)(?<=\S)\1(?!\w)", r"\2", text)
    text = re.sub(r"^ {0,3}(?:```|~~~).*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"^\s*[*+] ", "- ", text, flags=re.MULTILINE)
    text = re.sub(r"^\s*(?:[-*_] ?){3,}$", "", text, flags=re.MULTILINE)
    text = re.sub(r"^\|?(?:\s*:?-{2,}:?\s*\|)+\s*:?-*:?\s*$\n?", "", text, flags=re.MULTILINE)
    return re.sub(r"\\([#*_>`~|-])", r"\1", plain_text(text))


def text_sections(text: str) -> tuple[Section, ...]:
    """The sections of a plain text: a short line of its own, numbered or without a full stop, heads what follows."""
    blocks = [block.strip("\n") for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n"))]
    lines = []
    for index, block in enumerate(b for b in blocks if b.strip()):
        first, _, rest = block.partition("\n")
        alone = not rest and index + 1 < len(blocks)
        short = (
            len(first) <= 60
            and not re.search(r"[.!;,。！；，:：]\s*$", first)
            and not first.lstrip().startswith(("-", "•", "*"))
        )
        if short and (alone or (rest and (first.isupper() or _NUMBERED.match(first)))):
            lines.append(f"{'##' if index else '#'} {first.strip()}\n\n{rest}")
        else:
            lines.append(re.sub(r"^(\s*)#", r"\1\\#", block, flags=re.MULTILINE))
    return markdown_sections("\n\n".join(lines))


def html_sections(markup: str) -> tuple[Section, ...]:
    """The sections of a page by its headings; navigation, scripts and forms are left out."""
    return markdown_sections(html_markdown(markup))


def html_markdown(markup: str) -> str:
    """A page as Markdown-like text: headings, paragraphs, lists and table rows."""
    soup = parse_html(markup)
    if soup is None:
        return plain_text(markup)
    for dropped in soup(["nav", "form", "button", "select", "footer", "aside"]):
        dropped.decompose()
    parts: list[str] = []
    for node in soup.descendants:
        if isinstance(node, Tag):
            name = node.name
            if re.fullmatch(r"h[1-6]", name) or name == "summary":
                level = int(name[1]) if name != "summary" else 3
                parts.append(f"\n\n{'#' * level} {' '.join(node.get_text(' ').split())}\n\n")
            elif name == "dt":
                parts.append(f"\n\n### {' '.join(node.get_text(' ').split())}\n\n")
            elif name == "li":
                parts.append("\n- ")
            elif name in ("td", "th"):
                parts.append(" | ")
            elif name in _BLOCK_TAGS:
                parts.append("\n" if name in ("br", "tr") else "\n\n")
        elif type(node) is NavigableString and not node.find_parent(
            ["h1", "h2", "h3", "h4", "h5", "h6", "summary", "dt"]
        ):
            parts.append(re.sub(r"\s+", " ", str(node)))
    text = re.sub(r"[ \t]*\n[ \t]*", "\n", "".join(parts))
    return re.sub(r"^\| ", "", re.sub(r"\n{3,}", "\n\n", text), flags=re.MULTILINE).strip()


def weight(text: str) -> float:
    """The length of a text as a reader sees it: Chinese characters count 2.5."""
    wide = sum(1 for c in text if "\u3000" <= c <= "\u9fff" or "\uf900" <= c <= "\ufaff" or "\uff00" <= c <= "\uffef")
    return len(text) + 1.5 * wide


def split_long(text: str, limit: float = MAX_WEIGHT) -> Iterator[str]:
    """A text in pieces of at most `limit`, cut between paragraphs, else between list items, else between sentences."""
    if weight(text) <= limit:
        yield text
        return
    for separator, joint in ((r"\n\s*\n", "\n\n"), (r"\n(?=\s*(?:[-•]|\d+[.)]) )", "\n"), (r"\n", "\n")):
        parts = [part for part in re.split(separator, text) if part.strip()]
        if len(parts) > 1:
            yield from _packed(parts, joint, limit)
            return
    sentences = [s for s in re.split(r"(?<=[.!?])\s+(?=[A-ZÀ-Þ0-9\"“])|(?<=[。！？；])", text) if s and s.strip()]
    if len(sentences) > 1:
        yield from _packed(sentences, "" if weight(text) > 2 * len(text) else " ", limit)
        return
    yield from (tidy(text[i : i + int(limit)]) for i in range(0, len(text), int(limit)))


def _packed(parts: list[str], joint: str, limit: float) -> Iterator[str]:
    """Neighbouring parts joined as long as they fit; a part too long by itself is split further."""
    held = ""
    for part in parts:
        joined = f"{held}{joint}{part}" if held else part
        if weight(joined) <= limit:
            held = joined
            continue
        if held:
            yield held.strip()
        held = ""
        if weight(part) <= limit:
            held = part
        else:
            yield from split_long(part.strip(), limit)
    if held.strip():
        yield held.strip()
