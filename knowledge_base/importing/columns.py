"""Which column of an export means what.

In: the headers of an export with a profile of their cells, and what shop.toml says. Out: the role of each column (or
"attribute", or "unused" with the reason), as a careful person would read them in English, German, French, Spanish and
Chinese. A header counts only if its cells agree. It builds no products.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from knowledge_base.importing.cells import (
    as_json,
    attributes_of,
    count_of,
    date_of,
    link_of,
    path_of,
    stock_of,
    yes_no,
)
from knowledge_base.importing.headers import RANKS, header_key, header_keys, role_of
from knowledge_base.importing.money import currency_of, parse_price
from knowledge_base.importing.profile import Profile
from knowledge_base.text import fold

_COLUMNS = (
    "id title description brand category price list_price currency in_stock stock rating review_count url image "
    "language added_on attributes variants variant_id"
)
# The canonical names that `[products.columns]` may map to a header of the export.
COLUMNS = frozenset([*_COLUMNS.split(), "sale_price", "price_cents", "features", "group"])

_MANY = frozenset({"category", "category_path", "description", "image", "attributes", "features"})
_BEFORE_ATTRIBUTES = re.compile(
    r"^(?:attributes?|attribut|specs?|specifications?|属性|规格|meta)\s*[:./]\s*(.+)$", re.IGNORECASE
)
_NO_ATTRIBUTE = re.compile(
    r"(?:^|[ _])(?:id|ids|uuid|guid|gtin\d*|ean\d*|upc|isbn\d*|barcode|asin|sku|url|urls|link|links|href|image|images|"
    r"img|photo|picture|thumbnail|video|timestamp|datetime|updated|modified|crawled|scraped|position|sort|hash|"
    r"seller|pid|tax|vat|cost|margin|seo|meta|html|input|error|warning|"
    r"user id|user name|username|reviewer|review|reviews|email|phone|rating|"
    r"ratings|用户|评论|评论内容|条码|更新时间|链接|图片)(?:$|[ _])"
)
_MEASURES = frozenset(["unit", "units", "unit of measure", "einheit", "unité", "unidad", "单位"])
_QUANTITIES = frozenset(["quantity", "qty", "menge", "quantité", "cantidad", "数量"])
_WHEN = re.compile(r"\b(?:at|on|date|time|datum|fecha)$|时间$|日期$")


@dataclass(frozen=True, slots=True)
class Columns:
    """What each column is read as.

    `roles` maps a role to its headers, best first; `attributes` a header to the attribute's name; `unused` a header to
    the reason. `guessed` are the headers taken by a name or content that is not the canonical one, `missing` what
    shop.toml names but the export lacks, as (role, header).
    """

    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    unused: Mapping[str, str] = field(default_factory=dict)
    guessed: frozenset[str] = frozenset()
    missing: tuple[tuple[str, str], ...] = ()
    headers: tuple[str, ...] = ()

    def reading(self) -> dict[str, str]:
        """Every header with what it is read as, for people."""
        said = {header: role for role, headers in self.roles.items() for header in headers}
        said |= {header: f"attribute {name!r}" for header, name in self.attributes.items()}
        said |= {header: f"not used: {why}" for header, why in self.unused.items()}
        return {header: said[header] for header in self.headers if header in said}


def recognise(
    profiles: Mapping[str, Profile], given: Mapping[str, str] | None = None, n_rows: int | None = None
) -> Columns:
    """Decide what every column is. `given` are shop.toml's columns: canonical name -> header; they always win."""
    headers = [header for header in profiles if "." not in header or header.partition(".")[0] not in profiles]
    roles: dict[str, list[str]] = {}
    attributes: dict[str, str] = {}
    guessed: set[str] = set()
    missing = []
    by_fold = {fold(header): header for header in headers}
    for name, wanted in (given or {}).items():
        header = wanted if wanted in profiles else by_fold.get(fold(wanted))
        if header is None:
            missing.append((name, wanted))
        elif name.startswith(("attributes.", "options.")):
            attributes[header] = name.partition(".")[2]
        else:
            roles.setdefault("category_path" if name == "category" else name, []).append(header)
    taken = {header for found in roles.values() for header in found} | set(attributes)
    pinned = set(roles)
    measured = any(
        header_key(h) in ("unit", "units", "unit of measure", "einheit", "unité", "unidad", "单位") for h in headers
    )
    for role, header in _candidates(profiles, [h for h in headers if h not in taken]):
        if (
            role == "stock"
            and measured
            and header_key(header) in ("quantity", "qty", "menge", "quantité", "cantidad", "数量")
        ):
            continue  # how much is in the pack, not how many are on the shelf
        if header in taken or (role in roles and (role not in _MANY or role in pinned)):
            continue
        roles.setdefault(role, []).append(header)
        taken.add(header)
        if header != role and not (role.startswith("category") and header == "category"):
            guessed.add(header)
    for role, header in _by_content(profiles, roles, [h for h in headers if h not in taken]):
        roles[role] = [header]
        taken.add(header)
        guessed.add(header)
    for header in [h for h in headers if h not in taken and _is_prose(profiles[h])]:
        roles.setdefault("more", []).append(header)
        taken.add(header)
        guessed.add(header)
    unused: dict[str, str] = {}
    for header in headers:
        if header in taken:
            continue
        why = _why_unused(profiles[header], roles, n_rows)
        if why:
            unused[header] = why
        else:
            prefixed = _BEFORE_ATTRIBUTES.match(header)
            attributes[header] = " ".join((prefixed[1] if prefixed else header).replace("_", " ").split())
    return Columns(
        {role: tuple(found) for role, found in roles.items()},
        attributes,
        unused,
        frozenset(guessed),
        tuple(missing),
        tuple(headers),
    )


