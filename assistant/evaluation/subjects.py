"""Which kinds of things a shop sells, found without knowing the shop.

In: a shop's records. Out: `Subject`s, from its categories, from a product-type attribute, or, where it has neither,
from the head nouns of its titles. Nothing here looks at how the assistant would read them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence

from assistant.evaluation.records import Record, fold, singular
from assistant.evaluation.truth import Subject, contains_words, plural, same_value, singular_phrase

_TYPE_NAMES = re.compile(r"^(product |device |item )?(type|kind|category)$|^(产品|商品)?(类型|类别|品类|种类)$")
# Words that end a title but name no thing.
_NOT_NOUNS = frozenset(
    re.findall(
        r"\w+",
        """original compatible black white grey gray silver red blue green yellow brown pink orange gold beige clear
        retail box pack pcs piece pieces set kit edition version series model size color colour small medium large new
        warranty year years inch mm cm m kg w v a of for with and in the by pro max plus mini ultra lite home
        professional basic standard premium bag user users license licence pages page support mb gb tb ghz mhz pc type
        category outlet dpi lan port ports""",
    )
)
_MASS_NOUNS = frozenset(
    re.findall(
        r"\w+",
        """memory storage cooling clothing footwear jewellery jewelry furniture lighting bedding coffee tea rice oil
        software hardware makeup networking photography audio luggage""",
    )
)
# The character a Chinese noun for a thing may end in, and such nouns that name no ware.
_CHINESE_ENDS = (
    "器机灶扇箱柜灯椅桌床包鞋衣裤裙茶米酒奶锅壶杯刀盆伞帽袜巾被枕膏霜液皂笔"
    "本书车表链戒环镜仪架垫毯粉糖饼果肉鱼虾蛋盐酱醋油"
)
_CHINESE_NOT_NOUNS = frozenset(("一体机", "主机", "电机", "排油", "双循环", "零循环"))
_UNIT = re.compile(r"\d+(?:\.\d+)?\s*(?:升|套|风量|英寸|寸|公斤|千克|克|斤|毫升|瓦|匹|年|法|年质保|[A-Za-z%℃]+)")


def find_subjects(records: Sequence[Record], least: int = 2) -> tuple[Subject, ...]:
    """The shop's subjects with at least `least` SKUs each, in a stable order; empty only for an empty shop."""
    found = list(_from_categories(records)) or list(_from_types(records))
    if not any(record.category for record in records):
        found.extend(_from_titles(records))
    by_name: dict[str, Subject] = {}
    for subject in found:
        by_name.setdefault(singular_phrase(fold(subject.name)), subject)
    skus = {record.id: len(record.skus) for record in records}
    return tuple(s for s in by_name.values() if s.readings and sum(skus[i] for i in s.readings[0]) >= least)


