"""English grammar that sentences about any catalogue need: plurals, articles, lists, and what kind of word a name is.

In: words as a shop or a shopper writes them. Out: the same words fitted into a sentence. It knows no product.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# Short names in capitals that are said as a word, not letter by letter.
_SPOKEN = frozenset({"RAM", "ROM", "LAN", "SIM", "SAS", "FAT", "MAC", "MIN", "MAX", "SET", "NEW", "RED", "HOT"})


def word_set(text: str) -> frozenset[str]:
    """The words of a text as a set: how the word lists here are written."""
    return frozenset(text.split())


_IRREGULAR = {
    "man": "men", "woman": "women", "child": "children", "foot": "feet", "tooth": "teeth", "mouse": "mice",
    "person": "people", "knife": "knives", "shelf": "shelves", "bookshelf": "bookshelves", "scarf": "scarves",
    "leaf": "leaves", "loaf": "loaves", "life": "lives", "potato": "potatoes", "tomato": "tomatoes",
    "hero": "heroes",
}  # fmt: skip
_INVARIABLE = word_set(
    "clothing footwear furniture equipment gear software hardware bedding jewelry jewellery luggage food coffee "
    "tea merchandise stationery memory storage ram media paper ink cookware bakeware tableware kitchenware "
    "sportswear underwear outerwear swimwear knitwear gps series lighting music makeup perfume information stuff"
)
_PLURAL_ONLY = word_set(
    "jeans shorts pants trousers leggings tights scissors glasses sunglasses headphones earphones earbuds "
    "binoculars pyjamas pajamas goggles tongs pliers clippers overalls scales"
)
_SINGULAR_S = ("ss", "us", "is")
_SINGULAR_WORDS = word_set("lens canvas gas atlas gps sms dns abs chess bias christmas pros news gus plus bus")
# Letters that are said as a noun of their own: "TVs".
_LETTER_NOUNS = word_set("tv pc ssd hdd dvd cd gpu cpu usb led nas ups")
# What a model's name ends with is no noun: "max", "pro".
_MODEL_WORDS = word_set("max pro plus ultra mini lite se air fe evo neo")
_ADJECTIVE_ENDINGS = (
    "proof", "resistant", "able", "ible", "less", "free", "friendly", "repellent", "tight", "ready", "only", "safe",
    "breathable", "foldable", "certified", "compatible", "compliant", "rechargeable", "insulated", "padded", "lined",
    "included", "integrated", "supported", "required", "backlit", "adjustable", "polarized", "polarised", "adapted",
    "approved", "made", "touch", "sided", "coated", "powered", "heated", "cooled", "lit", "tested", "quilted",
)  # fmt: skip
_ADJECTIVES = word_set(
    "organic vegan vegetarian portable wireless cordless electric automatic manual digital analog analogue "
    "recycled reversible washable machine-washable odorless windproof lightweight robotic modular hypoallergenic "
    "handmade refillable stackable dimmable inflatable collapsible silent quiet ergonomic biodegradable "
    "compostable kosher halal unisex antibacterial non-stick nonstick self-cleaning self-inflating freestanding "
    "internal external vintage new used refurbished thermal seamless sustainable fragrance-free"
)
_COUNTABLE = word_set(
    "touchscreen screen display camera port slot reader drive adapter battery charger handle lid pocket hood zip "
    "zipper strap light lamp backlight remote timer filter alarm speaker microphone jack keypad keyboard mouse "
    "stand cover case bag grinder thermostat sensor fan motor switch button clip hook window door drawer shelf "
    "wheel brake bell stylus tuner guide manual control receiver"
)


COLOUR_WORDS = word_set(
    "black white grey gray silver gold red blue green yellow pink purple orange brown beige navy teal turquoise ivory"
)


def join(items: Sequence[str], word: str = "and") -> str:
    """A list in a sentence: "a", "a and b", "a, b and c"."""
    items = [item for item in items if item]
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {word} {items[-1]}"


def a(noun: str) -> str:
    """The noun phrase with its indefinite article, by sound: "an hour", "a USB port", "an 8-inch screen"."""
    word = re.split(r"[\s-]", noun.strip().lower(), maxsplit=1)[0]
    if re.match(r"8|11(?!\d)|18(?!\d)|hour|honest|heir", word):
        return f"an {noun}"
    if re.match(r"uni|use|usb|usu|eu|one|once|ufo|ute", word):
        return f"a {noun}"
    first = noun.strip().split()[0] if noun.strip() else ""
    letters = len(first) > 1 and first.isalpha() and first.isupper() and first[0] in "FHLMNRSX"
    if letters and (not re.search(r"[AEIOU]", first) or (len(first) == 3 and first not in _SPOKEN)):
        return f"an {noun}"
    return f"{'an' if word[:1] in 'aeiou' else 'a'} {noun}"


def is_noun(word: str) -> bool:
    """Whether a word is an ordinary one that has a plural: no code ("LN3S"), acronym, model word or other script."""
    if word.lower().removesuffix("s") in _LETTER_NOUNS:
        return True
    parts = word.replace("'", "").split("-")
    return all(re.fullmatch("[A-Za-z][a-z]*", part) for part in parts) and word.lower() not in _MODEL_WORDS


def is_compound(noun: str) -> bool:
    """Whether a name joins several nouns, as categories do: "Sandals & Slippers"."""
    return bool(re.search(r"\s(?:&|and|\+)\s|[,/]", noun))


def is_plural(noun: str) -> bool:
    """Whether the last word of a noun phrase is plural already."""
    last = noun.lower().split()[-1] if noun.split() else ""
    if last in _PLURAL_ONLY or last in _IRREGULAR.values() or last.removesuffix("s") in _LETTER_NOUNS - {last}:
        return True
    singular_s = last.endswith(_SINGULAR_S) or last in _SINGULAR_WORDS or last in _INVARIABLE
    return last.endswith("s") and not singular_s and (len(last) > 3 or not re.search(r"[aeiouy]", last))


def plural(noun: str) -> str:
    """The plural of a noun phrase: "tent" -> "tents", "smart watch" -> "smart watches"; mass nouns stay."""
    head, _, last = noun.rpartition(" ")
    low = last.lower()
    if is_plural(noun) or low in _INVARIABLE or not is_noun(last):
        return noun
    if low in _IRREGULAR:
        made = _IRREGULAR[low]
    elif low in _LETTER_NOUNS:
        made = f"{last}s"
    elif re.search(r"(?:s|x|z|ch|sh)$", low):
        made = last + "es"
    elif re.search(r"[^aeiou]y$", low):
        made = last[:-1] + "ies"
    else:
        made = last + "s"
    return f"{head} {made}".strip()


def singular(noun: str) -> str:
    """The singular of a noun phrase, where it is certain; plural-only and mass nouns stay, and "Mugs & Cups" is
    "product in Mugs & Cups"."""
    head, _, last = noun.rpartition(" ")
    low = last.lower()
    if low in _PLURAL_ONLY or low in _INVARIABLE or not is_plural(noun) or not is_noun(last):
        return noun
    if is_compound(noun):
        return f"product in {noun}"
    back = {many: one for one, many in _IRREGULAR.items()}
    if low in back:
        made = back[low]
    elif low.endswith("ies") and len(low) > 4:
        made = last[:-3] + "y"
    elif re.search(r"(?:ss|x|z|ch|sh)es$", low):
        made = last[:-2]
    else:
        made = last[:-1]
    return f"{head} {made}".strip()


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 tent", "1,200 tents"; "no tents" for 0; mass nouns as "12 products (bedding)"."""
    if is_mass(noun):
        return f"{number:,} {noun} {'product' if number == 1 else 'products'}" if number else f"no {noun}"
    return f"{number:,} {singular(noun) if number == 1 else plural(noun)}" if number else f"no {plural(noun)}"


