"""No handler writes personal data: every log record is masked when it is made.

In: the log records of this process, our own and those of libraries. Out: the same records with "[email]", "[phone]" …
in messages, arguments, exceptions and tracebacks; query strings and escaped text are read as what they stand for.
`install` is called where logging is configured. It cannot know which texts are a shopper's, so it looks at all.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final

_OWN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# What has neither a figure, nor a sign of a mail address, nor any letter beyond ASCII, cannot be personal data.
_WORTH_A_LOOK = re.compile(r"[0-9@]|[^\x00-\x7f]|\\u|%[0-9A-Fa-f]{2}|\bat\b", re.IGNORECASE)


def masked_for_logs(text: str) -> str:
    """A text as it may stand in a log."""
    if not _WORTH_A_LOOK.search(text):
        return text
    from assistant.privacy.masking import replaced  # its patterns take a while: not before a record needs them

    return replaced(text, lambda kind: f"[{kind}]", escapes=True)


class MaskingFilter(logging.Filter):
    """Masks a record in place and lets it pass. A second one on the same record changes nothing more."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask message, arguments, exception, stack and extra fields."""
        _mask_message(record)
        if record.exc_info:
            record.exc_text = masked_for_logs(record.exc_text or _formatted(record.exc_info))
            # What is left of it would be formatted anew, or sent on, with all that is in it.
            record.exc_info = None
        elif record.exc_text:
            record.exc_text = masked_for_logs(record.exc_text)
        if record.stack_info:
            record.stack_info = masked_for_logs(record.stack_info)
        for name, value in vars(record).items():
            if name not in _OWN:
                setattr(record, name, _masked(value))
        return True


def install() -> None:
    """Mask every record made from here on, and uncaught exceptions; to be called once a process, twice does no harm.

    Records are masked as they are made, so that no handler that a library adds sees anything else; the filter on the
    handlers that are there covers what a logger adds to a record afterwards (`extra`).
    """
    masking = MaskingFilter()
    make = logging.getLogRecordFactory()
    if not isinstance(make, _MaskedRecords):
        logging.setLogRecordFactory(_MaskedRecords(make, masking))
        sys.excepthook = _print_masked
        threading.excepthook = _print_masked_of_thread
    for handler in logging.getLogger().handlers:
        if not any(isinstance(known, MaskingFilter) for known in handler.filters):
            handler.addFilter(masking)


class _MaskedRecords:
    """A record factory around another."""

    def __init__(self, make: Callable[..., logging.LogRecord], masking: MaskingFilter) -> None:
        self._make = make
        self._masking = masking

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record = self._make(*args, **kwargs)
        self._masking.filter(record)
        return record


def _mask_message(record: logging.LogRecord) -> None:
    """Mask what `getMessage` returns, keeping the arguments apart where they are clean on their own."""
    try:
        message = record.getMessage()
    except (TypeError, ValueError, KeyError):  # a handler would print all of it, with its own traceback
        record.msg, record.args = masked_for_logs(f"{record.msg} (arguments do not fit: {record.args!r})"), None
        return
    shown = masked_for_logs(message)
    if shown == message and not isinstance(record.msg, BaseException):
        return
    arguments = _masked(record.args)
    template = masked_for_logs(str(record.msg))
    record.msg, record.args = template, arguments
    # uvicorn's access log takes its arguments apart; everyone else gets the text, which may join two harmless halves.
    if record.name != "uvicorn.access":
        record.msg, record.args = shown, None


def _masked(value: Any) -> Any:
    """A value of a log record as it may be written: text and numbers masked, plain containers likewise."""
    if isinstance(value, str):
        return masked_for_logs(value)
    if isinstance(value, bool | float) or value is None:
        return value
    if isinstance(value, int):
        shown = masked_for_logs(str(value))
        return value if shown == str(value) else shown
    if isinstance(value, tuple):
        return tuple(_masked(item) for item in value)
    if isinstance(value, list):
        return [_masked(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _masked(item) for key, item in value.items()}
    return masked_for_logs(str(value))


def _formatted(
    exc_info: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
) -> str:
    return "".join(traceback.format_exception(*exc_info)).rstrip("\n")


def _print_masked(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    """What the interpreter prints of an exception nobody caught."""
    print(masked_for_logs(_formatted((kind, error, where))), file=sys.stderr)  # noqa: T201 - stands for the interpreter's own


def _print_masked_of_thread(hook: threading.ExceptHookArgs) -> None:
    if hook.exc_type is SystemExit or hook.exc_value is None:
        return
    name = hook.thread.name if hook.thread is not None else "?"
    text = masked_for_logs(_formatted((hook.exc_type, hook.exc_value, hook.exc_traceback)))
    print(f"Exception in thread {name}:\n{text}", file=sys.stderr)  # noqa: T201 - stands for the interpreter's own
