"""The rules a chat model is given, in each language: the built-in ones, or a shop's own in a folder.

In: files `system.en.md` and `system.zh.md`, with `{{shop}}` and `{{voice}}` where name and voice of the shop belong.
Out: their texts. It fills in nothing; `prompt` does. Whatever the rules say, the checks stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, get_args

from assistant.errors import SettingsError
from assistant.types import Language

Rules = Mapping[Language, str]

_BUILT_IN: Final = Path(__file__).parent / "prompts"
_MOST_CHARS: Final = 20_000


@cache
def built_in_rules() -> Rules:
    """The rules that come with the program."""
    return read_rules(_BUILT_IN)


def read_rules(folder: Path) -> Rules:
    """The rules in a folder; a language that has no file there gets the built-in ones.

    Raises:
        SettingsError: no file is there, or one cannot be used.
    """
    found: dict[Language, str] = {}
    for language in get_args(Language):
        path = folder / f"system.{language}.md"
        if not path.is_file():
            continue
        try:
            text = path.read_text(encoding="utf-8-sig").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path} cannot be read: save it as UTF-8 text") from error
        if not text or len(text) > _MOST_CHARS:
            raise SettingsError(f"{path} has {len(text):,} characters: rules have 1 to {_MOST_CHARS:,}")
        found[language] = text
    if not found:
        raise SettingsError(f"there are no rules in {folder}: put system.en.md or system.zh.md there")
    return found if folder == _BUILT_IN else {**built_in_rules(), **found}
