"""Personal data made up and planted in messages: what `benchmarks.pii` hides and looks for.

In: a seed and which of four sets of formats and carrier sentences; they share none. Each was written without knowing
what the recognisers make of it; whoever changes these by what fails in a set has to write another to know how well
they do. Out: `Planted` messages, each with the values in it and the pieces of them that must not survive. It knows
nothing of the recognisers: check digits are computed here once more.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Split = Literal["first", "second", "third", "fourth"]
_R = random.Random


@dataclass(frozen=True, slots=True)
class Planted:
    """A message with one value in it. `secrets`: none of these may be left, nor five signs in a row of a number."""

    text: str
    kind: str
    format: str
    language: str
    value: str
    secrets: tuple[str, ...]


def planted(n: int, seed: int, split: Split) -> list[Planted]:
    """`n` messages, the kinds in turn."""
    random_ = _R(f"{split}-{seed}")
    makers, carriers = _set(split)
    made: list[Planted] = []
    while len(made) < n:
        for kind, formats in makers.items():
            name, language, make = random_.choice(formats)
            value, secrets = make(random_)
            text = _dressed(random_, random_.choice(carriers[kind, language]).replace("{}", value), split)
            made.append(Planted(text, kind, name, language, value, secrets))
    return made[:n]


def _set(split: Split) -> tuple[dict[str, list[Format]], dict[tuple[str, str], list[str]]]:
    """The formats by kind and the carriers by kind and language of a set."""
    if split == "first":
        return FIRST, FIRST_CARRIERS
    if split == "second":
        return SECOND, SECOND_CARRIERS
    if split == "third":
        from benchmarks.planted_third import THIRD, THIRD_CARRIERS  # it is written with what is defined here

        return THIRD, THIRD_CARRIERS
    from benchmarks.planted_fourth import FOURTH, FOURTH_CARRIERS

    return FOURTH, FOURTH_CARRIERS


Maker = Callable[[random.Random], tuple[str, tuple[str, ...]]]
Format = tuple[str, str, Maker]


def _dressed(r: random.Random, text: str, split: Split) -> str:
    """Now and then the carrier is typed in another way: in capitals or without any, with line breaks."""
    chance = r.random()
    if split == "first":
        return text if chance < 0.9 else text + r.choice((" thanks!", " 😀", "\n\n-- \nsent from my phone"))
    return text if chance < 0.9 else r.choice(("Hi!\n", "hello, ", ">> ")) + text + r.choice(("", "\n", " !!!"))


def digits(r: random.Random, n: int, first: str = "123456789") -> str:
    return r.choice(first) + "".join(r.choice("0123456789") for _ in range(n - 1))


def wide(text: str) -> str:
    """Full-width signs."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else "\u3000" if c == " " else c for c in text)


def grouped(number: str, sizes: Sequence[int], by: str) -> str:
    parts, at = [], 0
    for size in sizes:
        parts.append(number[at : at + size])
        at += size
    return by.join([*parts, *([number[at:]] if at < len(number) else [])])


def with_luhn(body: str) -> str:
    total = sum(sum(divmod(int(d) * 2, 10)) if place % 2 == 0 else int(d) for place, d in enumerate(reversed(body)))
    return body + str(-total % 10)


def card(r: random.Random, brand: str) -> str:
    prefix, length = {
        "visa": ("4", 16), "mastercard": (r.choice(("51", "52", "53", "54", "55", "2221", "2720")), 16),
        "amex": (r.choice(("34", "37")), 15), "unionpay16": ("6225", 16), "unionpay19": ("622202", 19),
        "discover": ("6011", 16), "jcb": ("3530", 16), "diners": ("3056", 14), "maestro": ("6759", 16),
    }[brand]  # fmt: skip
    return with_luhn(prefix + "".join(r.choice("0123456789") for _ in range(length - 1 - len(prefix))))


def chinese_id(r: random.Random) -> str:
    region = r.choice(("110105", "310104", "440106", "330106", "510107", "420106", "320102", "610113", "350203"))
    born = f"{r.randint(1950, 2010)}{r.randint(1, 12):02d}{r.randint(1, 28):02d}"
    body = f"{region}{born}{r.randint(0, 999):03d}"
    return body + "10X98765432"[sum(int(d) * (2 ** (17 - i) % 11) for i, d in enumerate(body)) % 11]


