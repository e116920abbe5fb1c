"""What makes tokens, as whoever wants them sees it.

In: the token ids of a prompt and a callback. Out: new token ids to the callback. `engines` chooses who does it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Piece = list[int] | Exception | None
"""New token ids; why there will be no more; or None at the regular end."""
Deliver = Callable[[Piece], None]


class Engine(Protocol):
    """Makes tokens for several requests at a time."""

    @property
    def how(self) -> str:
        """How tokens are made, for the log."""
        ...

    def submit(self, ids: list[int], deliver: Deliver) -> str:
        """Take a request in; its tokens go to `deliver`, from another thread, until it gets None or an exception.

        Raises:
            ModelUnavailable: as many requests as are allowed are under way, or the engine has stopped.
        """
        ...

    def cancel(self, request: str) -> None:
        """Stop a request; nothing where it has ended."""
        ...

    def close(self) -> None:
        """Stop everything."""
        ...
