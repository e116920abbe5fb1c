"""True sentences in wordings that the checks were not written for: about products, and the demo shops' rules.

In: the evidence of a turn. Out: sentences, each with the template it came from, in random order. Figures are written
here by hand from the records; the demo shops' rules were put in other words by hand.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from decimal import Decimal

from assistant.types import Evidence
from knowledge_base.types import Product

_SIGNS = {"USD": "$", "EUR": "€", "CNY": "¥", "GBP": "£"}

# A template's {t} is the product with its source; the rest are figures and words of its record.
PRICED = {
    "en": (
        "{t} sells for {p}.",
        "You can have {t} for {p}.",
        "{t} comes in at {p}.",
        "Price-wise, {t} sits at {p}.",
        "{t} will cost you {p}.",
        "Right now {t} is priced at {p}.",
        "If you are fine with spending {p}, {t} is one to look at.",
        "At {p}, {t} may be what you are after.",
        "{T}: {p}.",
        "I would start with {t}, which is {p}.",
        "The current price of {t} is {p}.",
    ),
    "zh": (
        "{t}的售价是{p}。",
        "{t}目前卖{p}。",
        "买{t}需要{p}。",
        "{t}现在的价格为{p}。",
        "价格方面，{t}是{p}。",
        "如果预算在{p}左右，可以看看{t}。",
        "{t}要{p}。",
        "我先推荐{t}，{p}。",
        "{t}：{p}。",
    ),
}
RANGED = {
    "en": (
        "Depending on the version, {t} costs between {lo} and {hi}.",
        "{t} starts at {lo} and goes up to {hi}.",
        "The most affordable version of {t} is {lo}.",
        "{t} is {lo} to {hi}.",
    ),
    "zh": ("{t}按规格不同，价格在{lo}到{hi}之间。", "{t}最低{lo}，最高{hi}。", "{t}从{lo}起。"),
}
REDUCED = {
    "en": (
        "{t} is down from {lp} to {p}.",
        "{t} normally lists at {lp} and is {p} now.",
        "You save {save} on {t}, which now costs {p}.",
        "{t} used to be {lp}; today it is {p}.",
    ),
    "zh": ("{t}原价{lp}，现在{p}。", "{t}从{lp}降到了{p}。", "{t}现价{p}，比原价省{save}。"),
}
RATED = {
    "en": (
        "Shoppers rate {t} {r} out of 5.",
        "{t} holds a {r}-star average across {c} reviews.",
        "{t} has {r}/5 from {c} reviews.",
        "Its average rating is {r}: that is {t}.",
        "{c} people have reviewed {t}, with {r} stars on average.",
        "On ratings, {t} stands at {r} of 5.",
    ),
    "zh": (
        "{t}的评分是{r}分。",
        "{t}有{c}条评价，平均{r}分。",
        "买过的人给{t}打了{r}分。",
        "{t}评价不错，{r}分。",
        "从评分看，{t}是{r}分（满分5分）。",
    ),
}
THERE = {
    "en": (
        "Yes, we have {t} in stock.",
        "{t} is available right now.",
        "Good news: {t} is in stock.",
        "{t} can be ordered, it is in stock.",
    ),
    "zh": ("有的，{t}有现货。", "{t}目前有货。", "{t}现在有库存。", "放心，{t}还有货。"),
}
GONE = {
    "en": (
        "Sorry, {t} is sold out at the moment.",
        "{t} is currently out of stock.",
        "Unfortunately {t} is not available.",
    ),
    "zh": ("抱歉，{t}目前缺货。", "{t}暂时没有货。", "不好意思，{t}卖完了。"),
}
MADE = {
    "en": ("{t} is made by {brand}.", "{t} comes from {brand}.", "{brand} is the maker of {t}."),
    "zh": ("{t}是{brand}的产品。", "{t}的品牌是{brand}。", "{t}出自{brand}。"),
}
STATED = {
    "en": (
        "{t} has a {name} of {value}.",
        "The {name} of {t} is {value}.",
        "{t} lists {value} as its {name}.",
        "For {name}, {t} says {value}.",
    ),
    "zh": ("{t}的{name}是{value}。", "{t}{name}为{value}。", "{name}方面，{t}是{value}。"),
}
OFFERED = {
    "en": ("{t} comes in {options}.", "You can get {t} in {options}.", "The choices for {t} are {options}."),
    "zh": ("{t}有{options}可选。", "{t}可以选{options}。"),
}
SAID = {
    "en": (
        "Happy to help with that.",
        "Here is what I found for you:",
        "Let me know if you would like to see others.",
        "Would you like me to compare them?",
        "That depends on what matters most to you.",
        "I do not see that in the shop's information.",
        "Good question!",
        "Which size do you have in mind?",
        "Take your time, there is no rush.",
        "I hope that helps.",
    ),
    "zh": (
        "好的，我来看看。",
        "为您找到这些：",
        "需要我再推荐几款吗？",
        "要不要我帮您对比一下？",
        "这要看您更在意什么。",
        "店里的资料没有写这一点。",
        "您更看重哪一点呢？",
        "希望对您有帮助。",
        "还有什么想了解的吗？",
    ),
}

# What the demo shops' rules say: the question, a piece of the record's text, and sentences put in other words.
POLICIES: dict[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "Alder & Pine": (
        (
            "how long does delivery take?",
            "3 to 5 business days",
            (
                "Expect your parcel in 3 to 5 business days with standard delivery [{n}].",
                "A standard parcel is with you after three to five business days [{n}].",
            ),
        ),
        (
            "what does delivery cost?",
            "Standard delivery is $5.95",
            (
                "You pay $5.95 for standard delivery, and nothing once you reach $65 [{n}].",
                "Standard shipping is $5.95; from $65 on it is free [{n}].",
                "Express comes to $14.95, overnight to $27.50 [{n}].",
            ),
        ),
        (
            "can I return something I have used?",
            "Unused goods only",
            (
                "Only unused items can come back, and you have 60 days [{n}].",
                "Bikes are an exception: under 10 miles they may be returned within 14 days [{n}].",
                "Shoes may be tried outdoors for 21 days and come back for store credit [{n}].",
            ),
        ),
        (
            "how long is the warranty on tents?",
            "Tents, backpacks and travel bags: 5 years",
            (
                "Tents are covered for 5 years [{n}].",
                "We stand behind clothing for 12 months [{n}].",
                "For electronics the warranty is 24 months [{n}].",
            ),
        ),
        (
            "can I pay in installments?",
            "interest-free",
            (
                "Between $120 and $1,500 you can split the order into 4 payments without interest [{n}].",
                "Yes: four interest-free payments are possible from $120 [{n}].",
            ),
        ),
        (
            "do you ship to Canada?",
            "To Canada, yes",
            (
                "We do ship to Canada, for a flat US$18 [{n}].",
                "Canada is possible at US$18 with duties paid at checkout [{n}].",
                "Other countries are not served yet [{n}].",
            ),
        ),
        (
            "will you match a lower price?",
            "same item, color and size",
            ("If an authorized US retailer has the same item in stock for less, we match it [{n}].",),
        ),
        (
            "when will I see my refund?",
            "within 3 business days",
            (
                "Once your return is here, we check it within 3 business days [{n}].",
                "Your bank may need up to 8 days after that [{n}].",
            ),
        ),
        (
            "what is the Trailhead Club?",
            "free membership",
            (
                "The Trailhead Club is a free membership with 1 point for each dollar [{n}].",
                "200 points are worth $10 [{n}].",
                "Club members get free standard delivery from $35 [{n}].",
            ),
        ),
        (
            "how do gift cards work?",
            "never expire",
            ("Gift cards run from $10 to $500 and never expire [{n}].", "A gift card has no expiry date [{n}]."),
        ),
    ),
    "檐下": (
        (
            "一般几天能到？",
            "江浙沪皖1到2天",
            ("江浙沪皖一两天就能到[{n}]。", "其他省份一般要3到4天[{n}]。", "新疆、西藏大约5到8天[{n}]。"),
        ),
        (
            "运费怎么算，多少钱包邮？",
            "大陆地区满59元包邮",
            (
                "大陆地区满59元就包邮[{n}]。",
                "不到59元的订单收6元运费[{n}]。",
                "寄到新疆、西藏是18元，满299元免运费[{n}]。",
                "港澳每单运费45元[{n}]。",
            ),
        ),
        (
            "不喜欢可以退吗？",
            "签收15天内",
            ("签收后15天内，不影响再次销售就可以退[{n}]。", "食品拆封之后不能退[{n}]。"),
        ),
        (
            "退款什么时候到账？",
            "2个工作日内退",
            ("仓库收到后两个工作日内会退款[{n}]。", "退到信用卡最慢7个工作日[{n}]。"),
        ),
        (
            "保修多久？",
            "小家电和个护电器24个月",
            ("小家电保修24个月[{n}]。", "小家电质保两年[{n}]。", "锅具保5年[{n}]。", "数码配件保修12个月[{n}]。"),
        ),
        (
            "可以分期吗？",
            "满600元可以分3期",
            ("订单满600元能分3期，没有利息[{n}]。", "满600元可以免息分三期[{n}]。"),
        ),
        (
            "会员有什么好处？",
            "注册就是会员",
            ("注册之后就是会员，每花1元积1分[{n}]。", "100积分可以抵1元[{n}]。", "年卡会员一年68元[{n}]。"),
        ),
        (
            "今天下单什么时候发货？",
            "下午4点前付款",
            ("下午4点之前付款，现货当天就发[{n}]。", "周末照常发货[{n}]。"),
        ),
        (
            "礼品卡怎么用？",
            "3年内有效",
            ("礼品卡3年内有效，可以分几次用[{n}]。", "礼品卡不能提现[{n}]。"),
        ),
        (
            "刚买就降价了怎么办？",
            "签收后20天内",
            ("签收后20天内降价，可以点“价保”退差价[{n}]。",),
        ),
    ),
}


def asked_policies(language: str, shop: str) -> tuple[str, ...]:
    """The questions about how the shop works; () where this knows no rules of the shop."""
    return tuple(question for question, _, _ in POLICIES.get(shop, ()))


def truths(
    rng: random.Random, evidence: Evidence, language: str, shop: str = "", question: str = ""
) -> Iterator[tuple[str, str]]:
    """Template and sentence, in random order; a policy's first where the question is about it."""
    rules = list(_rules(evidence, shop, question))
    rng.shuffle(rules)
    yield from rules
    about = [
        (template, sentence)
        for n, hit in enumerate(evidence.products, 1)
        if hit.entry.product is not None
        for template, sentence in _of_product(rng, hit.entry.product, n, language)
    ]
    about += [(template, template) for template in rng.sample(SAID[language], 2)]
    rng.shuffle(about)
    yield from about