class _Titles:
    """The shop's titles by word, so that a noun is looked up without reading all of them."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = records
        self.rows: dict[str, set[int]] = defaultdict(set)
        for row, record in enumerate(records):
            for word in record.words:
                self.rows[word].add(row)

    def readings(self, noun: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """Products whose title ends in the noun; whose title has it, in either number; or has all its words."""
        one, many = singular_phrase(fold(noun)), plural(fold(noun))
        if re.search(r"[\u4e00-\u9fff]", one):
            rows: Iterable[int] = range(len(self.records))
        else:
            rows = set.intersection(*(self.rows[singular(word)] | self.rows[word] for word in one.split(" ")))
        found = [self.records[row] for row in rows]
        has = [r for r in found if contains_words(r.key, one) or contains_words(r.key, many)]
        n_words = len(one.split(" "))
        head = frozenset(r.id for r in has if _head(r.title, n_words) == one)
        phrase = frozenset(r.id for r in has)
        return head, phrase, phrase if not one.isascii() else frozenset(r.id for r in found)

    def stating(self, noun: str) -> frozenset[str]:
        """Of a noun such as "cyan toner cartridge", products called by its last words that state the first ones.

        Empty where products called by all of it do not mostly state the first words as a value: then it is a name.
        Where they do, the words are a trait, and a cartridge with that trait is one without saying so in its title.
        """
        said = noun.split(" ")
        for n_words in range(1, len(said)):
            trait, rest = " ".join(said[:n_words]), " ".join(said[n_words:])
            named, called = self.readings(noun)[2], self.readings(rest)[2]
            stating = frozenset(r.id for r in self.records if r.id in called and _states(r, trait))
            if len(stating & named) * 2 >= len(named):
                return stating | named
        return frozenset()


def _states(record: Record, value: str) -> bool:
    return any(same_value(stated, value) for stated in record.attributes.values())


def _distinct(*readings: frozenset[str]) -> tuple[frozenset[str], ...]:
    """The readings that hold anything, each once, in order."""
    return tuple(dict.fromkeys(reading for reading in readings if reading))


def _from_categories(records: Sequence[Record]) -> Iterator[Subject]:
    """One subject a name on any level: by equality, in either number, and by the words of the category's name."""
    members: dict[str, set[str]] = defaultdict(set)
    spelling: dict[str, str] = {}
    for record in records:
        for part in record.category:
            members[fold(part)].add(record.id)
            spelling.setdefault(fold(part), part)
    brands = {fold(record.brand) for record in records if record.brand}
    titles = _Titles(records)
    for name, ids in members.items():
        if name in brands or len(name) < 2 or re.search(r"[&,/]", name):
            continue
        one = singular_phrase(name)
        either = frozenset(i for other, found in members.items() if singular_phrase(other) == one for i in found)
        worded = frozenset(
            i
            for other, found in members.items()
            if contains_words(singular_phrase(other), one) or contains_words(other, plural(one))
            for i in found
        )
        head, has, _ = titles.readings(one)
        text = name if spelling[name].isupper() is False else spelling[name]
        many = plural(text) if len(head & ids) * 3 > len(ids) and one not in _MASS_NOUNS else None
        many = many or _category_plural(text, members)
        yield Subject(
            name=many.removesuffix("s") if many.endswith(" products") else singular_phrase(text),
            plural=many,
            origin="category",
            readings=_distinct(frozenset(ids), either, worded, either | head, worded | has),
        )


def _category_plural(name: str, known: Container[str]) -> str:
    """ "cases" as it is, "monitor" as "monitors" where the shop says so too; "memory" becomes "memory products"."""
    if plural(fold(name)) in known:
        return plural(name)
    if re.search(r"[\u4e00-\u9fff]", name) or singular_phrase(name) != name:
        return name
    return f"{name} products"


def _from_types(records: Sequence[Record]) -> Iterator[Subject]:
    """One subject a value of a product-type attribute that names the thing in the titles too."""
    members: dict[str, set[str]] = defaultdict(set)
    for record in records:
        for name, value in record.attributes.items():
            if _TYPE_NAMES.match(fold(name)) and re.fullmatch(r"[A-Za-z][A-Za-z -]{2,24}|[\u4e00-\u9fff]{2,8}", value):
                members[fold(value)].add(record.id)
    titles, known = _Titles(records), _words(records)
    for name, ids in members.items():
        head, has, apart = titles.readings(name)
        if name in _NOT_NOUNS or re.search(r"[ -][a-z]$", name):  # nobody asks for "DVD-Rs"
            continue
        if len(ids) < 3 or len(has & ids) * 3 < len(ids):
            continue
        if plural(name).split(" ")[-1] not in known and not re.search(r"[\u4e00-\u9fff]", name):
            continue
        one = singular_phrase(name)
        yield Subject(one, plural(one), "type", _distinct(frozenset(ids), head, has, has | ids, apart))