def iban(r: random.Random, country: str) -> str:
    bban = {
        "DE": lambda: digits(r, 18), "GB": lambda: "NWBK" + digits(r, 14), "FR": lambda: digits(r, 23),
        "NL": lambda: "ABNA" + digits(r, 10), "ES": lambda: digits(r, 20), "AT": lambda: digits(r, 16),
        "CH": lambda: digits(r, 17),
    }[country]()  # fmt: skip
    number = "".join(str(int(c, 36)) for c in bban + country + "00")
    return f"{country}{98 - int(number) % 97:02d}{bban}"


GIVEN_NAMES = (
    "anna li wei maria john chen zhang.wei peter sofia lena omar yuki tom raj eva paul nina max ines kai".split(" ")
)
FAMILY_NAMES = "berg wang miller tanaka okafor silva schmidt novak jones lopez meier liu becker rossi kumar park".split(
    " "
)
DOMAINS = "gmail.com outlook.com yahoo.co.uk web.de gmx.net proton.me icloud.com qq.com 163.com foxmail.com".split(" ")
OWN = "berg-design.de acme.io uni-koeln.de mail.novak.cz lopez.com.mx smallcorp.com kunde.example".split(" ")


def _mail(r: random.Random) -> tuple[str, str]:
    local = (
        r.choice(GIVEN_NAMES)
        + r.choice((".", "_", "", "-"))
        + r.choice(FAMILY_NAMES)
        + r.choice(("", "", str(r.randint(1, 1999))))
    )
    return local, r.choice((*DOMAINS, *OWN))


def mail(form: str) -> Maker:
    """An address in this form; {l}, {d}: local part and domain, {n}, {t}: the domain's name and what follows."""

    def make(r: random.Random) -> tuple[str, tuple[str, ...]]:
        local, domain = _mail(r)
        name, _, top = domain.partition(".")
        value = form.format(
            l=local, d=domain, n=name, t=top, tt=top.replace(".", " dot "), ld=local.replace(".", " dot ")
        )
        return value, (
            local,
            f"{local.split('.')[0]} at",
        )

    return make


def wide_mail(r: random.Random) -> tuple[str, tuple[str, ...]]:
    local, domain = _mail(r)
    return wide(f"{local}@{domain}"), (local,)


def number(make_digits: Callable[[random.Random], str], dress: Callable[[random.Random, str], str]) -> Maker:
    def make(r: random.Random) -> tuple[str, tuple[str, ...]]:
        value = make_digits(r)
        return dress(r, value), (value,)

    return make


def cn_mobile(r: random.Random) -> str:
    return "1" + r.choice("3456789") + digits(r, 9, "0123456789")


def us_phone(r: random.Random) -> str:
    return digits(r, 3, "23456789") + digits(r, 3, "23456789") + digits(r, 4, "0123456789")


def by(sizes: Sequence[int], separator: str, before: str = "") -> Callable[[random.Random, str], str]:
    return lambda r, value: before + grouped(value, sizes, separator)


def plain(r: random.Random, value: str) -> str:
    return value


def landline(area: str) -> Callable[[random.Random], str]:
    return lambda r: area + digits(r, 8, "23456789")


STREETS_US = "Maple Oak Cedar Lincoln Washington Highland Willow Sunset Lakeview Birchwood Jefferson Chestnut".split(
    " "
)
CITIES_US = [
    ("Portland", "OR", "97201"), ("Austin", "TX", "78701"), ("Madison", "WI", "53703"), ("Duluth", "MN", "55802"),
    ("San Mateo", "CA", "94401"), ("Burlington", "VT", "05401"), ("New Haven", "CT", "06511"), ("Boise", "ID", "83702"),
]  # fmt: skip
UK = [
    ("Manchester", "M1 4BT"),
    ("London", "SW1A 2AA"),
    ("Leeds", "LS1 5DL"),
    ("Bristol", "BS8 1TH"),
    ("York", "YO1 7HH"),
]
GERMAN = [("10115", "Berlin"), ("80331", "München"), ("50667", "Köln"), ("20095", "Hamburg"), ("04109", "Leipzig")]
CHINESE = [
    ("浙江省", "杭州市", "西湖区", "文三路"), ("广东省", "深圳市", "南山区", "科技南十二路"), ("江苏省", "南京市", "鼓楼区", "中山北路"),
    ("四川省", "成都市", "武侯区", "天府大道"), ("湖北省", "武汉市", "洪山区", "珞喻路"), ("福建省", "厦门市", "思明区", "湖滨南路"),
    ("陕西省", "西安市", "雁塔区", "长安南路"), ("山东省", "青岛市", "市南区", "香港中路"),
]  # fmt: skip


