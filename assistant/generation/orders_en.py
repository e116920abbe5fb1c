"""English sentences about orders: their state, when they arrive, and whether they may be sent back or stopped.

In: words and figures of the records. Out: one sentence or short paragraph a method. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.generation import grammar
from assistant.generation.wording_en import order_state
from assistant.types import OrdersState


class EnglishOrders:
    """English wording of orders."""

    more = "more"

    def order(self, ref: str, status: str | None, items: Sequence[str], total: str, placed: str) -> str:
        """One order: its state, what is in it, when it was placed."""
        placed = f", placed on {placed}," if placed else ""
        text = f"Your order {ref}{f' for {total}' if total else ''}{placed} {order_state(status)}."
        return f"{text} It contains: {grammar.join(items)}." if items else text

    def shipment(self, carrier: str, tracking: str, at: str, event: str, status: str) -> str:
        """One parcel: who carries it, its number, and what was last heard of it; "" where nothing is known."""
        number = f"tracking number {tracking}" if tracking else ""
        known = ", ".join(part for part in (f"with {carrier}" if carrier else "", number) if part)
        parcel = f"The parcel ({known})" if known else "The parcel"
        if event:
            return f"{parcel}: the last news is “{event.rstrip('.。')}”{f', {at}' if at else ''}."
        if status:
            return f"{parcel} {order_state(status)}."
        return f"The parcel travels {known}." if carrier else f"The tracking number is {tracking}." if tracking else ""

    def bought(self, quantity: int, title: str, options: str) -> str:
        """One line of an order."""
        return (f"{quantity} × " if quantity > 1 else "") + title + (f" ({options})" if options else "")

    def orders_lead(self) -> str:
        """Before the list of the other orders."""
        return "Your other orders:"

    def order_line(self, ref: str, status: str | None, items: Sequence[str], placed: str) -> str:
        """One order in a list."""
        return f"- **{ref}**{f' ({placed})' if placed else ''}: {_listed_state(status)}" + (
            f"; {grammar.join(items)}" if items else ""
        )

    def no_order(self, ref: str, state: OrdersState, contact: str) -> str:
        """No order to show: none, not theirs, or not signed in; which of them is not told."""
        what = f"order {ref}" if ref else "any order"
        match state:
            case "unreachable":
                which = f"order {ref}" if ref else "your orders"
                return f"I can't look up {which} at the moment: the shop's order system is not answering. {contact}"
            case "locked":
                return (
                    "There were too many tries for an order just now, so I can't look one up for the next 15 minutes. "
                    f"Please ask again then, or sign in with the account you ordered from. {contact}"
                )
            case "none":
                return (
                    f"I can't find {what} that goes with what you told me. Please check the order number and the "
                    f"e-mail address it was placed with, or sign in with the account you ordered from. {contact}"
                )
        return (
            f"I can't show {what} yet. I only show orders to the person who placed them, so please tell me "
            f"{'the' if ref else 'the order number and the'} e-mail address it was placed with, or sign in with the "
            f"account you ordered from and ask me again. {contact}"
        )


def _listed_state(status: str | None) -> str:
    """An order's state in a list: "on its way", "delivered"."""
    words = order_state(status)
    for verb in ("has been ", "has the ", "is "):
        words = words.removeprefix(verb)
    return words
