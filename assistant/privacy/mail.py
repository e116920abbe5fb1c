"""Mail addresses, also as people write them to hide them from machines.

In: folded text. Out: the spans that are mail addresses: "a@b.com", "a @ b . com", "a [at] b [dot] com", "a 艾特 qq 点
com". A product "@ 20.00" and "bought it at shop.example" are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.privacy.found import Found

_LETTER = "A-Za-z0-9\u00c0-\u024f"
_LOCAL = rf"[{_LETTER}](?:[{_LETTER}_.+%'~-]{{0,62}}[{_LETTER}_+-])?"
_TLD = r"(?:[A-Za-z]{2,18}|xn--[a-z0-9-]{2,40}|公司|中国|网络|中國|網絡)"
_COUNTRY = (
    r"(?:de|cn|uk|co|io|fr|es|eu|ch|ca|au|jp|kr|hk|tw|nl|se|dk|fi|pl|ru|br|mx|cz|hu|ro|gr|pt|ie|nz|za|sg|ua|tr|il|ae|ar|cl"
    r"|sk|si|hr|bg|lt|lv|ee|lu)"
)
_SAFE = rf"(?:com|net|org|edu|gov|{_COUNTRY})"  # no English words, which may begin the next sentence
_COMMON = rf"(?:{_SAFE}|it|at|us|info|me|in|be|no|is|example|test|online|shop|app|dev|biz|xyz|vip|email|mail)"
_PROVIDER = (
    r"(?:g(?:oogle)?mail|outlook|hotmail|live|msn|yahoo|ymail|icloud|me|mac|aol|gmx|web|proton(?:mail)?|t-online|zoho"
    r"|fastmail|yandex|qq|foxmail|163|126|139|189|sina|sohu|yeah|aliyun|21cn|mail|email|freenet|posteo)"
)
_DOMAIN_LABEL = rf"[{_LETTER}](?:[{_LETTER}-]{{0,61}}[{_LETTER}])?"
_AT_MARK = r"[ ]{0,2}(?:[\[({<‹*_#]{1,2}[ ]?(?:at|@|ät|a|arroba|艾特|圈a)[ ]?[\])}>›*_#]{1,2}|艾特|小老鼠|圈a)[ ]{0,2}"
_AT_WORD = r"[ ]{1,3}(?:at|ät|arroba|chez)[ ]{1,3}"
_DOT_MARK = r"[ ]{0,2}(?:[\[({<‹*_]{1,2}[ ]?(?:dot|punkt|punto|point|点|\.)[ ]?[\])}>›*_]{1,2}|点|點|[.。])[ ]{0,2}"
_DOT_WORD = r"[ ]{1,3}(?:dot|punkt|punto)[ ]{1,3}"
_NO_LETTER = r"(?![A-Za-z0-9])"

_PLAIN = re.compile(rf"(?<![{_LETTER}]){_LOCAL}@(?:{_DOMAIN_LABEL}\.){{1,6}}{_TLD}{_NO_LETTER}")
_QUOTED = re.compile(rf"\"[^\"@\n]{{1,64}}\"@(?:{_DOMAIN_LABEL}\.){{1,6}}{_TLD}{_NO_LETTER}")
_SPACED = re.compile(
    rf"(?<![{_LETTER}]){_LOCAL}\s{{0,2}}@\s{{0,2}}(?:(?:{_DOMAIN_LABEL}\.){{1,4}}{_COMMON}"
    rf"|(?:{_DOMAIN_LABEL}\s{{0,2}}[.。·]\s{{0,2}}){{1,4}}{_SAFE}){_NO_LETTER}",
    re.IGNORECASE,
)
_SPELT = re.compile(
    rf"(?<![{_LETTER}]){_LOCAL}(?:(?:{_DOT_WORD}|[ ]?[\[(](?:dot|punkt)[\])][ ]?){_LOCAL}){{0,3}}"
    rf"(?:{_AT_MARK}(?:{_DOMAIN_LABEL}(?:{_DOT_MARK}|{_DOT_WORD})){{1,4}}{_TLD}"
    rf"|(?:{_AT_WORD}|\s{{0,2}}@\s{{0,2}})(?:{_DOMAIN_LABEL}(?:{_DOT_MARK}|{_DOT_WORD})){{0,3}}{_DOMAIN_LABEL}{_DOT_WORD}{_COMMON}"
    rf"|{_AT_WORD}(?:{_PROVIDER}|(?:{_DOMAIN_LABEL}\.){{0,2}}{_PROVIDER}){_DOT_MARK}{_COMMON}){_NO_LETTER}",
    re.IGNORECASE,
)
_SAID = re.compile(  # with a plain dot "at" may be the preposition: the words before must speak of mail
    rf"(?i:e-?mail|mail|reach me|write (?:to )?me|邮箱|邮件).{{0,40}}?(?<![{_LETTER}])"
    rf"(?P<mail>{_LOCAL}{_AT_WORD}(?:{_DOMAIN_LABEL}\.){{1,4}}{_COMMON}){_NO_LETTER}",
    re.IGNORECASE,
)
_WORDS = re.compile(r"@|艾特|小老鼠|圈a|arroba|[\[({<‹*_#] ?(?:at|ät|a) ?[\])}>›*_#]|\b(?:at|ät|chez)\b", re.IGNORECASE)
_FILES = re.compile(r"\.(?:png|jpe?g|gif|webp|svg|css|js|py)$", re.IGNORECASE)
_NO_NAME = {
    "me", "you", "us", "it", "them", "him", "her", "is", "was", "are", "available", "open", "shop", "look",
    "looking", "arrive", "arrived", "here",
}  # fmt: skip


def mail_addresses(text: str) -> Iterator[Found]:
    """The mail addresses of a folded text."""
    if not _WORDS.search(text):
        return
    if "@" in text:
        for pattern in (_PLAIN, _QUOTED, _SPACED):
            for match in pattern.finditer(text):
                if not _FILES.search(match[0]):
                    yield Found("email", match.start(), match.end())
    for match in _SPELT.finditer(text):
        if re.split(r"\s", match[0], maxsplit=1)[0].casefold() not in _NO_NAME:
            yield Found("email", match.start(), match.end())
    for match in _SAID.finditer(text):
        if re.split(r"\s", match["mail"], maxsplit=1)[0].casefold() not in _NO_NAME:
            yield Found("email", match.start("mail"), match.end("mail"))
