"""Identity documents and bank accounts whose numbers have letters in them.

In: folded text. Out: spans of IBANs, passports, insurance and ID numbers. A shape that no model number shares, or check
digits, decide; else the words before do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.privacy import checksums
from assistant.privacy.found import Found, cue_before

_EDGE = r"(?<![A-Za-z0-9])"
_NO_MORE = r"(?![A-Za-z0-9])"
_IBAN = re.compile(rf"{_EDGE}[A-Za-z]{{2}}[ \n.-]{{0,2}}[0-9]{{2}}(?:[ \n.-]{{0,2}}[A-Za-z0-9]){{10,28}}")
_ONE_PIECE = re.compile(r"[A-Z0-9]{15,34}")
_NINO = re.compile(
    rf"{_EDGE}(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?:[ -]?[0-9]{{2}}){{3}}[ -]?[A-D]{_NO_MORE}",
    re.IGNORECASE,
)
_DNI = re.compile(rf"{_EDGE}(?:[0-9]|[XYZxyz][ -]?)(?:[0-9][.]?){{7}}[ -]?[A-Za-z]{_NO_MORE}")
_CODICE = re.compile(
    rf"{_EDGE}[A-Z]{{6}}[ ]?[0-9]{{2}}[A-EHLMPRST][0-9]{{2}}[ ]?[A-Z][0-9]{{3}}[A-Z]{_NO_MORE}", re.IGNORECASE
)
_TAIWAN = re.compile(rf"{_EDGE}[A-Za-z][ -]?[1289](?:[ -]?[0-9]){{8}}{_NO_MORE}")
_HONG_KONG = re.compile(rf"{_EDGE}([A-Za-z]{{1,2}})[ -]?([0-9]{{6}})[ ]?[(]([0-9Aa])[)]")
_CHINESE_PASSPORT = re.compile(rf"{_EDGE}(?:[EeGg][0-9]{{8}}|[Ee][A-HJ-NP-Za-hj-np-z][0-9]{{7}}){_NO_MORE}")
_LABELLED = re.compile(
    rf"{_EDGE}(?:(?!ID|NO|NR|IS)[A-Z]{{1,2}}[ -])?[A-Za-z]{{0,5}}[0-9][A-Za-z0-9]*"
    rf"(?:[ -]?[/.]?[A-Za-z0-9]*[0-9][A-Za-z0-9]*)*"
    rf"(?:[ -][A-Za-z]\b)?{_NO_MORE}"
)
_LEAST_DIGITS = 5
_MOST_SIGNS = 28
_LEAST_DIGITS_OF_IBAN = 10
_LEAST_SIGNS = 9  # of a number that is mostly letters, as a German identity card's may be
_WORD_BEFORE = re.compile(
    r"(?i:ssn|security|passport|\bid\b|identity|insurance|licen[cs]e|nhs|nino|\bi?tin\b|steuer|ausweis|pass|schein"
    r"|aadhaar|\bpan\b|dni|nie|cpf|fiscale|iban|account|konto)|身份证|身分證|身份證|证件|證件|护照|護照|驾驶证|驾照|社保|通行证|台胞证"
)


def identities(text: str) -> Iterator[Found]:
    """Identity and account numbers with letters in a folded text, and those that the words before them name."""
    if not re.search(r"[0-9]{2}", text):
        return
    for match in _IBAN.finditer(text):
        yield from _iban(match)
    for pattern in (_NINO, _CODICE):
        for match in pattern.finditer(text):
            if cue_before(text, match.start()) != "thing":
                yield Found("id", match.start(), match.end())
    for match in _DNI.finditer(text):
        if checksums.spanish_id(re.sub(r"[ .-]", "", match[0])):
            yield Found("id", match.start(), match.end())
    for match in _TAIWAN.finditer(text):
        if checksums.taiwanese_id(re.sub(r"[ -]", "", match[0])) and cue_before(text, match.start()) != "thing":
            yield Found("id", match.start(), match.end())
    for match in _HONG_KONG.finditer(text):
        if checksums.hong_kong_id(match[1], match[2], match[3]):
            yield Found("id", match.start(), match.end())
    for match in _CHINESE_PASSPORT.finditer(text):
        if cue_before(text, match.start()) != "thing":
            yield Found("id", match.start(), match.end())
    if _WORD_BEFORE.search(text):
        for match in _LABELLED.finditer(text):
            if len(match[0]) > _MOST_SIGNS:
                continue  # a checksum or a token
            n_digits = sum(character.isdigit() for character in match[0])
            if n_digits >= _LEAST_DIGITS or (n_digits == _LEAST_DIGITS - 1 and len(match[0]) >= _LEAST_SIGNS):
                cue = cue_before(text, match.start())
                if cue in ("id", "account"):
                    yield Found("id" if cue == "id" else "account", match.start(), match.end())


def _iban(match: re.Match[str]) -> Iterator[Found]:
    """The IBAN a match begins with: as many places as its country has, whatever words follow.

    One that is written in one piece of capitals and digits may have a mistake in it.
    """
    written = match[0]
    places = [place for place, character in enumerate(written) if character.isalnum()]
    length = checksums.iban_length(written[:2])
    if not length:
        return
    number = "".join(written[place] for place in places[:length])
    # Words that begin like a country pass the check digits once in 97 times.
    if sum(sign.isdigit() for sign in number) < _LEAST_DIGITS_OF_IBAN:
        return
    if len(number) == length and (checksums.iban(number) or cue_before(match.string, match.start()) == "account"):
        yield Found("account", match.start(), match.start() + places[length - 1] + 1)
    elif (piece := _ONE_PIECE.match(written)) and abs(len(piece[0]) - length) <= 2:
        yield Found("account", match.start(), match.start() + len(piece[0]))