def us_address(form: str, suffixes: str) -> Maker:
    def make(r: random.Random) -> tuple[str, tuple[str, ...]]:
        city, state, code = r.choice(CITIES_US)
        street = f"{r.choice(STREETS_US)} {r.choice(suffixes.split(' '))}"
        house = str(r.randint(10, 9999))
        value = form.format(h=house, s=street, c=city, st=state, z=code, u=r.randint(1, 40))
        value = value.lower() if "lower" in form else value
        return value.replace("lower", "").strip(), (f"{house} {street.split(' ')[0]}", code) if "{z}" in form else (
            f"{house} {street.split(' ')[0]}",
        )

    return make


def uk_address(form: str) -> Maker:
    def make(r: random.Random) -> tuple[str, tuple[str, ...]]:
        city, code = r.choice(UK)
        street = r.choice(
            ("High Street", "Church Lane", "Victoria Road", "Mill Close", "Station Road", "Queens Avenue")
        )
        house = str(r.randint(1, 250))
        return form.format(h=house, s=street, c=city, z=code, f=r.randint(1, 30)), (f"{house} {street}", code)

    return make


def german_address(form: str) -> Maker:
    def make(r: random.Random) -> tuple[str, tuple[str, ...]]:
        code, city = r.choice(GERMAN)
        street = r.choice(
            ("Hauptstraße", "Bergmannstr.", "Goethestrasse", "Lindenallee", "Am Markt", "Mühlweg", "Rosengasse")
        )
        house = f"{r.randint(1, 180)}{r.choice(('', '', 'a', ' b'))}"
        return form.format(h=house, s=street, c=city, z=code), (f"{street} {house}",)

    return make


def chinese_address(form: str) -> Maker:
    def make(r: random.Random) -> tuple[str, tuple[str, ...]]:
        province, city, district, road = r.choice(CHINESE)
        place = r.choice(("阳光花园", "锦绣家园", "翠苑小区", "金色新村", "绿城公寓", "万科广场"))
        number_ = str(r.randint(2, 900))
        room = f"{r.randint(1, 30)}0{r.randint(1, 6)}"
        found = {
            "p": province,
            "c": city,
            "d": district,
            "r": road,
            "x": place,
            "n": number_,
            "b": r.randint(1, 40),
            "u": r.randint(1, 5),
            "m": room,
        }
        value = form.format(**found)
        secrets = tuple(
            piece
            for piece, used in ((road, "{r}"), (place, "{x}"), (room, "{m}"), (f"{number_}号", "{n}"))
            if used in form
        )
        return value, secrets

    return make


