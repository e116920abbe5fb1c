"""One turn at the shop's own system: whose orders it may show, and what things cost now.

In: the turn and the storefront. Out: orders whose owner is verified, each asked for once a turn, and why there are none
where there are none. The rule: a signed-in shopper sees her own; anybody sees the one order whose number and e-mail
address fit, within a few tries. What the message says beside that, to whomever, changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from assistant.errors import AssistantError, StoreError, StorefrontError
from assistant.orders.attempts import Attempts, attempt_keys, now
from assistant.orders.claims import Claim, claim_of
from assistant.storefront import Ability, Offer, Storefront, folded
from assistant.types import Order, OrdersState, Query, Turn


@dataclass(frozen=True, slots=True)
class Seen:
    """The orders that may be shown, newest first; `state` says why there are none."""

    orders: tuple[Order, ...] = ()
    state: OrdersState = ""


class Visit:
    """The storefront for the length of one turn."""

    def __init__(
        self, storefront: Storefront | None, attempts: Attempts, turn: Turn, clock: Callable[[], datetime] = now
    ) -> None:
        self._storefront, self._attempts, self._turn, self._clock = storefront, attempts, turn, clock
        self.claim: Claim = claim_of(turn)
        self._seen: dict[str | None, Seen] = {}
        self._looked_up: Seen | None = None
        self._offers: dict[str, tuple[Offer, ...]] = {}

    @property
    def today(self) -> date:
        """The day by which deadlines are judged."""
        return self._clock().date()

    @property
    def abilities(self) -> frozenset[Ability]:
        """What the storefront does beside showing orders."""
        return self._storefront.abilities if self._storefront is not None else frozenset()

    @property
    def shown_before(self) -> tuple[str, ...]:
        """The numbers of the orders that the last answer spoke of."""
        last = next((message for message in reversed(self._turn.history) if message.role == "assistant"), None)
        return last.orders if last is not None else ()

    def orders(self, query: Query) -> Seen:
        """What may be shown of the orders that the message is about: the one it numbers, else all that are theirs."""
        ref = query.order_ref or self.claim.ref if self.claim.fresh else query.order_ref
        if ref not in self._seen:
            try:
                self._seen[ref] = self._find(ref)
            except StorefrontError:
                self._seen[ref] = Seen((), "unreachable")
            except StoreError:
                self._seen[ref] = Seen((), "unreachable")  # a try that cannot be counted is not made
        return self._seen[ref]

    def _find(self, ref: str | None) -> Seen:
        storefront, shopper = self._storefront, self._turn.shopper
        if storefront is None:
            return Seen((), "none")
        if shopper is not None:
            if ref is None:
                return Seen(mine) if (mine := storefront.orders(shopper)) else Seen((), "none")
            if (order := storefront.order(shopper, ref)) is not None:
                return Seen((order,))
        if self._claims_again:
            return self._look_up(storefront)
        return Seen((), "none" if shopper is not None else "ask")

    @property
    def _claims_again(self) -> bool:
        """Whether number and address are to be tried: both are there, and this message gave one of them, or the last
        answers showed the order they fit."""
        return bool(self.claim.ref and self.claim.email) and (
            self.claim.fresh or any(message.orders for message in self._turn.history)
        )

    def _look_up(self, storefront: Storefront) -> Seen:
        if self._looked_up is None:
            self._looked_up = self._try(storefront)
        return self._looked_up

    def _try(self, storefront: Storefront) -> Seen:
        ref, email = self.claim.ref or "", self.claim.email or ""
        keys = attempt_keys(self._turn.conversation_id, self._turn.address, folded(ref))
        ticket = self._attempts.begin(keys, self._clock())
        if ticket is None:
            return Seen((), "locked")
        try:
            order = storefront.look_up(ref, email)
        except AssistantError:
            self._attempts.forgive(ticket)
            raise
        if order is None:
            return Seen((), "none")
        self._attempts.forgive(ticket)
        return Seen((order,))

    def offers(self, product_ids: Sequence[str]) -> dict[str, tuple[Offer, ...]]:
        """What the shop says now of these products, by product; those it says nothing of are left out.

        A shop that does not answer in time says nothing.
        """
        storefront = self._storefront
        if storefront is None or "offers" not in storefront.abilities:
            return {}
        if unasked := [product_id for product_id in dict.fromkeys(product_ids) if product_id not in self._offers]:
            try:
                found = storefront.offers(unasked)
            except StorefrontError:
                found = ()
            for product_id in unasked:
                self._offers[product_id] = tuple(offer for offer in found if offer.product_id == product_id)
        return {i: self._offers[i] for i in product_ids if self._offers.get(i)}