def _candidates(profiles: Mapping[str, Profile], headers: list[str]) -> list[tuple[str, str]]:
    """(role, header) by how telling the header is; a pair is left out where the cells contradict it."""
    found = []
    for order, header in enumerate(headers):
        for place, key in enumerate(header_keys(header)):
            for role, ranks in RANKS.items():
                if key in ranks and (header == role or _agrees(role, profiles[header])):
                    exact = 0 if header == role else 1
                    found.append((exact, place, ranks[key], order, role, header))
    many = sorted(found, key=lambda f: f[:4])
    return [(role, header) for *_, role, header in many]


def _share(profile: Profile, test: Callable[[str], bool]) -> float:
    """The share of a column's sampled texts that pass a test."""
    texts = list(profile.texts)[:200]
    return sum(1 for text in texts if test(text)) / len(texts) if texts else 0.0


def _is_figure(text: str) -> bool:
    return parse_price(text, None) is not None or re.fullmatch(r"\W{0,3}-?[\d.,]+\W{0,3}", text.strip()) is not None


def _agrees(role: str, profile: Profile) -> bool:
    """Whether a column's cells can be what its header says. An empty column agrees with everything."""
    if not profile.filled or (not profile.texts and role not in ("variants", "attributes")):
        return True
    if role == "price_cents":
        return _share(profile, lambda text: re.fullmatch(r"-?\d+(?:\.0+)?", text) is not None) >= 0.5
    if role in ("price", "sale_price", "list_price"):
        return _share(profile, _is_figure) >= 0.5
    if role == "rating":
        return _share(profile, lambda text: re.search(r"\d|★", text) is not None and len(text) <= 40) >= 0.5
    if role == "review_count":
        return _share(profile, lambda text: count_of(text) is not None) >= 0.5
    if role in ("stock", "in_stock"):
        return _share(profile, lambda text: stock_of(text) is not None) >= 0.5
    if role == "added_on":
        return _share(profile, lambda text: date_of(text) is not None) >= 0.5
    if role in ("url", "image"):
        return _share(profile, lambda text: link_of(as_json(text)) is not None) >= 0.5
    if role == "currency":
        return _share(profile, lambda text: currency_of(text) is not None) >= 0.5
    if role == "active":
        return _share(profile, lambda text: yes_no(text) is not None or text == "-1") >= 0.9
    if role == "variants":
        return (
            _share(profile, lambda text: isinstance(as_json(text), list)) >= 0.5 if profile.texts else profile.lists > 0
        )
    if role == "attributes":
        nested = [attributes_of(value) for value in profile.nested]
        return bool(any(nested)) if nested else _share(profile, lambda text: bool(attributes_of(text))) >= 0.5
    if role == "title":
        return _share(profile, lambda text: re.search(r"[^\W\d]", text) is not None) >= 0.5
    if role == "category":
        return profile.average_chars <= 120 and _share(profile, lambda text: not text.strip().isdigit()) >= 0.5
    if role == "category_path":
        return _share(profile, lambda text: bool(path_of(text)) and not text.isdigit()) >= 0.5
    return True