FIRST: dict[str, list[Format]] = {
    "email": [
        ("plain", "en", mail("{l}@{d}")), ("plain", "zh", mail("{l}@{d}")), ("full-width", "zh", wide_mail),
        ("words", "en", mail("{ld} at {n} dot {tt}")), ("brackets", "en", mail("{l} [at] {d}")),
        ("spaced", "en", mail("{l} @ {d}")), ("wide at", "zh", mail("{l}＠{d}")), ("艾特", "zh", mail("{l}艾特{d}")),
        ("zero width", "en", mail("{l}\u200b@{d}")),
    ],
    "mobile": [
        ("cn bare", "zh", number(cn_mobile, plain)), ("cn 3-4-4", "zh", number(cn_mobile, by((3, 4, 4), " "))),
        ("cn dashes", "zh", number(cn_mobile, by((3, 4, 4), "-"))), ("cn +86", "zh", number(cn_mobile, by((3, 4, 4), " ", "+86 "))),
        ("cn wide", "zh", number(cn_mobile, lambda r, v: wide(v))), ("cn zero width", "zh", number(cn_mobile, by((3, 4, 4), "\u200b"))),
        ("cn lines", "zh", number(cn_mobile, by((3, 4, 4), "\n"))),
    ],
    "phone": [
        ("us dashes", "en", number(us_phone, by((3, 3, 4), "-"))),
        ("us brackets", "en", number(us_phone, lambda r, v: f"({v[:3]}) {v[3:6]}-{v[6:]}")),
        ("us dots", "en", number(us_phone, by((3, 3, 4), "."))), ("us bare", "en", number(us_phone, plain)),
        ("us +1", "en", number(us_phone, by((3, 3, 4), "-", "+1-"))),
        ("uk mobile", "en", number(lambda r: "07" + digits(r, 9, "0123456789"), by((5, 6), " "))),
        ("de", "en", number(lambda r: "0171" + digits(r, 7), by((4,), " "))), ("de +49", "en", number(lambda r: "30" + digits(r, 8), by((2,), " ", "+49 "))),
        ("cn landline", "zh", number(landline("010"), by((3,), "-"))), ("cn landline brackets", "zh", number(landline("0571"), lambda r, v: f"({v[:4]}){v[4:]}")),
    ],
    "card": [
        ("visa spaces", "en", number(lambda r: card(r, "visa"), by((4, 4, 4, 4), " "))), ("mastercard dashes", "en", number(lambda r: card(r, "mastercard"), by((4, 4, 4, 4), "-"))),
        ("amex", "en", number(lambda r: card(r, "amex"), by((4, 6, 5), " "))), ("visa bare", "en", number(lambda r: card(r, "visa"), plain)),
        ("unionpay 19", "zh", number(lambda r: card(r, "unionpay19"), plain)), ("unionpay spaces", "zh", number(lambda r: card(r, "unionpay16"), by((4, 4, 4, 4), " "))),
        ("wide", "zh", number(lambda r: card(r, "unionpay19"), lambda r, v: wide(v))), ("lines", "en", number(lambda r: card(r, "visa"), by((8, 8), "\n"))),
    ],
    "id": [
        ("cn id", "zh", number(chinese_id, plain)), ("cn id spaces", "zh", number(chinese_id, by((6, 8, 4), " "))), ("cn id wide", "zh", number(chinese_id, lambda r, v: wide(v))),
        ("ssn", "en", number(lambda r: f"{r.randint(100, 665)}{r.randint(10, 99)}{r.randint(1000, 9999)}", by((3, 2, 4), "-"))),
        ("cn passport", "zh", number(lambda r: "E" + digits(r, 8), plain)), ("passport", "en", number(lambda r: r.choice("CLX") + digits(r, 8), plain)),
        ("nino", "en", number(lambda r: "AB" + digits(r, 6) + "C", by((2, 2, 2, 2), " "))),
    ],
    "account": [
        ("iban spaces", "en", number(lambda r: iban(r, r.choice(("DE", "GB", "FR"))), lambda r, v: grouped(v, [4] * 8, " ").strip())),
        ("iban bare", "en", number(lambda r: iban(r, r.choice(("NL", "ES", "AT"))), plain)),
        ("iban bare", "zh", number(lambda r: iban(r, r.choice(("DE", "CH"))), plain)),
    ],
    "address": [
        ("us full", "en", us_address("{h} {s}, {c}, {st} {z}", "Street Ave Rd Lane Drive")), ("us lines", "en", us_address("{h} {s}\n{c}, {st} {z}", "St Avenue Blvd Way")),
        ("us apt", "en", us_address("{h} {s}, Apt {u}, {c}, {st} {z}", "Street Ave Court")), ("us street", "en", us_address("{h} {s}", "Street Avenue Road")),
        ("uk", "en", uk_address("{h} {s}, {c} {z}")), ("de", "en", german_address("{s} {h}, {z} {c}")),
    ],
    "address zh": [
        ("full", "zh", chinese_address("{p}{c}{d}{r}{n}号{x}{b}栋{u}单元{m}室")), ("no province", "zh", chinese_address("{c}{d}{r}{n}号{m}室")),
        ("spaces", "zh", chinese_address("{p} {c} {d} {r}{n}号")), ("compound", "zh", chinese_address("{p}{c}{d}{x}{b}幢{m}")),
        ("street", "zh", chinese_address("{r}{n}号{x}{b}号楼{m}室")),
    ],
}  # fmt: skip

