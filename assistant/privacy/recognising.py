"""All recognisers over one text: what in it is personal data, and where.

In: any text, as it was written. Out: `Found` spans of that very text, in order and without overlaps. Ordinary messages
cost some ten microseconds: each recogniser looks for a sign of its own first. It knows no mask and no log.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from assistant.privacy.addresses import addresses
from assistant.privacy.chinese_addresses import chinese_addresses
from assistant.privacy.folding import fold
from assistant.privacy.found import Found
from assistant.privacy.identity import identities
from assistant.privacy.mail import mail_addresses
from assistant.privacy.numbers import numbers

_SIGNS = re.compile(
    r"[0-9@]|\b(?:at|ät|arroba)\b|艾特|小老鼠|圈a|[(\[{]a[)\]}]|[一二三四五六七八九十座号號]", re.IGNORECASE
)

# An identifier that programs make up; by chance a part of it passes for an account or a telephone number.
_UUID = re.compile(r"(?<![0-9A-Za-z])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9A-Za-z])")


def recognise(text: str, *, escapes: bool = False) -> tuple[Found, ...]:
    """The personal data of a text: mail addresses, telephone, card, account and ID numbers, postal addresses.

    `escapes`: the text is a log's, in which "%40" and "\\u5e7f" stand for characters.
    """
    folded = fold(text, escapes=escapes)
    read = folded.text
    if not _SIGNS.search(read):
        return ()
    if "-" in read:
        read = _UUID.sub(lambda uuid: "x" * len(uuid[0]), read)
    found = [*mail_addresses(read), *numbers(read), *identities(read), *addresses(read), *chinese_addresses(read)]
    if not found:
        return ()
    spans = (folded.original(one.start, one.end) for one in _apart(found))
    return tuple(Found(one.kind, *span) for one, span in zip(_apart(found), spans, strict=True))


def _apart(found: Iterable[Found]) -> list[Found]:
    """The finds in order, those that touch each other as one: of the kind of the longest."""
    apart: list[Found] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if apart and one.start < apart[-1].end:
            last = apart[-1]
            longest = max(last, one, key=lambda each: each.end - each.start)
            apart[-1] = Found(longest.kind, last.start, max(last.end, one.end))
        else:
            apart.append(one)
    return apart
