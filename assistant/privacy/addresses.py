"""Postal addresses as they are written in English, German, French and Spanish.

In: folded text. Out: spans from the house number or street to the last line there is of it. A street word alone is
none: "road bike", "2 way radio" and "500 GB drive" have a number and such a word, too, so an ambiguous one needs
a city, a state, a postcode, or words like "ship it to" before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.privacy.found import Found

_STRONG = (
    r"(?:street|str|avenue|ave|av|road|rd|boulevard|blvd|lane|ln|terrace|crescent|cres|parkway|pkwy|highway|hwy"
    r"|mews|gardens|gdns|esplanade|turnpike|expressway|alley|promenade|broadway|causeway|grove|st)"
)
_WEAK = (
    r"(?:drive|dr|court|ct|way|place|pl|square|sq|trail|trl|circle|cir|loop|close|walk|hill|row|park|pass|run|point"
    r"|plaza|path|ridge|view|green|quay|wharf|bridge|gate|rise|heights|hollow|ter|end|vale|field|fields|meadow|landing)"
)
_UNITS = {
    "mm", "cm", "miles", "mile", "row", "rows", "m", "inch", "inches", "in", "ft", "foot", "feet", "gb", "tb", "mb", "kg", "g", "lb", "lbs", "oz",
    "l", "ml", "w", "kw", "v", "volt", "volts", "watt", "watts", "amp", "mah", "wh", "hz", "px", "mp", "k",
    "pack", "packs", "pc", "pcs", "piece", "pieces", "person", "persons", "people", "man", "men", "women", "kids",
    "speed", "x", "in-1", "day", "days", "hour", "hours", "minute", "minutes", "week", "weeks", "month", "months",
    "year", "years", "star", "stars", "usd", "dollars", "bucks", "euro", "euros", "percent", "off", "items",
    "item", "orders", "pairs", "pair", "sets", "set", "of", "and", "or", "for", "the", "a", "an", "to", "is",
    "are", "with", "under", "over", "than", "my", "your", "more", "less", "times", "per", "c", "t",
}  # fmt: skip
_CASED_WORD = r"(?:[A-Z\u00c0-\u00de0-9][\w'’.&-]*|of|the|de|la|le|du|des|van|von|st\.?)"
_ANY_WORD = r"[A-Za-z\u00c0-\u024f0-9][\w'’.-]*"
_HOUSE = r"(?<![\w.,$€£/-])(?:No\.?[ ]?)?[0-9]{1,6}(?:[A-Za-z]|[-/](?:[0-9]{1,4}[A-Za-z]?|[A-Za-z])|[ ]1/2)?"
_COMPASS = r"(?:(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\.?[ ])?"
_UNIT_LINE = (
    r"(?:(?:[ ]*,[ ]*|[ \n]{1,2})(?:apt|apartment|unit|suite|ste|flat|floor|fl|room|rm|bldg|building|lot|apto|piso|#)\.?"
    r"[ ]?#?[ ]?[A-Za-z]?-?[0-9]{0,5}[A-Za-z]?\b)?"
)
_STATE = (
    r"(?:A[LKZR]|C[AOT]|DE|DC|FL|GA|HI|I[DLNA]|K[SY]|LA|M[EDAINSOT]|N[EVHJMYCD]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[TA]"
    r"|W[AVIY]|PR|VI|GU|FM|MH|MP|PW|AS|A[AEP]|ON|QC|BC|AB|MB|SK|NS|NB|NL|NSW|VIC|QLD|TAS|ACT|Alabama|Alaska|Arizona|Arkansas|California|Colorado"
    r"|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland"
    r"|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New[ ]Hampshire|New[ ]Jersey"
    r"|New[ ]Mexico|New[ ]York|North[ ]Carolina|North[ ]Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode[ ]Island"
    r"|South[ ]Carolina|South[ ]Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West[ ]Virginia|Wisconsin"
    r"|Wyoming|Ontario|Quebec|British[ ]Columbia)"
)
_UK_POSTCODE = r"[A-Za-z]{1,2}[0-9][0-9A-Za-z]?[ ]?[0-9][ABD-HJLNP-UW-Zabd-hjlnp-uw-z]{2}\b"
_POSTCODE = rf"(?:[0-9]{{5}}(?:-[0-9]{{4}})?(?![0-9])|{_UK_POSTCODE}|[A-Z][0-9][A-Z][ ]?[0-9][A-Z][0-9]\b)"
_BREAK = r"(?:[ ]*[,;\n][ \n]*|[ ]+)"
_CITY_WORD = r"[A-Za-z\u00c0-\u024f][\w'’.-]{0,24}"
_CITY = rf"(?:{_BREAK}{_CITY_WORD}(?:[ ]{_CITY_WORD}){{0,3}}?)"
_PLACE = (  # a city with a state or a postcode behind it; or a postcode
    rf"(?:{_CITY}{{0,2}}?{_BREAK}(?:(?:{_STATE}{_BREAK})?{_STATE}\b\.?(?:{_BREAK}(?:{_POSTCODE}|[0-9]{{4}}(?![0-9])))?|(?i:{_STATE})\b\.?{_BREAK}{_POSTCODE})"
    rf"|{_CITY}{{0,3}}?{_BREAK}{_POSTCODE})(?:{_BREAK}(?i:USA?|U\.S\.A\.?|United States|UK|England|Scotland|Wales|United Kingdom|Canada|Australia)\b)?"
)
_CASED_CITY = r"(?:[ ]?,[ ]?(?:St\.?[ ])?[A-Z][\w'’-]+(?:[ ][A-Z][\w'’-]+){0,2}){0,2}"
_FLAT = r"(?:(?:flat|apartment|apt|unit|suite|room)\.?[ ]?[0-9]{1,5}[A-Za-z]?[ ]?[,/\n][ ]?)?"

_ENGLISH = re.compile(
    rf"(?P<flat>(?i:{_FLAT}))(?P<house>{_HOUSE})[ ,]{{1,2}}{_COMPASS}(?P<name>(?![0-9]+[ ,]){_ANY_WORD}(?:[ ]{_ANY_WORD}){{0,3}}?)[ ]"
    rf"(?i:(?P<strong>{_STRONG})|(?P<weak>{_WEAK}))\b\.?(?:[ ](?:N|S|E|W|NE|NW|SE|SW)\b\.?|[ ][0-9]{{1,4}}\b(?=[ ]*[,\n]))?(?P<unit>(?i:{_UNIT_LINE}))"
)
# With a state and ZIP code or a full postcode behind the city any words will do between them and the number.
_HOME = r"(?:(?i:flat|studio|apartment|apt|unit)\.?[ ]?[0-9]{1,5}[A-Za-z]?)"
_ANY = re.compile(
    rf"(?P<house>{_HOME}|{_HOUSE})(?:[ ]|,[ ]|\n)(?P<name>(?![0-9]+[ ,]){_ANY_WORD}(?:[ ]{_ANY_WORD}){{0,4}}?)(?P<unit>(?i:{_UNIT_LINE}))"
    rf"{_BREAK}{_CITY_WORD}(?:[ ]{_CITY_WORD}){{0,3}}?{_BREAK}"
    rf"(?:(?:{_STATE}|(?i:{_STATE}))\.?[ ,]{{1,2}}[0-9]{{5}}(?:-[0-9]{{4}})?(?![0-9])|(?![A-Za-z0-9]+[ ]?[0-9][GTM]B\b){_UK_POSTCODE})"
)
_BROADWAY = re.compile(rf"(?P<house>{_HOUSE})[ ]{_COMPASS}(?:Broadway|Avenue[ ]of[ ]the[ ]Americas|Avenue[ ][A-Z]\b)")
_TAIL = re.compile(_PLACE)
_CITY_TAIL = re.compile(_CASED_CITY)
_BOX = re.compile(r"\bP\.?[ ]?O\.?[ ]?Box[ ]?#?[ ]?[0-9]{1,8}\b|\bPostfach[ ]?[0-9][0-9 ]{1,8}", re.IGNORECASE)
_SENT_TO = re.compile(
    r"(?i:\b(?:address(?:es)?|live[sd]?|living|moved|ship(?:ped|ping)?|deliver(?:ed|y)?|sen[dt]|mail|post|come|stay(?:ing)?"
    r"|located|residence|home|house|parcel|package|pick[ -]?up|bill(?:ed|ing)?)\b[^.!?\n]{0,60}|\b(?:to|at|is|in|on|:)[ ]?)$"
)
_STRAIGHT_TO = re.compile(
    r"(?i:\b(?:deliver\w*|ship\w*|sen[dt]|lives?|living|mov\w+|address|parcel|package|house|home|come)\b[^.!?\n]{0,40}\b(?:to|at|is|in|on)[ :]{1,2})$"
)
_CLAUSE_END = re.compile(
    r"[ ]*(?:$|[,.;:!?\n)\"'”]|(?:and|please|in|near|by|but|or|if|when|for|before|at|is|thanks|thx|to|from|until|on)\b)",
    re.I,
)
_GERMAN = re.compile(
    r"(?<![\w-])(?:(?:Am|An[ ]der|Im|In[ ]der|Auf[ ]der|Auf[ ]dem|Zum|Zur|Unter[ ]den|Alte[rs]?|Neue[rs]?|Große[rs]?|Kleine[rs]?)"
    r"[ ][A-ZÄÖÜ][\wäöüß-]{2,24}(?:[ ](?:Str(?:aße|asse|\.)))?|(?:[A-ZÄÖÜ][\wäöüß.-]{1,24}[ -]){0,3}"
    r"(?:[A-ZÄÖÜa-zäöüß][\wäöüß-]{1,30}(?:straße|strasse|str\.|allee|gasse|chaussee|promenade|stieg|steig|pfad|damm|ufer)"
    r"|Str(?:aße|asse|\.)|Allee|Gasse|Chaussee|[A-ZÄÖÜ][\wäöüß-]{2,30}(?P<weak>weg|platz|ring|berg|hof|markt|wall|graben)"
    r"|(?P<weak2>Weg|Platz|Ring|Damm|Ufer)))[ ]?[0-9]{1,4}(?:[ ]?[a-h])?\b(?:[ ]?[-/][ ]?[0-9]{1,4})?(?![0-9])"
)
_GERMAN_PLACE = re.compile(
    r"(?:[ ]?[,\n/][ \n]{0,2}|[ ]{1,2}|[ ]in[ ])(?:(?:D|A|CH)-)?[0-9]{4,5}[ ][A-ZÄÖÜ][\wäöüß-]+(?:[ ](?:am|an der|im)[ ][A-ZÄÖÜ][\wäöüß-]+)?"
)
_ROMANCE = re.compile(
    r"(?<![\w-])(?:[0-9]{1,4}(?:[ ]?(?:bis|ter))?,?[ ](?i:rue|avenue|boulevard|chemin|all[ée]e|impasse|quai|place|cours)[ ]"
    r"(?:(?:de|du|des|la|le|les|l['’]|d['’])[ ]?){0,2}[A-Z\u00c0-\u00de][\w'’-]+(?:[ ][A-Z][\w'’-]+){0,3}"
    r"(?:[ ]?[,\n][ ]?[0-9]{5}[ ][A-Z][\w'’-]+(?:[ -][A-Z][\w'’-]+){0,2}|[ ][0-9]{5}[ ][A-Z][\w'’-]+)?"
    r"|(?i:rue|avenue|boulevard|chemin|all[ée]e|impasse|quai|place|cours)[ ](?:(?:de|du|des|la|le|les|l['’]|d['’])[ ]?){0,2}"
    r"[A-Z\u00c0-\u00de][\w'’-]+(?:[ ][A-Z\u00c0-\u00de][\w'’-]+){0,3}[ ]?,?[ \n][0-9]{5}[ ][A-Z][\w'’-]+"
    r"|(?:[Cc]alle|[Aa]venida|[Aa]vda\.?|[Pp]laza|[Pp]aseo|[Cc]arrer|Via|Viale|Piazza|Corso|Rua)[ ](?:(?:de|del|la|las|los|el|di|della"
    r"|do|da)[ ]){0,2}[A-Z\u00c0-\u00de][\w'’-]+(?:[ ][\w'’-]+){0,3}?,?[ ](?:n[º°.]?[ ]?)?[0-9]{1,4}(?:[ ]?,[ ]?[0-9]{1,2}[º°ªo]?[ ]?[A-Za-z]?)?"
    r"[ ]?[,\n][ ]?[0-9]{5}[ ][A-Z][\w'’-]+(?:[ -][A-Z][\w'’-]+){0,2})"
)
_ROMANCE_WORDS = re.compile(
    r"\b(?:rue|avenue|boulevard|chemin|all[ée]e|impasse|quai|place|cours|calle|avenida|avda|plaza|paseo|carrer|via|viale|piazza"
    r"|corso|rua)\b",
    re.IGNORECASE,
)
_ENGLISH_WORDS = re.compile(rf"\b(?:{_STRONG}|{_WEAK})\b", re.IGNORECASE)
_PLACE_CODE = re.compile(rf"\b{_STATE}\.?[ ,]{{1,2}}[0-9]{{5}}|\b{_UK_POSTCODE}", re.IGNORECASE)
_GERMAN_WORDS = re.compile(
    r"(?:str(?:aße|asse|\.)|allee|gasse|chaussee|promenade|stieg|steig|pfad|damm|ufer|weg|platz|ring|berg|hof|markt|wall|graben)[ ]?[0-9]"
    r"|\b(?:Am|An der|Im|In der|Auf de[rm]|Zum|Zur|Unter den)[ ][A-ZÄÖÜ]",
    re.IGNORECASE,
)


def addresses(text: str) -> Iterator[Found]:
    """The postal addresses of a folded text, but for Chinese ones."""
    if not re.search(r"[0-9]", text):
        return
    for match in _BOX.finditer(text):
        yield Found("address", match.start(), _end_with(text, match.end(), _TAIL))
    if _ENGLISH_WORDS.search(text) or _PLACE_CODE.search(text):
        yield from _english(text)
    if _GERMAN_WORDS.search(text):
        yield from _german(text)
    if _ROMANCE_WORDS.search(text):
        for match in _ROMANCE.finditer(text):
            if re.search(r"[A-Z\u00c0-\u00de]", match[0]) and not _only_units(match[0].split()[1:-1]):
                yield Found("address", match.start(), match.end())


def _english(text: str) -> Iterator[Found]:
    for match in _BROADWAY.finditer(text):
        yield Found("address", match.start(), _end(text, match.end()))
    for match in _ANY.finditer(text):
        first = match["name"].split()[0]
        if first.casefold() not in _UNITS or first == "The":
            yield Found("address", match.start(), match.end())
    for match in _ENGLISH.finditer(text):
        words = match["name"].split()
        if words[0].casefold() in _UNITS or (
            len(words) > 1 and words[-1].casefold() in _UNITS - {"a", "c", "t", "the"}
        ):
            continue
        end = _end(text, match.end())
        placed = end > match.end() and _TAIL.match(text, match.end()) is not None
        cased = all(re.fullmatch(_CASED_WORD, word) for word in words)
        titled = cased and (match["strong"] or match["weak"])[:1].isupper()
        asked = _SENT_TO.search(text, max(0, match.start() - 80), match.start()) is not None
        straight = _STRAIGHT_TO.search(text, max(0, match.start() - 80), match.start()) is not None
        opener = text[: match.start()].rstrip(" ")[-1:]
        alone = opener in ("", "\n") or (opener in ",;:(" and match["strong"] is not None)
        ends = _CLAUSE_END.match(text, match.end()) is not None
        # Of a house number, words and a street word, two more signs make an address where the street word says little.
        signs = 2 * placed + 2 * bool(match["unit"]) + titled + asked + straight + (alone and ends)
        if signs + (1 if match["strong"] and ends else 0) >= 2:
            yield Found("address", match.start(), end)


def _german(text: str) -> Iterator[Found]:
    for match in _GERMAN.finditer(text):
        place = _GERMAN_PLACE.match(text, match.end())
        weak = match["weak"] or match["weak2"] or not re.search(r"(?i:str|allee|gasse|chaussee|damm|ufer)", match[0])
        if place or not weak or _SENT_TO.search(text, max(0, match.start() - 60), match.start()):
            yield Found("address", match.start(), place.end() if place else match.end())


def _end(text: str, at: int) -> int:
    """Where an English address ends whose street ends here: behind its city, state and postcode."""
    return max(_end_with(text, at, _TAIL), _end_with(text, at, _CITY_TAIL))


def _end_with(text: str, at: int, tail: re.Pattern[str]) -> int:
    match = tail.match(text, at)
    return match.end() if match else at


def _only_units(words: list[str]) -> bool:
    return all(word.casefold() in _UNITS for word in words)