def _by_content(
    profiles: Mapping[str, Profile], roles: Mapping[str, list[str]], free: list[str]
) -> list[tuple[str, str]]:
    """Roles told from the cells alone, where no header said so: the title, and a price with its currency."""
    found: list[tuple[str, str]] = []
    if "title" not in roles:
        titles = [
            header
            for header in free
            if 4 <= profiles[header].average_chars <= 250 and profiles[header].distinct_share >= 0.8
            if _share(profiles[header], lambda text: re.search(r"[^\W\d]{2}", text) is not None) >= 0.9
            if _share(profiles[header], lambda text: re.match(r"https?:|[\[{]", text) is not None) < 0.1
            if _share(profiles[header], lambda text: " " in text or len(text.encode()) > len(text)) >= 0.5
        ]
        if titles:
            found.append(("title", min(titles, key=lambda header: abs(profiles[header].average_chars - 50))))
    if not {"price", "sale_price", "list_price"} & set(roles):
        prices = [
            header
            for header in free
            if _share(profiles[header], lambda text: currency_of(text) is not None and _is_figure(text)) >= 0.6
        ]
        if prices:
            found.append(("price", prices[0]))
    return found


def _is_flat(value: object) -> bool:
    """Whether a cell is a list of plain values."""
    return isinstance(value, list) and not any(isinstance(item, list | Mapping) for item in value)


def _is_prose(profile: Profile) -> bool:
    """Whether a column nobody recognised holds texts a shopper may ask about: instructions, ingredients, care."""
    if role_of(profile.header) or _NO_ATTRIBUTE.search(f" {header_key(profile.header)} "):
        return False
    wide = any(len(text.encode()) > 2 * len(text) for text in list(profile.texts)[:5])
    if not profile.texts or profile.average_chars <= (60 if wide else 160):
        return False
    return (
        _share(profile, lambda text: re.match(r"https?:|[\[{<]", text) is None and (wide or text.count(" ") > 8)) > 0.8
    )


def _why_unused(profile: Profile, roles: Mapping[str, list[str]], n_rows: int | None) -> str | None:
    """Why a column nobody recognised is no attribute either; None where it looks like one."""
    if not profile.filled:
        return "it is empty"
    role = role_of(profile.header)
    if role and role in roles and role not in ("attributes", "category", "stock", "title"):
        return f"{role} is read from {roles[role][0]!r}"
    key = f" {header_key(profile.header)} "
    if not _BEFORE_ATTRIBUTES.match(profile.header):
        if _NO_ATTRIBUTE.search(key):
            return "its name says it is no attribute"
        if role in ("id", "variant_id", "group", "url", "image", "language", "currency", "active"):
            return f"it looks like {role}"
    if profile.nested and not any(attributes_of(v) or _is_flat(v) for v in profile.nested):
        return "its objects hold no attributes"
    if _share(profile, lambda text: re.match(r"(?:https?:)?//", text) is not None) > 0.5:
        return "it holds web addresses"
    if _share(profile, lambda text: len(text) >= 8 and date_of(text) is not None) > 0.8 and (
        _WHEN.search(key.strip()) or any(len(text) > 10 for text in profile.texts)
    ):
        return "it holds points in time"
    if profile.average_chars > 160:
        return "its texts are too long for an attribute"
    if _share(profile, lambda text: re.fullmatch(r"(?=\S*\d)[\w-]{8,}", text) is not None) > 0.9 and (
        profile.distinct_share > 0.95 and profile.filled > 3
    ):
        return "it looks like an id"
    return None
