"""The arithmetic of numbers that name a person or an account: whether one can be real.

In: digits (and letters where the scheme has them), without separators. Out: True or False. It knows no text.
"""

from __future__ import annotations

from datetime import date

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
# Provinces of GB/T 2260, the first two digits of a Chinese ID number.
_PROVINCES = {
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43",
    "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82", "83",
}  # fmt: skip
_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20,
    "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18,
    "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_TAIWAN_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"


def luhn(digits: str) -> bool:
    """Check digit of payment cards (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def gtin(digits: str) -> bool:
    """Check digit of EAN-8, UPC-A, EAN-13 and GTIN-14: such a number is of a product, not a person."""
    if len(digits) not in (8, 12, 13, 14):
        return False
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return total % 10 == 0


def card_number(digits: str) -> bool:
    """Whether the digits are a payment card's: a known issuer's prefix with its length, and Luhn's check digit."""
    return card_prefix(digits) and luhn(digits)


def card_prefix(digits: str) -> bool:
    """Whether a card of this length begins so: Visa, Mastercard, Amex, JCB, Diners, Maestro, UnionPay and others."""
    n, two, four = len(digits), int(digits[:2]), int(digits[:4])
    if digits[0] == "4":
        return n in (13, 16, 19)
    if 51 <= two <= 55 or 2221 <= four <= 2720 or 2200 <= four <= 2204:
        return n == 16
    if two in (34, 37):
        return n == 15
    if four in (1800, 2131):
        return n == 15
    if two in (30, 36, 38, 39):
        return n in (14, 16)
    if two == 35:
        return n == 16
    if two in (62, 81):
        return 16 <= n <= 19
    return two in (50, 56, 57, 58, 60, 63, 64, 65, 67, 68, 69, 90, 94, 95, 98) and n in (16, 17, 18, 19)


def chinese_id(number: str) -> bool:
    """A Chinese resident's ID number by GB 11643: its province, date of birth and check digit."""
    return (
        chinese_id_shape(number)
        and _ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(number[:17], _ID_WEIGHTS, strict=True)) % 11]
        == number[17].upper()
    )


def chinese_id_shape(number: str) -> bool:
    """Whether 18 (or, before 1999, 15) places could be one but for the check digit: province and date of birth."""
    if number[:2] not in _PROVINCES:
        return False
    if len(number) == 15:
        return _is_date("19" + number[6:12])
    return len(number) == 18 and number[:17].isdigit() and number[6:8] in ("19", "20") and _is_date(number[6:14])


def _is_date(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return True


def iban_length(country: str) -> int:
    """How many places an IBAN of this country has; 0 where it has none."""
    return _IBAN_LENGTHS.get(country.upper(), 0)


def iban(number: str) -> bool:
    """ISO 13616: the country's length and the remainder 1 modulo 97."""
    number = number.upper()
    if len(number) != iban_length(number[:2]) or not number.isalnum() or not number.isascii():
        return False
    return int("".join(str(int(character, 36)) for character in number[4:] + number[:4])) % 97 == 1


def german_tax_id(digits: str) -> bool:
    """Steuer-Identifikationsnummer: 11 digits, the last by ISO/IEC 7064 modulo 11,10."""
    if len(digits) != 11 or digits[0] == "0":
        return False
    product = 10
    for digit in digits[:10]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(digits[10])


def spanish_id(number: str) -> bool:
    """DNI or NIE: 8 digits (the first of a NIE X, Y or Z) and a letter by modulo 23."""
    number = number.upper()
    first = {"X": "0", "Y": "1", "Z": "2"}.get(number[0], number[0])
    return number[8] == _DNI_LETTERS[int(first + number[1:8]) % 23]


def taiwanese_id(number: str) -> bool:
    """A letter for the county and nine digits, of which the last is the check digit."""
    county = _TAIWAN_LETTERS.find(number[0].upper()) + 10
    digits = [county // 10, county % 10, *map(int, number[1:])]
    return (
        sum(digit * weight for digit, weight in zip(digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True)) % 10 == 0
    )


def hong_kong_id(letters: str, digits: str, check: str) -> bool:
    """One or two letters, six digits, and a check digit (or A) modulo 11."""
    values = (
        [36, *(int(letter, 36) for letter in letters.upper())]
        if len(letters) == 1
        else [int(letter, 36) for letter in letters.upper()]
    )
    values += [*map(int, digits), 10 if check.upper() == "A" else int(check)]
    return sum(value * weight for value, weight in zip(values, range(9, 0, -1), strict=True)) % 11 == 0
