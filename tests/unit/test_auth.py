"""Sign-in tokens: those of the shop are taken, and nothing else is."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import jwt
import pytest

from assistant.config import Settings
from assistant.errors import SettingsError
from ui.auth import ShopTokens, TokenRefused

KEY = "kV7xq2mTz9Lw4RfYb8Nc6HjPd3SgUe5A"
OTHER_KEY = "Zp4nB8vQx2Kt7Wm5Yc9Jr3Hf6Ld1Sg0E"
TOKENS = ShopTokens(Settings(jwt_key=KEY), "alder")


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    every = {"sub": "c-1", "aud": "alder", "iat": now, "exp": now + 300, "jti": "j-1", **changed}
    return {name: value for name, value in every.items() if value is not None}


def signed(body: dict[str, Any] | None = None, key: str | bytes = KEY, header: dict[str, Any] | None = None) -> str:
    """A token put together by hand, so that it may be wrong in any way."""
    head = {"alg": "HS256", "typ": "JWT"} if header is None else header
    parts = [_encoded(json.dumps(part).encode()) for part in (head, claims() if body is None else body)]
    secret = key.encode() if isinstance(key, str) else key
    digest = {"HS384": hashlib.sha384, "HS512": hashlib.sha512}.get(str(head.get("alg")), hashlib.sha256)
    return ".".join([*parts, _encoded(hmac.new(secret, ".".join(parts).encode(), digest).digest())])


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unsigned(alg: str) -> str:
    head, body, _ = signed(header={"alg": alg, "typ": "JWT"}).split(".")
    return f"{head}.{body}."


def tampered() -> str:
    head, _, signature = signed().split(".")
    return f"{head}.{_encoded(json.dumps(claims(sub='somebody-else')).encode())}.{signature}"


NOW = int(time.time())
PUBLIC_KEY = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----"
REFUSED = {
    "another key": signed(key=OTHER_KEY),
    "an empty key": signed(key=b""),
    "the shop's id as the key": signed(key="alder"),
    "another's words under this signature": tampered(),
    "no signature": signed().rpartition(".")[0] + ".",
    "no signature part": signed().rpartition(".")[0],
    "half a signature": signed()[:-20],
    "alg none": unsigned("none"),
    "alg None": unsigned("None"),
    "alg NONE": unsigned("NONE"),
    "alg none, signed": signed(header={"alg": "none"}),
    "no alg": signed(header={"typ": "JWT"}),
    "HS384": signed(header={"alg": "HS384", "typ": "JWT"}),
    "HS512": signed(header={"alg": "HS512", "typ": "JWT"}),
    "RS256 in name": signed(header={"alg": "RS256", "typ": "JWT"}),
    "ES256 in name": signed(header={"alg": "ES256", "typ": "JWT"}),
    "a public key as the secret": signed(key=PUBLIC_KEY),
    "a key it brings itself": signed(
        key=OTHER_KEY, header={"alg": "HS256", "jwk": {"kty": "oct", "k": _encoded(OTHER_KEY.encode())}}
    ),
    "a key it names": signed(key=b"\0", header={"alg": "HS256", "kid": "/dev/null"}),
    "a key elsewhere": signed(key=OTHER_KEY, header={"alg": "HS256", "jku": "https://evil.example/keys"}),
    "something critical": signed(header={"alg": "HS256", "crit": ["exp"], "exp": 1}),
    "another shop": signed(claims(aud="other")),
    "several shops": signed(claims(aud=["alder", "other"])),
    "a part of the shop's id": signed(claims(aud="ald")),
    "no shop": signed(claims(aud=None)),
    "expired": signed(claims(iat=NOW - 400, exp=NOW - 100)),
    "not yet": signed(claims(nbf=NOW + 600)),
    "issued later": signed(claims(iat=NOW + 600, exp=NOW + 700)),
    "valid too long": signed(claims(exp=NOW + 16 * 60)),
    "valid for ever": signed(claims(exp=10**12)),
    "ended before it began": signed(claims(iat=NOW + 5, exp=NOW + 4)),
    "issued long ago, valid now": signed(claims(iat=NOW - 3600)),
    "no end": signed(claims(exp=None)),
    "no beginning": signed(claims(iat=None)),
    "an end in words": signed(claims(exp="tomorrow")),
    "an end as text": signed(claims(exp=str(NOW + 300))),
    "an endless end": signed(claims(exp=float("inf"))),
    "an end that is no number": signed(claims(exp=float("nan"))),
    "a true end": signed(claims(exp=True)),
    "no shopper": signed(claims(sub=None)),
    "an empty shopper": signed(claims(sub="")),
    "a shopper by number": signed(claims(sub=7)),
    "two shoppers": signed(claims(sub=["c-1", "c-2"])),
    "a shopper with a null character": signed(claims(sub="c\0-1")),
    "a very long shopper": signed(claims(sub="c" * 129)),
    "no id": signed(claims(jti=None)),
    "an empty id": signed(claims(jti="")),
    "an id by number": signed(claims(jti=7)),
    "claims that are a list": ".".join([_encoded(b'{"alg":"HS256"}'), _encoded(b"[]"), ""]),
    "nothing": "",
    "dots": "..",
    "noise": "ÿ.þ.ý",
    "a session token": "n0tAjwt-" + "x" * 40,
}


def test_the_shops_own_token_is_taken() -> None:
    found = TOKENS.read(signed())
    assert (found.shopper, found.jti) == ("c-1", "j-1")
    assert found.expires_at >= NOW + 300


def test_a_token_of_the_usual_library_is_taken() -> None:
    assert TOKENS.read(jwt.encode(claims(), KEY, algorithm="HS256")).shopper == "c-1"
    assert TOKENS.read(TOKENS.sign("张三")).shopper == "张三"


@pytest.mark.parametrize("wrong", REFUSED)
def test_everything_else_is_refused(wrong: str) -> None:
    with pytest.raises(TokenRefused):
        TOKENS.read(REFUSED[wrong])


def test_every_character_of_a_token_counts() -> None:
    token = signed()
    for place in range(len(token) - 1):  # the last one of a signature has bits that mean nothing
        changed = token[:place] + ("A" if token[place] != "A" else "Q") + token[place + 1 :]
        with pytest.raises(TokenRefused):
            TOKENS.read(changed)


@pytest.mark.parametrize(
    "key",
    [
        "short",
        "x" * 31,
        "a" * 64,
        "abababababababababababababababababab",
        "change-me-change-me-change-me-change-me",
        "your-256-bit-secret-goes-here-please!",
        "this is an example key of enough bytes",
        '{"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0"}',
        "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----",
    ],
)
def test_a_key_that_protects_nothing_is_refused_at_the_start(key: str) -> None:
    with pytest.raises(SettingsError, match="SHOPKEEPER_JWT_KEY"):
        ShopTokens(Settings(jwt_key=key), "alder")


def test_without_a_key_only_what_this_process_signed_is_taken() -> None:
    here, there = ShopTokens(Settings(), "alder"), ShopTokens(Settings(), "alder")
    assert here.read(here.sign("c-1")).shopper == "c-1"
    for foreign in (there.sign("c-1"), signed(key=b""), signed(key=bytes(32))):
        with pytest.raises(TokenRefused):
            here.read(foreign)


def test_the_documented_ways_to_sign_a_token_are_taken() -> None:
    document = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")
    names: dict[str, Any] = {}
    exec(document.partition("```python\n")[2].partition("```")[0], names)
    assert TOKENS.read(names["shop_token"]("c-1", KEY, "alder")).shopper == "c-1"

    if (node := shutil.which("node")) is None:
        return
    script = document.partition("```js\n")[2].partition("```")[0] + f'console.log(shopToken("张三", "{KEY}", "alder"))'
    told = subprocess.run([node, "-e", script], capture_output=True, text=True, check=True, timeout=20).stdout
    assert TOKENS.read(told.strip()).shopper == "张三"