_EN: dict[str, list[str]] = {
    "email": ["my email is {}", "please write to {} when it is back in stock", "{}", "Contact: {}", "you can reach me at this address: {}. Thanks", "I ordered with {} last week"],
    "number": ["my number is {}", "call me on {} please", "Here is my phone: {}", "the courier can ring {} before delivery", "you can text {}, I never pick up", "Phone {} - is the tent in stock?"],
    "card": ["my card {} was declined", "I paid with {} and was charged twice", "card number: {}, exp 09/28", "can you charge {} for the $49.99 kettle?", "{} is the card I used"],
    "id": ["my passport number is {}", "ID number: {} for customs", "SSN {} if you need it", "here is my id {} for the age check"],
    "account": ["please refund to {}", "my IBAN is {}", "bank account {} for the refund of $20", "{} is where the money should go"],
    "address": ["please ship it to {}", "my new address is {}", "I live at {}, do you deliver there?", "Deliver to: {}", "change the delivery address to {} please"],
}  # fmt: skip
_ZH: dict[str, list[str]] = {
    "email": ["我的邮箱是{}", "请发到{}谢谢", "邮箱：{}，有货通知我", "联系我{}"],
    "number": ["我的手机号是{}", "请打{}联系我", "电话{}，快递到了打给我", "联系方式：{}", "{}，这是我的号码"],
    "card": ["银行卡号{}", "我用{}付款失败了", "卡号是{}，帮我查一下", "退款退到{}这张卡"],
    "id": ["身份证号{}", "我的证件号码是{}", "护照{}，可以清关吗", "清关用的身份证：{}"],
    "account": ["请退到{}", "我的IBAN是{}，麻烦退款"],
    "address": ["寄到{}", "我的地址是{}，几天能到？", "收货地址：{}", "麻烦改成{}，谢谢", "我住{}"],
}  # fmt: skip
_CARRIER_OF = {"mobile": "number", "phone": "number", "address zh": "address"}
FIRST_CARRIERS = {
    (kind, language): carriers[_CARRIER_OF.get(kind, kind)]
    for kind in FIRST
    for language, carriers in (("en", _EN), ("zh", _ZH))
}

