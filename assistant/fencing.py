"""Third-party text made safe: product text, reviews, FAQ and shoppers' messages are data, in a prompt and on a page.

In: any string that somebody else wrote. Out: for a prompt, text in which nothing can pass for a mark, a role or a
control token of any chat template, inside a fence that the text cannot forge; for a page, Markdown or HTML in which
nothing runs and nothing is fetched. It knows no product, no model and no rule of the shop: whether a text is true is
`checks`' business.
"""

from __future__ import annotations

import html
import re
import secrets
import unicodedata
from dataclasses import dataclass, field

import nh3

from knowledge_base.text import clean

_ROLES = (
    "system|user|assistant|human|ai|bot|developer|tool|function|instructions?|response|input|output"
    "|系统|用户|助手|人类|指令|开发者|工具"
)
_ROLE_MARK = re.compile(
    rf"^([^\w\n]{{0,12}}(?:{_ROLES})(?:[ _-]?(?:prompt|message|turn|提示|消息))?[^\w\n:]{{0,4}}):", re.I | re.M
)
_HEADING = re.compile(r"^[ \t]*#+[ \t]*", re.M)
_RULER = re.compile(r"^[ \t]*([-=*_~#+])\1{2,}[ \t]*$", re.M)
_LONG_RUN = re.compile(r"(\S)\1{40,}")
_MARKS_IN_A_ROW = 3
_CHARS_READ_PER_CHAR_KEPT = 4
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_SAFE_DESTINATION = re.compile(r"(?:https?://|mailto:|tel:|/(?!/)|#)[^\s\\<>]*", re.I)
_TAGS = {
    "a", "b", "blockquote", "br", "code", "del", "details", "div", "em", "h1", "h2", "h3", "h4", "hr", "i", "li",
    "ol", "p", "pre", "s", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "th", "thead",
    "tr", "u", "ul",
}  # fmt: skip
_ENTITY_ROUNDS = 5


def defuse(text: str, limit_chars: int) -> str:
    """The text for a prompt, cut at `limit_chars`: no control token, role mark, heading or citation is left in it.

    Angle brackets of anything like a tag become ‹ ›, square brackets become round ones (so "[INST]", "[1]" and
    "<|im_start|>" are plain words), a role before a colon loses the colon, headings and rulers their signs.
    """
    text = clean(text[: limit_chars * _CHARS_READ_PER_CHAR_KEPT])
    text = _without_piled_marks(text)
    text = re.sub(r"<(?![\s\d=]|$)", "‹", text)
    text = re.sub(r"(?<![\s\d=])>", "›", text)
    text = text.replace("‹‹", "‹").replace("››", "›").replace("<<", "‹").replace(">>", "›")
    text = text.translate(_BRACKETS).replace("```", "'''")
    text = _RULER.sub("", _HEADING.sub("", text))
    text = _ROLE_MARK.sub(r"\1 –", text)
    text = _LONG_RUN.sub(lambda match: match[1] * 8, text)
    text = re.sub(r"[ \t]+", " ", text)
    text = re.sub(r"\s*\n\s*", "\n", text).strip()
    return _cut(text, limit_chars)


_BRACKETS = str.maketrans({"[": "(", "]": ")", "【": "(", "】": ")", "〔": "(", "〕": ")"})


def one_line(text: str, limit_chars: int) -> str:
    """`defuse`d text as a single line."""
    return _cut(" ".join(defuse(text, limit_chars).split()), limit_chars)


@dataclass(frozen=True, slots=True)
class Fence:
    """Marks around data of one request. The code is random, so that text written before the request cannot hold it."""

    code: str = field(default_factory=lambda: secrets.token_hex(4))

    def open(self, what: str) -> str:
        """The mark before the data."""
        return f"<<{what} {self.code}>>"

    def close(self, what: str) -> str:
        """The mark after the data."""
        return f"<</{what} {self.code}>>"

    def wrap(self, what: str, data: str) -> str:
        """The data between its marks; the code is taken out of the data should it stand there."""
        return f"{self.open(what)}\n{data.replace(self.code, '')}\n{self.close(what)}"


def escape(text: str) -> str:
    """Text for HTML content or a quoted attribute; hidden characters are dropped."""
    return html.escape(_HIDDEN.sub("", text))


def safe_html(markup: str) -> str:
    """HTML in which nothing runs and nothing is fetched: no script, style, form, frame, picture or event handler."""
    return nh3.clean(
        _HIDDEN.sub("", markup),
        tags=_TAGS,
        clean_content_tags={"script", "style"},
        attributes={"a": {"href", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan", "scope"}},
        attribute_filter=lambda tag, name, value: (
            value if name != "href" or _SAFE_DESTINATION.fullmatch(value) else None
        ),
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )


def safe_markdown(text: str) -> str:
    """Markdown that no renderer turns into HTML tags, pictures or links that run: safe even where raw HTML is on.

    Emphasis, lists, tables, code and links to http, https, mailto, tel or a path of the shop are kept. Applying it
    twice changes nothing more.
    """
    text = _HIDDEN.sub("", _without_entities(_HIDDEN.sub("", text)))
    text = text.replace("<", "&lt;")
    text = re.sub(r"!(?=\[)", "! ", text)  # a picture would be fetched from wherever the text says
    text = re.sub(r"\](?=:)", "] ", text)  # a reference definition can give any [1] a destination
    return re.sub(r"\](?=\()", _checked_link, text)


def _checked_link(match: re.Match[str]) -> str:
    rest = match.string[match.end() + 1 :].lstrip()
    destination = re.match(r"[^\s)]*", rest)
    allowed = destination is not None and _SAFE_DESTINATION.fullmatch(destination[0])
    return "]" if allowed else "] "


def _without_entities(text: str) -> str:
    """The text with its HTML entities written out, nested ones too; a plain "&" stays."""
    text = re.sub(r"&(?:amp;|#0*38;|#x0*26;)+", "&", text, flags=re.I)
    for _ in range(_ENTITY_ROUNDS):
        plain = html.unescape(text)
        if plain == text:
            return text
        text = plain
    return text.replace("&", "&amp;")


def _without_piled_marks(text: str) -> str:
    """The text with at most three combining marks on a letter: more only hide the lines above and below."""
    if text.isascii():
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MARKS_IN_A_ROW:
            kept.append(character)
    return "".join(kept)


def _cut(text: str, limit_chars: int) -> str:
    """At most `limit_chars` characters, cut between words where there are any, with "…" where something is missing."""
    if len(text) <= limit_chars:
        return text
    head = text[: max(limit_chars - 1, 0)]
    space = max(head.rfind(" "), head.rfind("\n"))
    return (head[:space] if space > len(head) // 2 else head).rstrip() + "…"