def _from_titles(records: Sequence[Record]) -> Iterator[Subject]:
    """One subject a head noun: the words that titles end in, before sizes, colours and what comes with it."""
    chinese = sum(1 for record in records if re.search(r"[\u4e00-\u9fff]", record.title)) * 2 > len(records)
    nouns = _chinese_nouns(records) if chinese else _english_nouns(records)
    titles = _Titles(records)
    for noun in nouns:
        head, has, apart = titles.readings(noun)
        yield Subject(
            noun,
            plural(noun),
            "title",
            _distinct(has) if chinese else _distinct(has, head, apart, titles.stating(noun)),
        )


def _words(records: Sequence[Record]) -> frozenset[str]:
    """Every word of the shop's texts, folded. A noun is a thing one can have several of if its plural is there."""
    return frozenset(word for record in records for word in re.findall(r"[^\W_]+", record.everything))


def _head(title: str, n_words: int) -> str | None:
    """The last words of the title's first clause, folded and singular; None where it has fewer."""
    clause = re.split(r"[,(\[|–]| - | with | w/| for ", title)[0]
    words = [w for w in re.findall(r"[^\W_]+", fold(clause)) if not re.search(r"\d", w)]
    while words and words[-1] in _NOT_NOUNS:
        words.pop()
    return singular_phrase(" ".join(words[-n_words:])) if len(words) >= n_words else None


def _english_nouns(records: Sequence[Record]) -> list[str]:
    """Heads of one or two words, where the word mostly stands as a head; commonest first."""
    heads: Counter[str] = Counter()
    contained: Counter[str] = Counter()
    values = {fold(r.brand) for r in records if r.brand}
    for record in records:
        for n_words in (1, 2, 3):
            if (head := _head(record.title, n_words)) and not set(head.split(" ")) & _NOT_NOUNS:
                heads[head] += 1
        contained.update(record.words)
    small = len(records) < 200
    known = frozenset() if small else _words(records)
    return [
        head
        for head, count in heads.most_common(400)
        if (small or count >= 8)
        and min(map(len, head.split(" "))) > 1
        and len(set(map(singular, head.split(" ")))) == len(head.split(" "))
        and len(head) > 2
        and (small or plural(head).split(" ")[-1] in known)
        and not set(head.split(" ")) & values
        and (" " in head or small or count * 5 >= contained[singular(head)] * 2)
        and (not small or _is_whole_title(head, records) or count >= 2)
    ]


def _is_whole_title(head: str, records: Sequence[Record]) -> bool:
    return any(singular_phrase(" ".join(re.findall(r"[^\W_]+", record.key))) == head for record in records)


def _chinese_nouns(records: Sequence[Record]) -> list[str]:
    """Frequent title strings of two to five characters that end like a thing and start where a word may start."""
    frequency: Counter[str] = Counter()
    for record in records:
        found: set[str] = set()
        for run in re.findall(r"[\u4e00-\u9fff]+", _UNIT.sub(" ", record.title)):
            for size in (2, 3, 4, 5):
                found.update(
                    run[i : i + size] for i in range(len(run) - size + 1) if run[i + size - 1] in _CHINESE_ENDS
                )
        frequency.update(found)
    nouns = [noun for noun, count in frequency.items() if count >= 2 and noun not in _CHINESE_NOT_NOUNS]
    kept: list[str] = []
    for noun in sorted(nouns, key=len, reverse=True):
        longer = [other for other in nouns if other != noun and noun in other and frequency[other] == frequency[noun]]
        titles = [_UNIT.sub(" ", record.title) for record in records]
        starts = any(re.search(rf"(^|[^\u4e00-\u9fff]){noun}", title) for title in titles)
        starts = starts or sum(other.endswith(noun) for other in kept) > 1
        ends = any(re.search(rf"{noun}($|[^\u4e00-\u9fff])", title) for title in titles)
        if not longer and starts and ends:
            kept.append(noun)
    return sorted(kept, key=lambda noun: (-frequency[noun], noun))
