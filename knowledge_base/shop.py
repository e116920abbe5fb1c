"""A shop folder opened: its settings, and where each of its files is.

In: the path of a folder a merchant filled with exports. Out: a `Shop` that names the files and carries the settings of
`shop.toml`, or a `ShopError` that says what to do. What stands in the exports is the business of `catalog`,
`documents` and `records`; here they are only looked at to guess a language and a currency nobody stated.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from rapidfuzz import process

from knowledge_base.desk_settings import DeskSettings, DeskTable
from knowledge_base.errors import ShopError
from knowledge_base.importing.columns import COLUMNS, recognise
from knowledge_base.importing.conventions import common_currency, price_headers
from knowledge_base.importing.feeds import feed_kind
from knowledge_base.importing.money import CURRENCIES
from knowledge_base.importing.profile import profile
from knowledge_base.importing.rows import Row
from knowledge_base.importing.tables import read_rows
from knowledge_base.text import language_of
from knowledge_base.types import Problem

FileKind = Literal["products", "faq", "policies", "orders", "reviews", "prices", "events"]
KINDS: tuple[FileKind, ...] = get_args(FileKind)
TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".tab", ".txt", ".json", ".jsonl", ".ndjson", ".xlsx", ".xlsm", ".xml"})
TEXT_SUFFIXES = frozenset({".md", ".markdown", ".txt", ".html", ".htm", ".pdf"})
_PRODUCT_NAMES = re.compile(r"product|catalog|katalog|artikel|articulo|produit|producto|feed|商品|产品", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LINK = re.compile(r"(https?://|mailto:|tel:|/(?!/))\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ShopInfo:
    """What `shop.toml` says about the shop, validated.

    `currency` is ISO 4217, None where neither shop.toml nor the exports tell. `links` maps a name to a URL, `handoff`
    a rule or contact to its text ({"email": "help@shop.example"}), `columns` a canonical column to the header it has
    in this shop's product export ({"price": "VK brutto"}). Texts are "" when not given.
    """

    name: str
    language: str = "en"
    currency: str | None = None
    voice: str = ""
    greeting: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    hours: str = ""
    handoff: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """A dictionary of JSON values that `from_json` turns back into an equal ShopInfo."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ShopInfo:
        """The inverse of `to_json`."""
        return cls(**values)


@dataclass(frozen=True, slots=True)
class StorefrontAddress:
    """Where the shop's own order system answers, and what it does beside showing orders; `timeout_s` for an answer."""

    url: str
    offers: bool = False
    returns: bool = False
    cancellations: bool = False
    timeout_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Shop:
    """An opened shop folder. Each of the file tuples is in name order and empty where the shop has no such file.

    `notes` are the guesses made while opening it: a file taken for the products, a language, a currency. `storefront`
    is None where orders are those of the folder. `desk` says who answers when.
    """

    folder: Path
    info: ShopInfo
    products: tuple[Path, ...] = ()
    faq: tuple[Path, ...] = ()
    policies: tuple[Path, ...] = ()
    orders: tuple[Path, ...] = ()
    reviews: tuple[Path, ...] = ()
    prices: tuple[Path, ...] = ()
    events: tuple[Path, ...] = ()
    notes: tuple[Problem, ...] = ()
    storefront: StorefrontAddress | None = None
    desk: DeskSettings = field(default_factory=DeskSettings)

    def files(self, kind: FileKind) -> tuple[Path, ...]:
        """The files of one kind."""
        found: tuple[Path, ...] = getattr(self, kind)
        return found

    def name_of(self, path: Path) -> str:
        """A file's path relative to the shop folder, with forward slashes, as problems and sources name it."""
        return path.relative_to(self.folder).as_posix() if path.is_relative_to(self.folder) else path.name