def _rules(evidence: Evidence, shop: str, question: str) -> Iterator[tuple[str, str]]:
    for asked, piece, sentences in POLICIES.get(shop, ()):
        if asked != question:
            continue
        cited = next((n for n, hit in enumerate(evidence.hits, 1) if piece in hit.entry.text), None)
        if cited is not None:
            yield from ((sentence, sentence.format(n=cited)) for sentence in sentences)


def _of_product(rng: random.Random, product: Product, n: int, language: str) -> Iterator[tuple[str, str]]:
    values = {"t": f"{product.title}[{n}]" if language == "zh" else f"the {product.title} [{n}]"}
    values["T"] = f"{product.title} [{n}]"
    for several in _known(rng, product, language, values):
        template = rng.choice(several)
        text = template.format(**values)
        yield template, text[0].upper() + text[1:]


def _known(rng: random.Random, product: Product, language: str, values: dict[str, str]) -> Iterator[tuple[str, ...]]:
    """The templates that the record has the figures for, which are put into `values`."""
    prices = {sku.price for sku in product.skus}
    if product.price_range and None not in prices:
        low, high = product.price_range
        listed = product.skus[0].list_price
        values |= {"p": _money(rng, low, product, language), "lo": _money(rng, low, product, language)}
        values["hi"] = _money(rng, high, product, language)
        yield PRICED[language] if low == high else RANGED[language]
        if low == high and listed is not None and listed > low and {s.list_price for s in product.skus} == {listed}:
            values |= {"lp": _money(rng, listed, product, language)}
            values["save"] = _money(rng, listed - low, product, language)
            yield REDUCED[language]
    if product.rating is not None and product.review_count:
        values |= {"r": str(product.rating), "c": str(product.review_count)}
        yield RATED[language]
    states = {sku.in_stock for sku in product.skus}
    if states in ({True}, {False}):
        yield THERE[language] if states == {True} else GONE[language]
    if product.brand:
        values["brand"] = product.brand
        yield MADE[language]
    stated = [
        (name, value)
        for name, value in product.attributes.items()
        if len(value) <= 24 and re.search(r"\d", value) and len(name) <= 20 and "," not in value
    ]
    if stated:
        name, value = rng.choice(stated)
        values |= {"name": name if language == "zh" else name.lower(), "value": value}
        yield STATED[language]
    choices = {
        name: list(dict.fromkeys(v.options[name] for v in product.variants if name in v.options))
        for variant in product.variants
        for name in variant.options
    }
    listed_options = [several for several in choices.values() if 1 < len(several) <= 5]
    if listed_options:
        several = rng.choice(listed_options)
        joined = "、".join(several) if language == "zh" else f"{', '.join(several[:-1])} and {several[-1]}"
        values["options"] = joined
        yield OFFERED[language]


def _money(rng: random.Random, amount: Decimal, product: Product, language: str) -> str:
    currency = product.currency or ""
    plain = f"{amount:.2f}" if amount % 1 else str(int(amount))
    if language == "zh":
        name = {"CNY": "元", "USD": "美元", "EUR": "欧元"}.get(currency, "元")
        return rng.choice((f"{plain}{name}", f"{amount:.2f}{name}"))
    sign = _SIGNS.get(currency, "$")
    return rng.choice((f"{sign}{plain}", f"{sign}{amount:,.2f}", f"{plain} {currency or 'USD'}"))