def is_mass(noun: str) -> bool:
    """Whether the noun is not counted: "luggage", "cookware"."""
    return bool(noun.split()) and noun.lower().split()[-1] in _INVARIABLE - {"series"}


def has_no_singular(noun: str) -> bool:
    """Whether a thing is only spoken of in the plural: "sunglasses under $20"."""
    head = re.split(r" (?:under|over|between|at|from|with|without|in|for|not|rated|made|named|outside|that) ", noun)[0]
    return bool(head.split()) and head.lower().split()[-1] in _PLURAL_ONLY


def article(noun: str) -> str:
    """The noun with "a" or "an", or bare where it is plural or not counted."""
    return noun if is_plural(noun) or is_mass(noun) else a(noun)


def adjectival(name: str) -> bool:
    """Whether a yes/no attribute's name is said with "is" ("waterproof") rather than "has" ("touchscreen")."""
    word = name.lower().strip()
    last = re.split(r"\s", word)[-1] if word else ""
    return last in _ADJECTIVES or word in _ADJECTIVES or last.endswith(_ADJECTIVE_ENDINGS)


def has_phrase(name: str) -> str:
    """What a product has, with its article where the noun is counted: "a touchscreen", "wi-fi", "pockets"."""
    words = name.lower().split()
    return a(name) if words and words[-1] in _COUNTABLE else name


def plural_verb(one: str) -> str:
    """The plural of a third-person verb phrase: "is in stock" -> "are in stock", "costs $5" -> "cost $5"."""
    verb, _, rest = one.partition(" ")
    many = {"is": "are", "has": "have", "does": "do", "was": "were", "matches": "match"}.get(verb)
    if many is None:
        many = verb[:-3] + "y" if verb.endswith("ies") else verb.removesuffix("s")
    return f"{many} {rest}".strip()