def open_shop(folder: Path) -> Shop:
    """Open a shop folder: read shop.toml if there is one, find the files, guess what nobody stated.

    Raises:
        ShopError: no such folder, no products file, or a shop.toml that cannot be used; the message says what to do.
    """
    folder = Path(folder)
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise ShopError(
            f"the shop folder {folder} {what}: give the folder that holds products.csv (or .jsonl, .xlsx …)"
        )
    settings = _read_settings(folder / "shop.toml")
    try:
        files = {kind: _find(folder, kind) for kind in KINDS}
        notes: list[Problem] = []
        if not files["products"]:
            files["products"], notes = _guess_products(folder, files.values())
    except OSError as error:
        raise ShopError(f"the shop folder {folder} cannot be read ({error.strerror}): check its permissions") from error
    language, currency, guesses = _guess_speech(files["products"], settings)
    info = ShopInfo(
        name=settings.name or re.sub(r"[\s_-]+", " ", folder.resolve().name).strip().title() or "Shop",
        language=language,
        currency=currency,
        voice=settings.voice,
        greeting=settings.greeting,
        links=settings.links,
        hours=_as_text(settings.hours),
        handoff=settings.handoff,
        columns=settings.products.columns,
    )
    address = StorefrontAddress(**settings.storefront.model_dump()) if settings.storefront else None
    desk = settings.desk.settings()
    return Shop(folder, info, **files, notes=(*notes, *guesses), storefront=address, desk=desk)


def indexed_files(folder: Path) -> tuple[Path, ...]:
    """The files of a shop folder that its index is made of: shop.toml, products, FAQ and policies.

    Raises:
        ShopError, OSError: there is no product export, or the folder cannot be read.
    """
    products = _find(folder, "products") or _guess_products(folder, [_find(folder, kind) for kind in KINDS])[0]
    return (folder / "shop.toml", *products, *_find(folder, "faq"), *_find(folder, "policies"))


