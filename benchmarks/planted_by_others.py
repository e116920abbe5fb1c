"""Values that others made up, planted in the sentences of `planted_third`.

In: a seed, or a folder of public data. Out: `Planted` messages. `faked`: mail addresses, telephone, card, account and ID
numbers and postal addresses of five countries by a library (Faker). Many are stranger than life: area codes that nobody
has, German numbers that begin with zeros, Chinese streets without a number. Needs `benchmarks/requirements.txt`.
`recorded`: postal and mail addresses and telephone numbers of the customers in two public sets of orders.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path

from benchmarks.planted import Planted
from benchmarks.planted_third import THIRD_CARRIERS

_COUNTRIES = {"en_US": "en", "en_GB": "en", "de_DE": "en", "fr_FR": "en", "zh_CN": "zh"}


def faked(n: int, seed: int) -> list[Planted]:
    """`n` messages, kinds and countries in turn."""
    from faker import Faker

    random_ = random.Random(seed)
    fakers = {country: Faker(country) for country in _COUNTRIES}
    for place, faker in enumerate(fakers.values()):
        faker.seed_instance(seed * 100 + place)
    made: list[Planted] = []
    while len(made) < n:
        for country, language in _COUNTRIES.items():
            faker = fakers[country]
            address = "address zh" if language == "zh" else "address"
            street = faker.street_address()
            makers: dict[str, Callable[[], str]] = {
                "email": faker.email,
                "phone": faker.phone_number,
                "card": faker.credit_card_number,
                "account": faker.iban,
                "id": faker.ssn,
                address: lambda: _address(faker, country, street),  # noqa: B023 - called before the next turn
            }
            for kind, make in makers.items():
                if country in ("de_DE", "fr_FR") and kind == "id":
                    continue  # Faker's are American there, or of no known form
                value = make()
                text = random_.choice(THIRD_CARRIERS[kind, language]).replace("{}", value)
                secret = street if kind in ("address", "address zh") else value
                made.append(Planted(text, kind, country, language, value, (secret,)))
    return made[:n]


def _address(faker: object, country: str, street: str) -> str:
    def of(name: str) -> str:
        return str(getattr(faker, name)())

    if country == "zh_CN":
        return f"{of('province')}{of('city')}{of('district')}区{street}"
    if country == "en_US":
        return f"{street}, {of('city')}, {of('state_abbr')} {of('postcode')}"
    if country == "en_GB":
        return f"{street}, {of('city')}, {of('postcode')}"
    return f"{street}, {of('postcode')} {of('city')}"


def recorded(seed: int, data: Path) -> list[Planted]:
    """Every customer's values once. A Chinese address without a figure leads to nobody's door and is left out."""
    random_ = random.Random(seed)
    made: list[Planted] = []

    def plant(kind: str, source: str, language: str, value: str, secret: str) -> None:
        text = random_.choice(THIRD_CARRIERS[kind, language]).replace("{}", value)
        made.append(Planted(text, kind, source, language, value, (secret,)))

    with gzip.open(data / "orders_taubench_retail" / "db.json.gz", "rt", encoding="utf-8") as file:
        for user in json.load(file)["users"].values():
            at = user["address"]
            line = f"{at['address1']}, {at['address2']}, {at['city']}, {at['state']} {at['zip']}"
            plant("address", "taubench", "en", line, " ".join(at["address1"].split(" ")[:2]))
            plant("email", "taubench", "en", user["email"], user["email"])
    users = json.loads((data / "orders_ecombench_zh" / "users_info.json").read_text("utf-8"))
    for user in users.values():
        at = user["地址信息"]
        plant("mobile", "ecombench", "zh", user["电话号码"], user["电话号码"])
        if any(character.isdigit() for character in at["详细地址"]):
            line = f"{at['省份']}{at['城市']}{at['区县']}{at['详细地址']}"
            plant("address zh", "ecombench", "zh", line, at["详细地址"])
    return made
