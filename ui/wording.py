"""What the page itself says, in the shopper's language: labels, states and refusals.

In: a language. Out: fixed sentences and labels. It knows no shop, no product and no answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from assistant.types import Language
from knowledge_base.types import Kind


@dataclass(frozen=True, slots=True)
class Wording:
    """Every word of the page's own, in one language. Fields in braces are filled with `str.format`."""

    greeting: str
    assistant_note: str
    message_label: str
    placeholder: str
    send: str
    stop: str
    new_chat: str
    conversation: str
    you_asked: str
    shop_answered: str
    assistant: str
    waiting: str
    answering: str
    team: str
    withdrawn: str
    openers: str
    suggestions: str
    edit: str
    edit_label: str
    save: str
    cancel: str
    retry: str
    try_again: str
    copy: str
    copied: str
    thumbs_up: str
    thumbs_down: str
    sources: str
    source_n: str
    read_more: str
    products: str
    comparison: str
    in_stock: str
    out_of_stock: str
    as_of: str
    view_product: str
    rating: str
    reviews: str
    was: str
    saving: str
    price_from: str
    price_unknown: str
    thinking: str
    stopped: str
    handoff: str
    written_by_records: str
    busy: str
    failed: str
    too_long: str
    empty: str
    unsaved: str
    no_answer: str
    away: str
    one_moment: str
    kinds: dict[Kind, str]


ENGLISH: Final = Wording(
    greeting="Hello! How can I help you?",
    assistant_note="An automated assistant. Prices and stock come straight from the shop's records.",
    message_label="Your message",
    placeholder="What are you looking for?",
    send="Send",
    stop="Stop",
    new_chat="New chat",
    conversation="Conversation",
    you_asked="You asked",
    shop_answered="{shop} answered",
    assistant="Assistant",
    waiting="Waiting for a person",
    answering="{name} is answering",
    team="Our team",
    withdrawn="This message was taken back.",
    openers="Questions to start with",
    suggestions="You could ask next",
    edit="Edit message",
    edit_label="Edit your message",
    save="Send again",
    cancel="Cancel",
    retry="Answer again",
    try_again="Try again",
    copy="Copy answer",
    copied="Copied",
    thumbs_up="Good answer",
    thumbs_down="Bad answer",
    sources="Sources",
    source_n="Source {n}",
    read_more="Read more",
    products="Products",
    comparison="Comparison",
    in_stock="In stock",
    out_of_stock="Out of stock",
    as_of="as of {day}",
    view_product="View product",
    rating="Rated {rating} out of 5",
    reviews="{count} reviews",
    was="Was {price}",
    saving="{percent}% off",
    price_from="{low} – {high}",
    price_unknown="Price not listed",
    thinking="Looking into it",
    stopped="Stopped.",
    handoff="A person can take over",
    written_by_records="Answered from the shop's records.",
    busy="A lot of people are asking right now. Please try again in a moment.",
    failed="Something went wrong on our side. Your question was fine; please try again.",
    too_long="That message has {length} characters; the limit is {limit}. Please shorten it.",
    empty="Please type a question first.",
    unsaved="Your feedback could not be saved. Please try again.",
    no_answer="The shop gave no answer, so nothing was done. Please press the button again in a moment.",
    away="The shop cannot be reached right now. This page goes on as soon as it is back.",
    one_moment="One moment: an answer is still on its way.",
    kinds={"product": "Product", "faq": "Question and answer", "policy": "Shop policy", "computed": "Catalogue"},
)

CHINESE: Final = Wording(
    greeting="您好！有什么可以帮您？",
    assistant_note="我是智能导购，价格和库存直接取自店铺记录。",
    message_label="您的消息",
    placeholder="想找什么？也可以问配送和退换货",
    send="发送",
    stop="停止",
    new_chat="新对话",
    conversation="对话",
    you_asked="您问",
    shop_answered="{shop}回答",
    assistant="智能导购",
    waiting="正在转接人工客服",
    answering="{name}为您服务",
    team="人工客服",
    withdrawn="这条消息已撤回。",
    openers="可以这样问",
    suggestions="接着可以问",
    edit="修改消息",
    edit_label="修改您的消息",
    save="重新发送",
    cancel="取消",
    retry="重新回答",
    try_again="再试一次",
    copy="复制回答",
    copied="已复制",
    thumbs_up="回答有用",
    thumbs_down="回答没用",
    sources="依据",
    source_n="依据 {n}",
    read_more="查看详情",
    products="商品",
    comparison="对比",
    in_stock="有货",
    out_of_stock="缺货",
    as_of="截至{day}",
    view_product="查看商品",
    rating="评分 {rating}（满分 5 分）",
    reviews="{count} 条评价",
    was="原价 {price}",
    saving="省 {percent}%",
    price_from="{low} – {high}",
    price_unknown="未标价",
    thinking="正在为您查看",
    stopped="已停止。",
    handoff="可以转人工",
    written_by_records="根据店铺记录回答。",
    busy="现在咨询的人太多，请稍后再试。",
    failed="我们这边出了点问题，不是您的问题，请再试一次。",
    too_long="这条消息有 {length} 个字符，上限是 {limit} 个，请缩短一些。",
    empty="请先输入问题。",
    unsaved="反馈没有保存成功，请再试一次。",
    no_answer="店铺没有响应，什么都没有办理。请稍后再点一次。",
    away="暂时连接不上店铺，恢复后本页会自动继续。",
    one_moment="请稍等，上一个问题还在回答中。",
    kinds={"product": "商品", "faq": "常见问题", "policy": "店铺政策", "computed": "商品目录"},
)


def wording(language: Language) -> Wording:
    """The page's words in one language."""
    return CHINESE if language == "zh" else ENGLISH


def page_language(shop_language: str, locale: str | None) -> Language:
    """The language of a page on which nobody has written yet: Chinese for a Chinese shop or a Chinese browser."""
    return "zh" if shop_language.lower().startswith("zh") or (locale or "").lower().startswith("zh") else "en"