def settings_of_index(folder: Path) -> bytes:
    """What shop.toml says that an index depends on: all but [desk]; empty where there is none."""
    path = folder / "shop.toml"
    if not path.is_file():
        return b""
    written = path.read_bytes()
    try:
        values = tomllib.loads(written.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        return written  # nothing is made of it anyway
    return json.dumps({key: value for key, value in values.items() if key != "desk"}, default=str).encode()


def suffix_of(path: Path) -> str:
    """The lower-case suffix that tells the format, with ".gz" looked through: ".csv" for "products.CSV.gz"."""
    name = path.name.lower()
    return Path(name.removesuffix(".gz")).suffix


def _find(folder: Path, kind: FileKind) -> tuple[Path, ...]:
    """Files named for the kind: "faq.md", "faq-returns.md", and everything in a folder of that name."""
    suffixes = TEXT_SUFFIXES | TABLE_SUFFIXES if kind in ("faq", "policies") else TABLE_SUFFIXES
    names = {kind, "policy"} if kind == "policies" else {kind, kind.removesuffix("s")}
    found = []
    for path in sorted(folder.iterdir()):
        if path.name.lower() in names and path.is_dir():
            found += [p for p in sorted(path.rglob("*")) if p.is_file() and not p.name.startswith((".", "~$"))]
        elif path.is_file() and re.split(r"[._-]", path.name.lower())[0] in names and suffix_of(path) in suffixes:
            found.append(path)
    return tuple(found)


def _guess_products(folder: Path, taken: Iterable[tuple[Path, ...]]) -> tuple[tuple[Path, ...], list[Problem]]:
    """The product export where none is called "products": by a telling name, else the only table there is."""
    claimed = {path for paths in taken for path in paths}
    tables = [
        path
        for path in sorted(folder.iterdir())
        if path.is_file() and path not in claimed and not path.name.startswith((".", "~$"))
        if suffix_of(path) in TABLE_SUFFIXES
    ]
    telling = [path for path in tables if _PRODUCT_NAMES.search(path.name)]
    chosen = telling or (tables if len(tables) == 1 else [])
    if not chosen:
        there = ", ".join(path.name for path in sorted(folder.iterdir())[:8]) or "nothing"
        raise ShopError(
            f"no product export in {folder} (it holds {there}): name it products.csv, .json, .jsonl, .xlsx or .xml"
        )
    message, remedy = "taken for the product export by its name", "rename it to products.* to say so"
    return tuple(chosen), [Problem(path.name, None, None, None, message, remedy, "note") for path in chosen]


def _guess_speech(products: tuple[Path, ...], settings: _Settings) -> tuple[str, str | None, list[Problem]]:
    """Language and currency as stated, else as the first rows of the products show, each with a note."""
    language, currency = settings.language, settings.currency
    if language and currency:
        return language, currency, []
    rows = (found for path in products for found in read_rows(path) if isinstance(found, Row))
    profiles = profile(islice(rows, 500))
    columns = recognise(profiles, settings.products.columns)
    titles = " ".join(text for header in columns.roles.get("title", ()) for text in list(profiles[header].texts)[:200])
    notes = []
    if language is None:
        language = language_of(titles) or "en"
        notes.append(_guess("language", language, 'say so if it is wrong: language = "en" in shop.toml'))
    if currency is None:
        kind = feed_kind(profiles)
        currency = common_currency(profiles, columns, price_headers(profiles, columns, kind))
        if currency == "CNY" and re.search("[\u3040-\u30ff]", titles):
            currency = "JPY"  # both write ¥
        shown = currency or "unknown: no price names one"
        notes.append(_guess("currency", shown, 'say so if it is wrong: currency = "EUR" in shop.toml'))
    return language, currency, notes


def _guess(key: str, value: str, remedy: str) -> Problem:
    return Problem(
        "shop.toml", None, key, value, f"the {key} is not stated; it was taken to be {value}", remedy, "note"
    )


# --- shop.toml ---


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError('is not a language tag: write "en", "zh", "de" …')
    return value


def _currency(value: str) -> str:
    code = value.strip().upper()
    if code not in CURRENCIES:
        raise ValueError('is not an ISO 4217 currency: write "USD", "EUR", "CNY" …')
    return code


def _links(links: dict[str, str]) -> dict[str, str]:
    for name, url in links.items():
        if not _LINK.fullmatch(url):
            raise ValueError(f"{name} = {url!r} is not a link: begin with https://, mailto:, tel: or /")
    return links


def _columns(columns: dict[str, str]) -> dict[str, str]:
    for name in columns:
        if name not in COLUMNS and not name.startswith(("attributes.", "options.")):
            raise ValueError(f"{name} is not a column this knows{_nearest(name, COLUMNS)}")
    return columns


class _Products(BaseModel):
    model_config = ConfigDict(extra="forbid")
    columns: Annotated[dict[str, str], AfterValidator(_columns)] = Field(default_factory=dict)


class _Storefront(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    url: Annotated[str, Field(min_length=1)]
    offers: bool = False
    returns: bool = False
    cancellations: bool = False
    timeout_s: Annotated[float, Field(gt=0, le=10)] = 2.0


class _Settings(BaseModel):
    """The keys of shop.toml."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    name: str = ""
    language: Annotated[str, AfterValidator(_language)] | None = None
    currency: Annotated[str, AfterValidator(_currency)] | None = None
    voice: str = ""
    greeting: str = ""
    links: Annotated[dict[str, str], AfterValidator(_links)] = Field(default_factory=dict)
    hours: str | dict[str, str] = ""
    handoff: dict[str, str] = Field(default_factory=dict)
    products: _Products = Field(default_factory=_Products)
    storefront: _Storefront | None = None
    desk: DeskTable = Field(default_factory=DeskTable)


def _read_settings(path: Path) -> _Settings:
    if not path.exists():
        return _Settings()
    try:
        values = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise ShopError(f"shop.toml cannot be read ({error.strerror}): check its permissions") from error
    except UnicodeDecodeError as error:
        raise ShopError("shop.toml is not UTF-8 text: save it as UTF-8 in your editor") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ShopError(f"shop.toml is not valid TOML ({error}): check quotes and brackets there") from error
    try:
        return _Settings.model_validate(values)
    except ValidationError as error:
        raise ShopError("shop.toml: " + "; ".join(_complaint(dict(found)) for found in error.errors())) from error


def _complaint(found: dict[str, Any]) -> str:
    *parents, key = [str(part) for part in found["loc"]]
    where = ".".join([*parents, key])
    if found["type"] == "extra_forbidden":
        tables: dict[str, type[BaseModel]] = {"products": _Products, "storefront": _Storefront, "desk": DeskTable}
        table = tables.get(parents[0] if parents else "", _Settings)
        known = table.model_fields
        return f"unknown key {where}{_nearest(key, known)}"
    if found["type"] == "value_error":
        return (
            f"{where}: {found['input']!r} {found['ctx']['error']}"
            if isinstance(found["input"], str)
            else (f"{where}: {found['ctx']['error']}")
        )
    return f"{where} = {found['input']!r}: {found['msg'][0].lower()}{found['msg'][1:]}"


def _nearest(name: str, known: Iterable[str]) -> str:
    best = process.extractOne(name.lower(), sorted(known), score_cutoff=60)
    return f": did you mean {best[0]}?" if best else f"; known are {', '.join(sorted(known))}"


def _as_text(hours: str | dict[str, str]) -> str:
    return hours if isinstance(hours, str) else "; ".join(f"{days}: {times}" for days, times in hours.items())
