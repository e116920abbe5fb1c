"""Text as merchants paste it to text fit for reading: no markup, no scripts, no invisible characters.

In: a string that may hold HTML, entities, zero-width and control characters. Out: plain text with line breaks where
blocks ended. It knows no product and no file.
"""

from __future__ import annotations

import html
import re

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag
from bs4.exceptions import ParserRejectedMarkup

from knowledge_base.text import clean

# Characters NFKC would turn into something that reads differently: 1½ into 11⁄2, m² into m2, Chinese commas into ",".
_KEPT = re.compile("([™℠℃℉½¼¾⅓⅔⅛⅜⅝⅞¹²³⁰⁴-⁹₀-₉″‴…，：；！？（）～])")
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]*(?:\s+[^<>]*=[^<>]*|\s*)/?>|<!--|<!\[CDATA\[|<!doctype", re.IGNORECASE)
_ACTIVE = re.compile(r"<\s*(script|style|iframe|object|embed|img|svg|template|noscript)\b", re.IGNORECASE)
_SCRIPT = re.compile(
    r"<\s*(script|iframe|object|embed)\b|<[^>]*\bon[a-z]+\s*=|(?:href|src)\s*=\s*[\"']?\s*javascript:", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?:[a-zA-Z][a-zA-Z0-9]{1,31}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_DROPPED = ("script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "head", "title")
_BLOCK_NAMES = (
    "p div br li ul ol tr table h1 h2 h3 h4 h5 h6 section article blockquote pre dt dd dl hr figure figcaption header "
    "footer option"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split())


def tidy(text: str) -> str:
    """`text.clean`, except that characters whose plain form reads differently stay; spaces are single, ends trimmed."""
    if text.isascii() and text.isprintable():
        cleaned = text
    else:
        cleaned = "".join(
            part if index % 2 else clean(part) for index, part in enumerate(_KEPT.split(text.replace("\ufffd", "")))
        )
    if "\n" not in cleaned and "\t" not in cleaned:
        return re.sub(r" {2,}", " ", cleaned).strip()
    lines = (re.sub(r"[ \t]+", " ", line).strip() for line in cleaned.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def has_markup(text: str) -> bool:
    """Whether a text holds HTML tags or entities."""
    return ("<" in text and (_TAG.search(text) or _ACTIVE.search(text)) is not None) or (
        "&" in text and _ENTITY.search(text) is not None
    )


def has_script(text: str) -> bool:
    """Whether a text holds something that would run on a page."""
    return "<" in text and _SCRIPT.search(text) is not None


def plain_text(text: str) -> str:
    """A text without markup and scripts, entities decoded, tidied. Text without markup is only tidied."""
    text = re.sub(r"<!\[CDATA\[(.*?)(?:\]\]>|$)", r"\1", text, flags=re.DOTALL) if "<![" in text else text
    for _ in range(3):  # exports escape twice at times: &amp;lt;p&amp;gt;
        if not has_markup(text):
            break
        tagged = "<" in text and (_TAG.search(text) or _ACTIVE.search(text))
        text = _strip(text) if tagged else html.unescape(text)
    return tidy(text)


def one_line(text: str) -> str:
    """`plain_text` on one line, for titles, names and values."""
    return " ".join(plain_text(text).split())


def _strip(markup: str) -> str:
    soup = parse_html(markup)
    if soup is None:
        return re.sub(r"<[^>]*>?", " ", markup)
    parts: list[str] = []
    for node in soup.descendants:
        if isinstance(node, Tag):
            if node.name in _BLOCKS:
                parts.append("\n• " if node.name == "li" else "\n\n" if node.name == "p" else "\n")
            elif node.name in ("td", "th"):
                parts.append(" ")
        elif type(node) is NavigableString:
            parts.append(re.sub(r"\s+", " ", str(node)))
    return re.sub(r"\n• (?=\s*\n)", "\n", re.sub(r" *\n *", "\n", "".join(parts)))


def parse_html(markup: str) -> BeautifulSoup | None:
    """A parsed page without what never is text; None where the parser gives up on it."""
    markup = re.sub(r"<\?.*?(?:\?>|$)", " ", markup, flags=re.DOTALL)
    if "<" not in markup:
        markup = f"<p>{html.escape(markup, quote=False)}</p>"
    try:
        soup = BeautifulSoup(markup, "html.parser")
    except (ParserRejectedMarkup, RecursionError):
        return None
    for dropped in soup(list(_DROPPED)):
        dropped.decompose()
    return soup
