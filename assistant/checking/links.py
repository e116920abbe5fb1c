"""Whether a draft's links, e-mail addresses, telephone numbers and handles are the shop's own.

In: a `Draft`. Out: a `Fault` for every one that stands in no record and no setting. It opens none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.checking.grounds import fold_marks, order_text
from assistant.checking.holding import Fault
from assistant.checking.reading import Draft

URL = re.compile(r"(?i)\b(?:https?|ftp|tel|mailto):(?://)?[^\s)>\]|，。；、“”\"]+|(?<![@\w.])www\.[^\s)>\]|，。；、]+")
_MARKDOWN_LINK = re.compile(r"\[([^\]\[]*)\]\(([^)\s]*)[^)]*\)")
EMAIL = re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+")
DOMAIN = re.compile(
    r"(?<![\w@/.-])(?:[a-z0-9-]+\.)+(?:com|net|org|io|shop|store|example|top|cn|co|uk|de|info|biz|app|me|xyz"
    r"|ru|site|online|link|us|eu|fr|ai|dev|cc|ly|gg|to)(?:/[^\s)>\]|，。；、]*)?(?![\w-])",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<![\w.-])(?:\+\d[\d\s().-]{6,18}\d|\(?\d{3,4}\)?[\s.-]\d{3,4}[\s.-]\d{3,4}|1[3-9]\d{9})(?![\w-])"
)
_HANDLE = re.compile(
    r"(?i)(?:whatsapp|telegram|wechat|instagram|facebook|twitter|tiktok|line|qq|微信|公众号|小红书|抖音)(?:号|群)?\s*(?:is"
    r"|at|id|:|：|@|为|是)+\s*@?[\w.-]{3,}|(?<![\w.])@[a-z_][\w.]{3,}",
    re.IGNORECASE,
)


def link_faults(draft: Draft) -> Iterator[Fault]:
    """Links, e-mail addresses, telephone numbers and handles that no record and no setting of the shop has."""
    known = _reachable(draft)
    for pattern in (URL, EMAIL, DOMAIN, _PHONE, _HANDLE):
        for match in pattern.finditer(draft.text):
            said = match[0].rstrip(".,;:!?*_")
            if draft.is_the_shoppers(match.start(), match.start() + len(said)):
                continue
            if not draft.is_quoted(match.start(), match.end()) and not _is_reachable(said, known):
                yield Fault("link", f"{said!r} is no link or contact of the shop")
    for match in _MARKDOWN_LINK.finditer(draft.text):
        if match[2] and not _is_reachable(match[2], known):
            yield Fault("link", f"{match[2]!r} is no link of the shop")


def _reachable(draft: Draft) -> str:
    """Every text in which a link of the shop may stand, folded."""
    info = draft.info
    texts = [*info.links.values(), *info.handoff.values(), info.hours, info.greeting]
    for ground in draft.grounds:
        product, entry = ground.product, ground.hit.entry
        texts += [entry.url or "", product.url or "" if product else "", ground.text]
    texts += [order_text(order) for order in draft.evidence.orders]
    return " ".join(fold_marks(text) for text in texts if text) + " "


def _is_reachable(said: str, known: str) -> bool:
    plain = fold_marks(said)
    return re.search(rf"(?<![\w-]){re.escape(plain)}(?![\w-]|/\w|\.\w|@)", known) is not None or (
        plain.startswith(("http", "mailto:", "tel:")) and f"{plain} " in known
    )
