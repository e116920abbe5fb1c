"""One turn at the shop's own system: whose orders it may show, and what things cost now.

In: the turn and the storefront. Out: orders whose owner is verified, each asked for once a turn, and why there are none
where there are none. The rule: a signed-in shopper sees her own; anybody sees the one order whose number and e-mail
address fit, within a few tries. What the message says beside that, to whomever, changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from assistant.errors import AssistantError, StoreError, StorefrontError
from assistant.orders.attempts import Attempts, attempt_keys, now
from assistant.orders.claims import Claim, claim_of
from assistant.storefront import Ability, Offer, OrderAction, Receipt, Storefront, folded
from assistant.types import Order, OrdersState, Query, Turn


@dataclass(frozen=True, slots=True)
class Seen:
    """The orders that may be shown, newest first; `state` says why there are none."""

    orders: tuple[Order, ...] = ()
    state: OrdersState = ""


@dataclass(frozen=True, slots=True)
class Freshness:
    """When the shop's records last had their figures, as `at` tells (None: nobody knows), and how old they may be
    before that is said."""

    at: Callable[[], datetime | None]
    max_age: timedelta


class Visit:
    """The storefront for the length of one turn. `freshness` None: the age of the records is nobody's concern."""

    def __init__(
        self,
        storefront: Storefront | None,
        attempts: Attempts,
        turn: Turn,
        clock: Callable[[], datetime] = now,
        freshness: Freshness | None = None,
    ) -> None:
        self.freshness = freshness
        self._storefront, self._attempts, self._turn, self._clock = storefront, attempts, turn, clock
        self.claim: Claim = claim_of(turn)
        self._seen: dict[str | None, Seen] = {}
        self._looked_up: dict[str, Seen] = {}
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
        ref = query.order_ref or (self.claim.ref if self.claim.fresh else None)
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
        wanted = ref or next(iter(self.shown_before), None) or self.claim.ref
        if wanted and self.claim.email and (ref or self.claim.fresh or self._shown_ever):
            return self._look_up(storefront, wanted)
        return Seen((), "none" if shopper is not None else "ask")

    @property
    def _shown_ever(self) -> bool:
        """Whether an answer before showed an order: the number and address of then may be tried again."""
        return any(message.orders for message in self._turn.history)

    def _look_up(self, storefront: Storefront, ref: str) -> Seen:
        if folded(ref) not in self._looked_up:
            self._looked_up[folded(ref)] = self._try(storefront, ref, self.claim.email or "")
        return self._looked_up[folded(ref)]

    def _try(self, storefront: Storefront, ref: str, email: str) -> Seen:
        keys = attempt_keys(self._turn.conversation_id, self._turn.address, folded(ref))
        ticket = self._attempts.begin_attempt(keys, self._clock())
        if ticket is None:
            return Seen((), "locked")
        try:
            order = storefront.look_up(ref, email)
        except AssistantError:
            self._attempts.forgive_attempt(ticket)
            raise
        if order is None:
            return Seen((), "none")
        self._attempts.forgive_attempt(ticket)
        return Seen((order,))

    def owned(self, order_id: str) -> Order | None:
        """The order, looked at anew, where it is still theirs by sign-in or by the address they gave; else None.

        Raises:
            StorefrontError, StoreError: that cannot be told now.
        """
        storefront, shopper = self._storefront, self._turn.shopper
        if storefront is None:
            return None
        if shopper is not None and (order := storefront.order(shopper, order_id)) is not None:
            return order
        found = self._try(storefront, order_id, self.claim.email).orders if self.claim.email else ()
        return found[0] if found else None

    def act(self, action: OrderAction) -> Receipt:
        """Ask the shop for it. Whose order it is was verified by `owned`.

        Raises:
            StorefrontError: nobody knows whether it arrived; the same key may be sent again.
        """
        if self._storefront is None or action.kind not in self.abilities:
            return Receipt(False)
        return self._storefront.act(action)

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
