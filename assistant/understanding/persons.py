"""What a message says of whoever writes it: contacts and a name, which are no wish for a product.

In: the text of a message. Out: the stretches of it that speak of the person. "You can reach me at jo@gore-tex.com" asks
for no Gore-Tex. Orders are looked for in the message as it was written, not here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.privacy.recognising import recognise

_EN_ASKS = (
    r"(?:(?:you (?:can|may|could)|please|just|pls) )*"
    r"(?:reach|call|text|ring|phone|contact|(?:e-?)?mail|write(?: to)?|answer) (?:me|us)(?: back)?"
)
_EN_HAS = r"\b(?:my|our) (?:e-?mail|mail|phone|mobile|cell|number|address|contact)(?: address| number)?"
_ZH_HAS = r"(?:我的?)?(?:电子)?(?:邮箱|邮件|电话|手机|联系方式|地址|微信)(?:号码?|地址)?(?:是|为|在)?"
_ZH_ASKS = r"(?:请|可以)?(?:打|拨|拨打|联系我|回电|发邮件)(?:给我|到|至|我)?"
_LEADS_UP = re.compile(
    rf"(?:(?:{_EN_ASKS}|{_EN_HAS})[\s:]*(?:is|are|at|on|under|via|by|to)?|{_ZH_HAS}|{_ZH_ASKS})[\s:：(（]*$",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b[Mm]y name(?:'s| is)(?: [A-Z][\w'-]+){1,3}|我(?:的名字)?叫[\u4e00-\u9fff]{2,4}(?=[,，。.!！\s])")


def about_writer(text: str) -> Iterator[tuple[int, int]]:
    """Where personal data stands, what leads up to it included, and where the writer gives a name."""
    for found in recognise(text):
        leading = _LEADS_UP.search(text, 0, found.start)
        yield leading.start() if leading else found.start, found.end
    if (named := _NAME.search(text)) is not None:
        yield named.span()
