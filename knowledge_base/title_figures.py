"""The measures that titles state: "27\" monitor", "16GB RAM, 512GB SSD", for products whose attributes do not.

In: a title, or words beside a figure. Out: keys of the columns that the title's figures belong to, and what a figure of
data is a figure of: memory or storage. What products state as attributes is the business of `facets`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from decimal import Decimal
from functools import lru_cache

from knowledge_base.column_units import measures
from knowledge_base.quantities import Quantity
from knowledge_base.text import stem, words

IN_TITLE = "figures in title"  # the facet that stands for them; what follows says of what, and in which units
_ROLES = {
    "memory": "ram memory ddr ddr2 ddr3 ddr4 ddr5 lpddr4 lpddr4x lpddr5 lpddr5x sdram dimm 内存 运存 运行内存 显存",
    "storage": "storage ssd hdd emmc ufs nvme disk drive harddisk flash rom 硬盘 固态 固态硬盘 机械硬盘 存储 闪存",
    "screen": "screen display monitor diagonal lcd led oled tv 屏 屏幕 显示器 显示屏 电视 电视机",
}
_ROLE_OF = {stem(word): role for role, listed in _ROLES.items() for word in listed.split()}
ROLE_ZH = re.compile("|".join(sorted((w for w in _ROLE_OF if not w.isascii()), key=len, reverse=True)))
_BREAK = re.compile(r"[,;|+/()，；、]|\s-\s")
_BESIDE = 24  # characters beside a figure that may say what it is of
_BEFORE_WORDS = 2


def role_of(text: str) -> str | None:
    """What the first telling word of a text makes of a figure: "memory", "storage", "screen", or nothing."""
    if match := ROLE_ZH.search(text):
        return _ROLE_OF[match.group()]
    return next((role for word, _, _ in words(text) if (role := _ROLE_OF.get(stem(word)))), None)


@lru_cache(maxsize=4096)
def roles_in(text: str) -> frozenset[str]:
    """All that the words of a text make of a figure."""
    said = {role for word, _, _ in words(text) if (role := _ROLE_OF.get(stem(word)))}
    return frozenset(said | {_ROLE_OF[word] for word in ROLE_ZH.findall(text)})


def beside(text: str, start: int, end: int) -> tuple[str, str]:
    """The words right before and right after a figure, up to the next figure or break."""
    after = _BREAK.split(text[end : end + _BESIDE])[0]
    after = re.split(r"(?<![A-Za-z])\d+(?:\.\d+)?\s?(?:[GT]B?|inch|cm|\")", after)[0]
    before = _BREAK.split(text[max(0, start - _BESIDE) : start])[-1]
    before = re.split(r"\d\S*\s", before)[-1]
    return " ".join(before.split()[-_BEFORE_WORDS:]), after


def figure_role(text: str, quantity: Quantity) -> str:
    """Whether a figure of data is one of memory or of storage; "" where nothing beside it says so, or it is no data."""
    if quantity.dimension != "data":
        return ""
    before, after = beside(text, quantity.start, quantity.end)
    return role_of(after) or role_of(before) or ""


def title_figures(title: str) -> Iterator[tuple[str, tuple[Decimal, str]]]:
    """The figures of a title: the key of their column, the number and its unit. Ends of a range are two figures."""
    for quantity in measures(title):
        unit = quantity.unit or ""
        key = column_key(unit, figure_role(title, quantity))
        for value in {quantity.low, quantity.high}:
            yield key, (value, unit)


def column_key(unit: str, role: str = "") -> str:
    """The key of the column that holds the titles' figures in this unit, of this role; no shop's facet has a tab."""
    return f"{IN_TITLE}\t{unit}\t{role}"


def in_titles(role: str = "", units: Collection[str] = ()) -> str:
    """The name by which a condition asks for the figures of titles: of memory or of storage, in these units alone."""
    beside = (role if role in ("memory", "storage") else "", ", ".join(sorted(units)))
    return ": ".join((IN_TITLE, *(part for part in beside if part)))


def speaks_of(key: str, name: str) -> bool:
    """Whether the column at `key` is one that a condition on `name` looks at; figures of no role are of any."""
    if not key.startswith(f"{IN_TITLE}\t"):
        return False
    _, unit, role = key.split("\t")
    said = name.removeprefix(IN_TITLE).split(": ")[1:]
    wanted = [part for part in said if part in ("memory", "storage")]
    units = {part for beside in said if beside not in wanted for part in beside.split(", ")}
    return (not wanted or role in ("", *wanted)) and (not units or unit in units)