SECOND: dict[str, list[Format]] = {
    "email": [
        ("capitals", "en", lambda r: (lambda v: (v[0].upper(), v[1]))(mail("{l}@{d}")(r))), ("angle", "en", mail("<{l}@{d}>")), ("mailto", "en", mail("mailto:{l}@{d}")),
        ("(at) (dot)", "en", mail("{l}(at){n}(dot){t}")), ("AT DOT", "en", mail("{l} AT {n} DOT {tt}")), ("{at}", "en", mail("{l} {{at}} {d}")),
        ("wide all", "zh", wide_mail), ("no space zh", "zh", mail("{l}@{d}")), ("点", "zh", mail("{l} 艾特 {n} 点 {t}")), ("soft hyphen", "en", mail("{l}@\u00ad{d}")),
        ("plus", "en", mail("{l}+shop@{d}")), ("line", "en", mail("{l}@\n{d}")),
    ],
    "mobile": [
        ("cn 0086", "zh", number(cn_mobile, by((11,), "", "0086"))), ("cn 86-", "zh", number(cn_mobile, by((3, 4, 4), "-", "86-"))), ("cn dots", "zh", number(cn_mobile, by((3, 4, 4), "."))),
        ("cn 3-8", "zh", number(cn_mobile, by((3,), " "))), ("cn singles", "zh", number(cn_mobile, by((1,) * 11, " "))), ("cn wide spaces", "zh", number(cn_mobile, lambda r, v: wide(grouped(v, (3, 4, 4), " ")))),
        ("cn numerals", "zh", number(cn_mobile, lambda r, v: v.translate(str.maketrans("0123456789", "零一二三四五六七八九")))), ("cn joiner", "zh", number(cn_mobile, by((1,) * 11, "\u2060"))),
        ("cn en", "en", number(cn_mobile, by((3, 4, 4), " ", "+86 "))),
    ],
    "phone": [
        ("us spaces", "en", number(us_phone, by((3, 3, 4), " "))), ("us (xxx)xxx-xxxx", "en", number(us_phone, lambda r, v: f"({v[:3]}){v[3:6]}-{v[6:]}")), ("us 1-", "en", number(us_phone, by((3, 3, 4), "-", "1-"))),
        ("us ext", "en", number(us_phone, lambda r, v: f"{v[:3]}-{v[3:6]}-{v[6:]} ext. 12")), ("us nb dashes", "en", number(us_phone, by((3, 3, 4), "\u2011"))),
        ("uk landline", "en", number(lambda r: "020" + digits(r, 8, "378"), by((3, 4, 4), " "))), ("uk +44", "en", number(lambda r: "7" + digits(r, 9), by((4, 6), " ", "+44 (0)"))),
        ("fr", "en", number(lambda r: "06" + digits(r, 8), by((2,) * 5, " "))), ("de slash", "en", number(lambda r: "089" + digits(r, 7), by((3,), "/"))), ("in", "en", number(lambda r: digits(r, 10, "6789"), by((5, 5), " ", "+91 "))),
        ("jp", "en", number(lambda r: "090" + digits(r, 8), by((3, 4, 4), "-"))), ("cn landline spaces", "zh", number(landline("0755"), by((4, 4, 4), " "))), ("cn landline bare", "zh", number(landline("021"), plain)),
        ("hk", "zh", number(lambda r: digits(r, 8, "569"), by((4, 4), " ", "+852 "))),
    ],
    "card": [
        ("mastercard bare", "en", number(lambda r: card(r, "mastercard"), plain)), ("discover", "en", number(lambda r: card(r, "discover"), by((4, 4, 4, 4), " "))), ("jcb", "en", number(lambda r: card(r, "jcb"), by((4, 4, 4, 4), " "))),
        ("diners", "en", number(lambda r: card(r, "diners"), by((4, 6, 4), " "))), ("visa dots", "en", number(lambda r: card(r, "visa"), by((4, 4, 4, 4), "."))), ("visa nbsp", "en", number(lambda r: card(r, "visa"), by((4, 4, 4, 4), "\u00a0"))),
        ("amex dashes", "en", number(lambda r: card(r, "amex"), by((4, 6, 5), "-"))), ("unionpay 19 spaces", "zh", number(lambda r: card(r, "unionpay19"), by((4, 4, 4, 4, 3), " "))), ("unionpay 6-13", "zh", number(lambda r: card(r, "unionpay19"), by((6, 13), " "))),
        ("zero width", "zh", number(lambda r: card(r, "unionpay16"), by((4, 4, 4, 4), "\u200d"))),
    ],
    "id": [
        ("cn id dashes", "zh", number(chinese_id, by((6, 8, 4), "-"))), ("cn id 6-4-4-4", "zh", number(chinese_id, by((6, 4, 4, 4), " "))), ("cn id small x", "zh", number(lambda r: chinese_id(r).lower(), plain)), ("cn id en", "en", number(chinese_id, plain)),
        ("cn id line", "zh", number(chinese_id, by((6, 12), "\n"))), ("ssn spaces", "en", number(lambda r: f"{r.randint(100, 665)}{r.randint(10, 99)}{r.randint(1000, 9999)}", by((3, 2, 4), " "))),
        ("ssn bare", "en", number(lambda r: f"{r.randint(100, 665)}{r.randint(10, 99)}{r.randint(1000, 9999)}", plain)), ("us passport", "en", number(lambda r: digits(r, 9), plain)), ("uk passport", "en", number(lambda r: digits(r, 9, "45"), by((3, 3, 3), " "))),
        ("nino bare", "en", number(lambda r: "JT" + digits(r, 6) + "D", plain)), ("de id card", "en", number(lambda r: "L01" + "".join(r.choice("CFGHJKLMNPRTVWXYZ0123456789") for _ in range(4)) + digits(r, 2), plain)), ("cn passport new", "zh", number(lambda r: "EJ" + digits(r, 7), plain)),
    ],
    "account": [
        ("iban dashes", "en", number(lambda r: iban(r, r.choice(("DE", "AT"))), lambda r, v: grouped(v, [4] * 8, "-").strip("-"))), ("iban small", "en", number(lambda r: iban(r, "GB").lower(), plain)),
        ("iban nbsp", "en", number(lambda r: iban(r, "NL"), lambda r, v: grouped(v, [4] * 8, "\u00a0").strip())), ("iban spaces", "zh", number(lambda r: iban(r, "FR"), lambda r, v: grouped(v, [4] * 8, " ").strip())),
    ],
    "address": [
        ("us lower", "en", us_address("lower {h} {s}, {c} {st} {z}", "street ave rd drive")), ("us compass", "en", us_address("{h} N. {s}, {c}, {st} {z}-1234", "St Ave Pkwy")), ("us no comma", "en", us_address("{h} {s} {c} {st} {z}", "Street Circle Terrace")),
        ("us unit", "en", us_address("{h} {s} #{u}, {c}, {st}", "Blvd Road Court")), ("uk flat lines", "en", uk_address("Flat {f}, {h} {s}\n{c}\n{z}")), ("uk no space", "en", uk_address("{h} {s}, {c}, {z}")), ("de lines", "en", german_address("{s} {h}\n{z} {c}")),
        ("de D-", "en", german_address("{s} {h}, D-{z} {c}")),
    ],
    "address zh": [
        ("commas", "zh", chinese_address("{p}，{c}，{d}，{r}{n}号")), ("no suffix", "zh", chinese_address("{c}{d}{r}{n}弄{b}号{m}室")), ("dash", "zh", chinese_address("{p}{c}{d}{r}{n}号{b}-{u}-{m}")),
        ("wide", "zh", chinese_address("{c}{d}{r}{n}号{x}{b}号楼{u}单元{m}")), ("lines", "zh", chinese_address("{p}{c}{d}\n{x}{b}栋{u}单元{m}室")), ("compound", "zh", chinese_address("{d}{x}{b}栋{m}")),
    ],
}  # fmt: skip
_EN_2: dict[str, list[str]] = {
    "email": ["could you send the invoice to {}?", "account: {}", "is {} on your mailing list? take me off please", "Regards,\nAnna\n{}", "wrong address in my profile, should be {}"],
    "number": ["reach me any time: {}", "tel {}", "if nobody opens, dial {}", "whatsapp {} ok?", "my mobile changed, the new one is {} and the kettle is for 220 V", "{}  <- my cell"],
    "card": ["debit {} please", "why was {} billed 2 times for order AP30117?", "payment method: {}", "do you store {}? delete it", "used my credit card ({}) yesterday"],
    "id": ["customs wants my passport: {}", "national id {}", "my social security number, {}, is in your form", "driver's license {} as proof of age"],
    "account": ["transfer it to {} within 14 days", "Konto: {}", "iban {}", "send the money back ({})"],
    "address": ["where is the parcel for {}?", "we moved: {}", "Can it be at {} by Friday?", "billing address {}", "the driver went to the wrong house, it is {}"],
}  # fmt: skip
_ZH_2: dict[str, list[str]] = {
    "email": ["发票开好后发{}", "有问题联系{}，不要打电话", "注册邮箱{}登录不了", "我是{}"],
    "number": ["快递放门口，有事拨打{}", "收件人王芳 {}", "换号了，新的是{}", "加我微信同号{}", "座机：{}"],
    "card": ["为什么{}扣了两次款", "信用卡{}可以分期吗", "储蓄卡 {} 退款没到账"],
    "id": ["海关要身份证，{}", "实名认证 {} 不通过", "通关证件：{}", "护照号码{}"],
    "account": ["海外账户 {} 能退吗", "汇到{}"],
    "address": ["送货到{}要多久", "之前填错了，是{}", "公司搬到{}了", "请问{}能送上楼吗", "收件：王芳，{}"],
}  # fmt: skip
SECOND_CARRIERS = {
    (kind, language): carriers[_CARRIER_OF.get(kind, kind)]
    for kind in SECOND
    for language, carriers in (("en", _EN_2), ("zh", _ZH_2))
}
