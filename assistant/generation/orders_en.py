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

    # -- arriving, sending back, stopping ------------------------------------------------------------------------------

    def expected(self, day: str, *, late: bool) -> str:
        """The day that the carrier or the shop gave for this very order."""
        return f"It was expected on {day} and is late." if late else f"It is expected on {day}."

    def estimated(self, first: str, last: str, since: str, quote: str, *, shipped: bool, late: bool) -> str:
        """Days counted from a recorded one by a stated range."""
        days = f"on {last}" if first == last else f"between {first} and {last}"
        what = f"should have arrived by {last}" if late else f"should arrive {days}"
        start = "left us" if shipped else "was placed"
        return f"By our delivery times it {what}. That is an estimate, counted from {since}, when it {start}. {quote}"

    def delivery_times(self, quote: str, since: str, *, shipped: bool, late: bool) -> str:
        """Several ranges, of which the record does not tell which holds."""
        start = "left us" if shipped else "was placed"
        over = " It is later than any of them." if late else ""
        text = f"The carrier has given no day for it. It {start} on {since}, and these are our delivery times: {quote}"
        return f"{text}{over}"

    def requested(self, kind: str, day: str, items: Sequence[str]) -> str:
        """What was asked for before."""
        what = f"to send back {grammar.join(items)}" if items else "to send it back"
        return f"On {day} you asked {what if kind == 'return' else 'to cancel it'}; the shop has yet to confirm that."

    def can_return(self, ref: str, what: str, since: str, until: str, quote: str, *, delivered: bool) -> str:
        """It may be sent back until a day."""
        goods = f"{what} from order {ref}" if what else f"what is in order {ref}"
        what_happened = "delivered" if delivered else "ordered"
        return f"You can send back {goods} until {until}: it was {what_happened} on {since}. {quote}"

    def press_return(self) -> str:
        """The button below asks for it."""
        return "Nothing happens until you press the button; then I pass your request on to the shop."

    def press_cancel(self) -> str:
        """The button below asks for it."""
        return "Nothing is cancelled until you press the button; then I pass your request on to the shop."

    def elsewhere(self, link: str, contact: str) -> str:
        """Where to ask for it, since it cannot be done here."""
        return f"You can start the return here: {link}" if link else contact

    def too_late(self, ref: str, what: str, since: str, until: str, quote: str, *, delivered: bool) -> str:
        """The time is over."""
        goods = f"{what} from order {ref}" if what else f"order {ref}"
        what_happened = "delivered" if delivered else "ordered"
        return f"The time for sending back {goods} ended on {until}: it was {what_happened} on {since}. {quote}"

    def not_arrived(self, ref: str, status: str | None, quote: str) -> str:
        """The time runs from the delivery, which is still to come."""
        return f"Order {ref} {order_state(status)}, so the time for sending it back has not begun. {quote}"

    def excluded(self, what: str, quote: str) -> str:
        """The shop's terms speak of just these goods."""
        goods = what or "these goods"
        return f"For {goods} our terms say more than the number of days, so please read this first: {quote}"

    def unclear_return(self, ref: str, status: str | None, what: str, quote: str) -> str:
        """The records leave it open."""
        goods = f"{what} from order {ref}" if what else f"order {ref}"
        return (
            f"Order {ref} {order_state(status)}. From the records alone I can't tell whether {goods} can still be sent "
            f"back. Our rule: {quote}"
        )

    def no_return_rule(self, ref: str, contact: str) -> str:
        """No passage says how long."""
        return (
            f"The shop's information does not say how long order {ref} can be sent back, and I won't guess. {contact}"
        )

    def rule(self, quote: str) -> str:
        """A rule of the shop, quoted."""
        return f"Our rule: {quote}"

    def cancel(self, ref: str, status: str | None, state: str | None) -> str:
        """Whether an order can be stopped."""
        match state:
            case "open":
                return f"Order {ref} {order_state(status)} and has not left yet, so I can ask the shop to cancel it."
            case "requested":
                return f"Order {ref} {order_state(status)}."
            case "left":
                return f"Order {ref} {order_state(status)}, so it can no longer simply be cancelled."
            case "arrived":
                return f"Order {ref} {order_state(status)}, so there is nothing left to cancel; you may send it back."
            case "cancelled":
                return f"Order {ref} is cancelled already."
        return f"Order {ref} {order_state(status)}; from that I can't tell whether it can still be cancelled."


def _listed_state(status: str | None) -> str:
    """An order's state in a list: "on its way", "delivered"."""
    words = order_state(status)
    for verb in ("has been ", "has the ", "is "):
        words = words.removeprefix(verb)
    return words
