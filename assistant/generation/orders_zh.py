"""Chinese sentences about orders: their state, when they arrive, and whether they may be sent back or stopped.

In: words and figures of the records. Out: one sentence or short paragraph a method. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.generation.wording_zh import order_state
from assistant.types import OrdersState


class ChineseOrders:
    """Chinese wording of orders."""

    more = "等"

    def order(self, ref: str, status: str | None, items: Sequence[str], total: str, placed: str) -> str:
        """One order: its state, what is in it, when it was placed."""
        text = f"您的订单 {ref}{f'（{placed}下单）' if placed else ' '}目前状态：{order_state(status)}"
        text += f"，商品：{_items(items)}" if items else ""
        return f"{text}{f'，合计{total}' if total else ''}。"

    def shipment(self, carrier: str, tracking: str, at: str, event: str, status: str) -> str:
        """One parcel: who carries it, its number, and what was last heard of it; "" where nothing is known."""
        parts = [f"承运方{carrier}" if carrier else "", f"运单号 {tracking}" if tracking else ""]
        if event:
            parts.append(f"最新物流：{f'{at} ' if at else ''}{event.rstrip('.。')}")
        elif status:
            parts.append(f"包裹状态：{order_state(status)}")
        said = "，".join(part for part in parts if part)
        return f"{said}。" if said else ""

    def bought(self, quantity: int, title: str, options: str) -> str:
        """One line of an order."""
        return title + (f"（{options}）" if options else "") + (f"×{quantity}" if quantity > 1 else "")

    def orders_lead(self) -> str:
        """Before the list of the other orders."""
        return "您的其他订单："

    def order_line(self, ref: str, status: str | None, items: Sequence[str], placed: str) -> str:
        """One order in a list."""
        held = f"，{_items(items)}" if items else ""
        return f"- **{ref}**{f'（{placed}）' if placed else ''}：{order_state(status)}{held}"

    def no_order(self, ref: str, state: OrdersState, contact: str) -> str:
        """No order to show: none, not theirs, or not signed in; which of them is not told."""
        what = f"订单 {ref}" if ref else "您的订单"
        match state:
            case "unreachable":
                return f"店铺的订单系统暂时没有响应，我现在查不到{what}，不想随便猜。{contact}"
            case "locked":
                return f"刚才查询订单的次数太多了，15分钟内我没法再查。请稍后再试，或者登录下单的账号来问我。{contact}"
            case "none":
                check = "请核对订单号和下单时用的邮箱，或者登录下单的账号来问我。"
                return f"没有查到与您提供的信息相符的{what}。{check}{contact}"
        ask = "下单时用的邮箱" if ref else "订单号和下单时用的邮箱"
        how = f"请告诉我{ask}，或者登录下单的账号，再来问我。"
        return f"这里暂时还不能查看{what}。订单只能由下单的顾客本人查看，{how}{contact}"

    # -- arriving, sending back, stopping ------------------------------------------------------------------------------

    def expected(self, day: str, *, late: bool) -> str:
        """The day that the carrier or the shop gave for this very order."""
        return f"原定{day}送达，现在已经晚了。" if late else f"预计{day}送达。"

    def estimated(self, first: str, last: str, since: str, quote: str, *, shipped: bool, late: bool) -> str:
        """Days counted from a recorded one by a stated range."""
        days = last if first == last else f"{first}到{last}之间"
        what = f"最晚应在{last}送达，现在已经晚了" if late else f"大约{days}送达"
        start = "发出" if shipped else "下单"
        return f"按店铺的配送时效，{what}。这是从{since}{start}算起的估计：{quote}"

    def delivery_times(self, quote: str, since: str, *, shipped: bool, late: bool) -> str:
        """Several ranges, of which the record does not tell which holds."""
        start = f"包裹{since}发出" if shipped else f"订单是{since}下的"
        over = "现在已经超过了最长的时效。" if late else ""
        return f"承运方还没有给出送达日期。{start}，店铺的配送时效是：{quote}{over}"

    def requested(self, kind: str, day: str, items: Sequence[str]) -> str:
        """What was asked for before."""
        what = f"退货（{'、'.join(items)}）" if items else "退货"
        return f"您已在{day}申请{what if kind == 'return' else '取消订单'}，店铺还没有确认。"

    def can_return(self, ref: str, what: str, since: str, until: str, quote: str, *, delivered: bool) -> str:
        """It may be sent back until a day."""
        goods = f"订单 {ref} 里的{what}" if what else f"订单 {ref} 的商品"
        return f"{goods}在{until}之前可以退：{'签收' if delivered else '下单'}日期是{since}。{quote}"

    def press_return(self) -> str:
        """The button below asks for it."""
        return "您点按钮确认之前不会办理；确认之后，我会把申请转给店铺。"

    def press_cancel(self) -> str:
        """The button below asks for it."""
        return "您点按钮确认之前不会取消；确认之后，我会把申请转给店铺。"

    def elsewhere(self, link: str, contact: str) -> str:
        """Where to ask for it, since it cannot be done here."""
        return f"请在这里申请退货：{link}" if link else contact

    def too_late(self, ref: str, what: str, since: str, until: str, quote: str, *, delivered: bool) -> str:
        """The time is over."""
        goods = f"订单 {ref} 里的{what}" if what else f"订单 {ref} "
        return f"{goods}的退货期限已在{until}结束：{'签收' if delivered else '下单'}日期是{since}。{quote}"

    def not_arrived(self, ref: str, status: str | None, quote: str) -> str:
        """The time runs from the delivery, which is still to come."""
        return f"订单 {ref} 目前状态：{order_state(status)}，退货期限从签收那天才开始算。{quote}"

    def excluded(self, what: str, quote: str) -> str:
        """The shop's terms speak of just these goods."""
        return f"{what or '这些商品'}除了天数，店铺另有规定，请先看这一条：{quote}"

    def unclear_return(self, ref: str, status: str | None, what: str, quote: str) -> str:
        """The records leave it open."""
        goods = f"其中的{what}" if what else "这一单"
        now = f"订单 {ref} 目前状态：{order_state(status)}"
        return f"{now}。只看订单记录，我没法确定{goods}现在还能不能退。店铺的规定是：{quote}"

    def no_return_rule(self, ref: str, contact: str) -> str:
        """No passage says how long."""
        return f"店铺资料里没有写明订单 {ref} 多久内可以退，我不想随便猜。{contact}"

    def rule(self, quote: str) -> str:
        """A rule of the shop, quoted."""
        return f"店铺的规定：{quote}"

    def cancel(self, ref: str, status: str | None, state: str | None) -> str:
        """Whether an order can be stopped."""
        now = f"订单 {ref} 目前状态：{order_state(status)}"
        match state:
            case "open":
                return f"{now}，还没有发出，我可以帮您向店铺申请取消。"
            case "requested":
                return f"{now}。"
            case "left":
                return f"{now}，已经不能直接取消了。"
            case "arrived":
                return f"{now}，没有可以取消的了；不想要的话可以申请退货。"
            case "cancelled":
                return f"订单 {ref} 已经取消了。"
        return f"{now}，只看状态我没法确定还能不能取消。"


def _items(items: Sequence[str]) -> str:
    """The items of an order: "甲、乙", "甲、乙等"."""
    return "、".join(items).replace("、等", "等")
