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


def _items(items: Sequence[str]) -> str:
    """The items of an order: "甲、乙", "甲、乙等"."""
    return "、".join(items).replace("、等", "等")
