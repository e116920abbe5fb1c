"""The words by which one tells what a sentence of a conversation is about.

In: a text. Out: stems without the words that any sentence may have; of Chinese, single characters, since short
questions share hardly a pair with what they go on from.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from assistant.generation.passages import features
from knowledge_base.text import clean, has_cjk, stems

_ANY: Final = frozenset(
    stems(
        "back order orders ordered came come did done exactly final get give given go going good got guys"
        " happen have it kind know let like made make mean mine new nothing now okay one really right said say"
        " says sorry still such sure take tell than thanks that them then they thing think till time told too"
        " true until upon us want was way well were will work would yes yet your ours hers his mine again"
        " anyway also both day days"
    )
)
_ANY_ZH: Final = frozenset(
    "的了吗呢么是我你您们还能可以有没不什多少几那这要就都会吧啊呀个一下在给到去来对好真最再也和跟与把被为让请问想得着过"
    "很太怎如何哪谁时候钱天点其他行说道里上中后前些点所才啦嘛哦然而但因又已经只用它他她号日"
)


@lru_cache(maxsize=4096)
def telling_words(text: str) -> frozenset[str]:
    """What a text may share with another one on the same matter."""
    latin = {word for word in features(text) if not has_cjk(word)} - _ANY
    return frozenset(latin | {letter for letter in clean(text) if has_cjk(letter) and letter not in _ANY_ZH})
