"""Whether what a draft asserts without figures holds: names, links, policies, stock, orders, superlatives, attributes.

In: a `Draft`. Out: a `Fault` for every assertion that the evidence does not back. Words that claim nothing (a question,
"the shop's data does not say") are let through. It rewrites nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant import claims
from assistant.generation.figures import truth
from assistant.grounds import Ground, added_after, fold_marks, narrowed, order_text, stems_in, tokens_in
from assistant.holding import Fault
from assistant.reading import Draft, Subject
from knowledge_base.text import fold, stem

# ---------------------------------------------------------------------------------------------------------- links

_URL = re.compile(r"(?i)\b(?:https?|ftp|tel|mailto):(?://)?[^\s)>\]|，。；、“”\"]+|(?<![@\w.])www\.[^\s)>\]|，。；、]+")
_MARKDOWN_LINK = re.compile(r"\[([^\]\[]*)\]\(([^)\s]*)[^)]*\)")
_EMAIL = re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+")
_DOMAIN = re.compile(
    r"(?<![\w@/.-])(?:[a-z0-9-]+\.)+(?:com|net|org|io|shop|store|example|top|cn|co|uk|de|info|biz|app|me|xyz|ru|site|online|link|us|eu|fr|ai|dev|cc|ly|gg|to)(?:/[^\s)>\]|，。；、]*)?(?![\w-])",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<![\w.-])(?:\+\d[\d\s().-]{6,18}\d|\(?\d{3,4}\)?[\s.-]\d{3,4}[\s.-]\d{3,4}|1[3-9]\d{9})(?![\w-])"
)
_HANDLE = re.compile(
    r"(?i)(?:whatsapp|telegram|wechat|instagram|facebook|twitter|tiktok|line|qq|微信|公众号|小红书|抖音)(?:号|群)?\s*(?:is|at|id|:|：|@|为|是)+\s*@?[\w.-]{3,}|(?<![\w.])@[a-z_][\w.]{3,}",
    re.IGNORECASE,
)


def link_faults(draft: Draft) -> Iterator[Fault]:
    """Links, e-mail addresses, telephone numbers and handles that no record and no setting of the shop has."""
    known = _reachable(draft)
    for pattern in (_URL, _EMAIL, _DOMAIN, _PHONE, _HANDLE):
        for match in pattern.finditer(draft.text):
            said = match[0].rstrip(".,;:!?*_")
            if not draft.is_quoted(match.start(), match.end()) and not _is_reachable(said, known):
                yield Fault("link", f"{said!r} is no link or contact of the shop")
    for match in _MARKDOWN_LINK.finditer(draft.text):
        if match[2] and not _is_reachable(match[2], known):
            yield Fault("link", f"{match[2]!r} is no link of the shop")


def _reachable(draft: Draft) -> str:
    """Every text in which a link of the shop may stand, folded."""
    info = draft.info
    texts = [*info.links.values(), *info.handoff.values(), info.hours, info.greeting]
    for ground in draft.grounds:
        product, entry = ground.product, ground.hit.entry
        texts += [entry.url or "", product.url or "" if product else "", ground.text]
    texts += [order_text(order) for order in draft.evidence.orders]
    return " ".join(fold_marks(text) for text in texts if text) + " "


def _is_reachable(said: str, known: str) -> bool:
    plain = fold_marks(said)
    return re.search(rf"(?<![\w-]){re.escape(plain)}(?![\w-]|/\w|\.\w|@)", known) is not None or (
        plain.startswith(("http", "mailto:", "tel:")) and f"{plain} " in known
    )


# ---------------------------------------------------------------------------------------------------------- names

_NAME_RUN = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-ZÀ-Þ][A-Za-zÀ-ÿ0-9®™'’.+-]*|(?=[A-Za-z0-9-]*\d)(?=[A-Za-z0-9-]*[A-Za-z])[A-Za-z0-9-]+)"
    r"(?:[ -](?:[A-ZÀ-Þ][A-Za-zÀ-ÿ0-9®™'’.+-]*|\d[A-Za-z0-9.-]*|of|&|(?=[A-Za-z0-9-]*\d)[A-Za-z0-9-]+)(?![A-Za-z0-9]))*"
)
_QUOTED_NAME = re.compile(r"[「『《【]([^」』》】\n]{2,60})[」』》】]|“([^”\n]{2,80})”|(?<![\w.])\"(?=\S)([^\"\n]{2,80})(?<=\S)\"(?!\w)")
# Capitalised words that name nothing; what opens a sentence is judged by `_OPENERS`.
_PLAIN = frozenset(
    (
        "i i'm i'd i'll i've ok faq faqs pdf us uk eu usa am pm id tv pc led usb vat eur usd gbp cny rmb asap diy q a n/a monday tuesday "
        "wednesday thursday friday saturday sunday january february march april may june july august september october "
        "november december english chinese european american us-based price prices stock rating ratings reviews brand "
        "category options colour color size sizes total shipping delivery returns warranty yes no hi hello dear sir madam please thanks thank christmas "
        "bonus tip note summary overview pros cons overall verdict recommendation recommendations comparison features feature specs specifications "
        "material weight dimensions capacity availability available status order orders payment policy faqs why best mr mrs ms dr if the it this that "
        "these those and or but for with in on at to from by as of we our you your my is are was be not if so let here there they he she its internet "
        "wi-fi wifi bluetooth web online email e-mail sms app"
    ).split()
)
_OPENERS = re.compile(r"(?:^|[.!?:;|>•\n]\s*|^[\s>*#|-]*(?:\d+[.)]\s*)?|[-–—]\s|\*\*\s?|[“\"(（「：。！？，；]\s?)$")
_ASSERTIVE = re.compile(
    r"(?i:\b(?:we|I|shop)(?:'ve| have| do| can)? (?:have|sell|stock|carry|offer|got|recommend|suggest)|\bin stock|\bavailable|^\W*yes\b|\bcosts?\b|\$|€|£)|在售|有货|现货|推荐|售价|有卖|本店有|我们有"
)
_VERB_NEXT = re.compile(
    r"\s(?:is|are|was|were|has|have|costs?|comes?|weighs?|offers?|features?|includes?|will|would|can|could|sells?|ships?|fits?|holds?|makes?|looks?|works?|uses?|provides?|gives?|lasts?|stands?|remains?|arrives?)\b"
)


def name_faults(draft: Draft) -> Iterator[Fault]:
    """Product-like names that stand in no record: capitalised runs, model codes and quoted names."""
    spoken = _spoken(draft)
    vocabularies = [tokens_in(ground.text) for ground in draft.grounds]
    vocabularies += [tokens_in(order_text(order)) for order in draft.evidence.orders]
    own = tokens_in(
        " ".join(
            (
                draft.info.name,
                draft.info.hours,
                draft.info.greeting,
                *draft.info.handoff,
                *draft.info.handoff.values(),
                *draft.info.links,
            )
        )
    )
    asked = tokens_in(
        " ".join((draft.query.text, draft.query.subject, *draft.evidence.relaxed, *_condition_words(draft)))
    )
    everything = frozenset().union(*vocabularies, own)
    for match in _NAME_RUN.finditer(draft.text):
        if draft.is_quoted(match.start(), match.end()) or _in_link(draft.text, match.start()):
            continue
        words = [w for w in _words_of(draft, match) if w.lower() not in ("of", "&")]
        words = [w.strip("'’.,;:*_®™+-").removesuffix("'s").removesuffix("’s") for w in words]
        words = [w for w in words if w and not re.fullmatch(r"[\d.,/×x%+-]+", w)]
        opens = bool(_OPENERS.search(draft.text[max(0, match.start() - 12) : match.start()])) or not match.start()
        if opens and words and not _is_code(words[0]):
            if len(words) > 1 or _known_opener(words[0], draft, match.end(), spoken):
                words = words[1:] if _usual(words[0]) or _known_opener(words[0], draft, match.end(), spoken) else words
            if not words:
                continue
        words = [w for w in words if fold_marks(w) not in _PLAIN]
        unknown = [w for w in words if not _known(w, everything) and not _known(w, asked)]
        if unknown:
            yield Fault("name", f"{' '.join(unknown)!r} is named in no record")
            continue
        fresh = [w for w in words if not _known(w, everything)]
        if fresh and not draft.mentions and _ASSERTIVE.search(draft.text) and not _unasserted(draft, match.start()):
            yield Fault("name", f"{' '.join(fresh)!r} is what the shopper asked for, not what the shop has")
        elif len(words) > 1 and not fresh and not any(all(_known(w, v | own) for w in words) for v in vocabularies):
            if not draft.mentions or not _several(draft, match.start(), match.end()):
                yield Fault("name", f"{match[0]!r} mixes the names of several records")
    yield from _quoted_names(draft, spoken)
    yield from _chinese_names(draft, spoken)


def _words_of(draft: Draft, run: re.Match[str]) -> list[str]:
    """The words of a run of capitals, without those that are figures ("17-inch"): they are checked as figures."""
    places = [(m.start() + run.start(), m.end() + run.start(), m[0]) for m in re.finditer(r"\S+", run[0])]
    return [w for start, end, w in places if not any(q.start < end and start < q.end for q in draft.quantities)]


def _condition_words(draft: Draft) -> list[str]:
    conditions = (*draft.query.filters.conditions, *draft.query.wishes)
    return (
        [word for c in conditions for word in (*c.names, *c.values)] + list(draft.query.asks) + list(draft.query.terms)
    )


def _several(draft: Draft, start: int, end: int) -> bool:
    """Whether a run of capitals covers more than one mention, or a mention and an option beside it."""
    inside = [m for m in draft.mentions if m.named and m.start < end and start < m.end]
    return len(inside) > 1 or any(m.end < end - 1 for m in inside) and len(inside) == 1 and len(draft.grounds) == 1


def _in_link(text: str, place: int) -> bool:
    return any(m.start() <= place < m.end() for p in (_URL, _EMAIL, _DOMAIN) for m in p.finditer(text))


def _is_code(word: str) -> bool:
    return bool(re.search(r"\d", word)) or (len(word) > 2 and not word[1:].islower() and not word.isupper())


def _known(word: str, vocabulary: frozenset[str]) -> bool:
    plain = fold_marks(word)
    if plain in vocabulary or plain.replace("-", "") in vocabulary or plain.replace("-", " ") in vocabulary:
        return True
    parts = [part for part in re.split(r"[-/'’.+&]", plain) if part]
    if len(parts) > 1 and all(
        part in vocabulary or (part in _PLAIN) or (part.islower() and len(part) < 4 and part.isalpha())
        for part in parts
    ):
        return True
    for ending in ("s", "es", "'s", "ed", "d"):
        if plain.endswith(ending) and plain.removesuffix(ending) in vocabulary:
            return True
    return f"{plain}s" in vocabulary


def _usual(word: str) -> bool:
    """Whether a capitalised word at the start of a sentence is an ordinary one: determiners, pronouns, verbs."""
    return word.lower() in _PLAIN or word.lower() in _ORDINARY


def _known_opener(word: str, draft: Draft, end: int, spoken: frozenset[str]) -> bool:
    """Whether a sentence's first word names nothing new: an ordinary word, a word of the evidence, or no subject."""
    if _usual(word) or stem(word.lower()) in spoken or any(stem(p.lower()) in spoken for p in word.split("-")):
        return True
    return not _VERB_NEXT.match(draft.text, end) and not draft.text[end : end + 2].strip(" *").startswith("[")


_ORDINARY = frozenset(
    (
        "all also although among another any anyone anything as because before besides both browse check choose come compare consider depending "
        "despite each either every everything everyone feel few finally find first for from given glad gladly go good great happy have having hope how however "
        "if in instead just keep last let like look looking many maybe more most much my need neither next none nothing now one only other otherwise our "
        "over perfect perhaps pick plus prefer quick rather ready right same second see several shall should similarly since so some someone sometimes "
        "sorry still such sure take tell then there therefore they third though three to together too try two unfortunately under unless until use usually want "
        "well what whatever when where whether which while who whoever why will with within without would absolutely actually additionally again alternatively "
        "certainly clearly definitely especially exactly generally great honestly ideally indeed lastly meanwhile moreover naturally nevertheless nice "
        "noted obviously often originally overall personally please probably really recently simply since specifically understood thanks welcome wonderful "
        "everything anyone parcels packages orders items products customers shoppers prices refunds exchanges colors colours sizes materials variants versions "
        "options models standard express tracking support service customer today tomorrow yesterday you your at by on of not no yes an a it its this that these those"
    ).split()
)


def _spoken(draft: Draft) -> frozenset[str]:
    texts = [ground.text for ground in draft.grounds] + [draft.query.text, draft.query.subject, draft.info.name]
    texts += [order_text(order) for order in draft.evidence.orders]
    return frozenset().union(*(stems_in(text) for text in texts))


def _quoted_names(draft: Draft, spoken: frozenset[str]) -> Iterator[Fault]:
    """What stands in quotation marks must stand in a record, or in what the shopper wrote."""
    texts = [fold(t.text) for t in draft.grounds] + [fold(order_text(o)) for o in draft.evidence.orders]
    texts += [
        fold(draft.query.text),
        *(fold(w) for w in (*draft.evidence.relaxed, *_condition_words(draft))),
        fold(draft.info.name),
    ]
    for match in _QUOTED_NAME.finditer(draft.text):
        name = (match[1] or match[2] or match[3]).strip(" .,。，!?！？")
        if draft.is_quoted(match.start() + 1, match.end() - 1) or any(fold(name) in text for text in texts):
            continue
        if any(m.named and m.start <= match.start() + 2 and m.end >= match.end() - 3 for m in draft.mentions):
            continue
        words = stems_in(name)
        chinese = bool(re.search("[\u3400-\u9fff]", name))
        if not words or (not chinese and name.islower() and len(name.split()) < 4):
            continue
        if any(words <= stems_in(ground.text) for ground in draft.grounds):
            continue
        yield Fault("name", f"{name!r} is quoted from no record")


_ZH_SUBJECT = re.compile(
    r"(?:推荐|选择|考虑|购买|入手|试试|看看|选购|还有|比如|例如|的是|就是)(?:您|你|一下|一款|这款|我们的|本店的|本店)*(?P<after>[\u3400-\u9fff]{3,16})"
    r"|(?:^|[，。；！？\s])(?P<before>[\u3400-\u9fff]{4,16}?)(?=(?:的)?(?:售价|价格|只要|仅售|有现货|现货|有货|评分|重量|是一款|采用|支持|正在|目前|非常|很|适合))"
)
_ZH_ORDINARY = re.compile(
    r"这款|那款|该款|产品|商品|您|你|我|我们|它|他们|本店|店铺|一款|两款|三款|几款|以下|以上|这个|那个|这几款|预算|需求|根据|如果|可以|比较|更|最|的话|另外|还有|目前|现在|所有|其他|同类|价格|售价|标准|普通|配送|快递|运费|退货|换货|订单|服务|客服|性价比|"
    r"适合|选择|考虑|看看|推荐|购买|喜欢|想要|需要|型号|颜色|尺寸|尺码|规格|款式|材质|版本|品牌|类型|功能|性能|质量|外观|容量|功率|两者|其中|不同|综合|来看|这些|那些|哪些|建议|下单|前|后|时|大|小|多|少|高|低|和|与|或|及|的|了|是|在|有|也|都|就|很|会|能|要|让|把|被|给|对|从|到|为|用|上|下|里|中|个|款|种|件|台|套"
)


def _chinese_names(draft: Draft, spoken: frozenset[str]) -> Iterator[Fault]:
    """Chinese has no capitals: what is recommended or priced must share its characters with a record."""
    known = " ".join(ground.text for ground in draft.grounds) + draft.query.text + draft.info.name
    known += " ".join(order_text(order) for order in draft.evidence.orders)
    for match in _ZH_SUBJECT.finditer(draft.text):
        group = "after" if match["after"] else "before"
        if draft.is_quoted(match.start(group), match.end(group)):
            continue
        if any(m.named and m.start < match.end(group) and match.start(group) < m.end for m in draft.mentions):
            continue
        rest = [run for run in _ZH_ORDINARY.split(match[group]) if len(run) >= 2]
        strange = [run for run in rest if not any(run[i : i + 2] in known for i in range(len(run) - 1))]
        if sum(map(len, strange)) >= 3:
            yield Fault("name", f"{''.join(strange)!r} is named in no record")


# ------------------------------------------------------------------------------------------------- policies, stock


def _unasserted(draft: Draft, place: int) -> bool:
    """Whether the clause around a place denies, declines or asks."""
    clause = draft.clause(place)
    return bool(claims.NEGATION.search(clause) or claims.DECLINED.search(draft.text)) or _is_question(draft)


def _is_question(draft: Draft) -> bool:
    return draft.text.rstrip(' *_)）”"\n').endswith(("?", "？")) and bool(claims.OFFER.search(draft.text))


def policy_faults(draft: Draft) -> Iterator[Fault]:
    """Promises (shipping, returns, warranty, discounts, …) that the cited text, or the matter's own text, lacks."""
    if claims.DECLINED.search(draft.text) or _is_question(draft):
        return
    for family, pattern in claims.POLICIES.items():
        for match in pattern.finditer(draft.text):
            if draft.is_quoted(match.start(), match.end()) or _within_name(draft, match.start(), match.end()):
                continue
            if family in _ORDER_WORDS and draft.about_orders and draft.evidence.orders:
                continue
            if not _backed(draft, family, pattern, match.start()):
                yield Fault("policy", f"{match[0]!r} ({family}) is promised in no record")
                break


_ORDER_WORDS = frozenset({"cancel", "returns", "money back", "delivery date", "preorder"})
_LOOSE = frozenset({"free extras", "installation", "discount", "certified"})
_PLAIN_STEMS = stems_in(
    "free get one buy comes come with you your this that for the and off now today week weekend day use code our all new "
    "will can has have it customer customers order orders product products price prices offer special"
)
_CONDITION = re.compile(
    r"(?i)\b(?:over|from|above|if|when|orders? of|minimum|eligible|some|selected|certain|unless|except)\b|满|以上|符合|如果|部分|除"
)
_STRICT = frozenset({"free shipping", "free returns", "lifetime", "installments", "no questions", "price match"})


def _within_name(draft: Draft, start: int, end: int) -> bool:
    return any(m.named and m.start <= start and end <= m.end for m in draft.mentions)


def _backed(draft: Draft, family: str, pattern: re.Pattern[str], place: int) -> bool:
    if family == "discount" and _is_reduced(draft, place):
        return True
    clause = draft.clause(place)
    negated = bool(claims.NEGATION.search(clause))
    universal = bool(claims.UNIVERSAL.search(clause))
    rows = {row for m in draft.mentions for row in (*m.rows, *m.cited)} | set(draft.cited)
    carried = {s.ground.n - 1 for s in draft.carried} if not draft.mentions else set()
    allowed = [g for g in draft.grounds if g.n - 1 in rows] if draft.cited else []
    if not draft.cited:
        allowed = [g for g in draft.grounds if g.n - 1 in rows | carried or g.product is None]
    if not draft.evidence.answerable:
        allowed = [g for g in allowed if g.product is not None]
    support = claims.SUPPORTS.get(family, pattern)
    for ground in allowed:
        title = "" if ground.product is not None else f"{ground.hit.entry.title} : "
        for line in re.split(r"(?<=[.!?。！？；;])\s*|\n", ground.text):
            matches = [*pattern.finditer(line), *([found] if (found := support.search(f"{title}{line}")) else [])]
            if family in _LOOSE and not _shares_matter(draft, place, f"{title}{line}"):
                continue
            for match in matches:
                there = bool(claims.NEGATION.search(_clause_of(match.string, match.end() - 1)))
                if there != negated:
                    continue
                limited = claims.UNIVERSAL.search(line) is None and bool(
                    re.search(r"(?i)\bover\b|\bfrom\b|above|if |only|unless|except|minimum|满|除|仅|以上", line)
                )
                if family in _STRICT and limited and (universal or not _CONDITION.search(draft.text)):
                    continue
                return True
    own = " ".join((draft.info.hours, draft.info.greeting, *draft.info.handoff.values(), *draft.info.links))
    return family in ("returns", "invoice", "pickup") and bool(pattern.search(own))


def _shares_matter(draft: Draft, place: int, line: str) -> bool:
    """Whether a promise and the line that may back it speak of the same thing."""
    return bool((stems_in(draft.clause(place)) - _PLAIN_STEMS) & stems_in(line))


def _clause_of(line: str, place: int) -> str:
    start = max(line.rfind(mark, 0, place) for mark in (";", "；", "，", ",", "。")) + 1
    ends = [e for e in (line.find(mark, place) for mark in (";", "；", "，", ",", "。")) if e >= 0]
    return line[start : min(ends) if ends else len(line)]


def _is_reduced(draft: Draft, place: int) -> bool:
    """Whether every product spoken of costs less than its list price."""
    groups = draft.subjects(place)
    products = [(s.ground.product, s) for group in groups for s in group[:1] if s.ground.product is not None]
    return bool(products) and all(
        any(v.list_price and v.price and v.list_price > v.price for v in narrowed(p, s.words, s.ground.hit.variant_ids))
        for p, s in products
    )


_NOT_RIGHT_BEFORE = re.compile(r"(?i)(?:\b(?:not|never|no longer|isn['’]t|aren['’]t)\b[ \w]{0,10}|[不没无未]有?)\s*$")


def stock_faults(draft: Draft) -> Iterator[Fault]:
    """Stock claims against the stock of the named variant; what the shop does not say may not be said."""
    if claims.DECLINED.search(draft.text) or _is_question(draft):
        return
    out = [(m, False) for m in claims.OUT_OF_STOCK.finditer(draft.text)]
    inside = [
        (m, True)
        for m in claims.IN_STOCK.finditer(draft.text)
        if not any(o.start() <= m.start() + 4 <= o.end() for o, _ in out)
    ]
    for match, available in [*out, *inside]:
        if (
            draft.is_quoted(match.start(), match.end())
            or draft.is_row
            and "|" in draft.text[: match.start()].strip("| ")
            and not draft.mentions
        ):
            continue
        if available and _NOT_RIGHT_BEFORE.search(draft.text, max(0, match.start() - 16), match.start()):
            available = False
        groups = draft.subjects(match.start())
        for group in groups:
            if not any(_stock_is(s, available) for s in group):
                yield Fault(
                    "stock",
                    f"{match[0].strip()!r} is not what the record says",
                    group[0] if len(group) == 1 and group[0].named else None,
                )
        if not groups and not (draft.query.filters.in_stock and available) and not draft.cited:
            yield Fault("stock", f"{match[0].strip()!r} is said of no product")
    for match in claims.SCARCE.finditer(draft.text):
        if not draft.is_quoted(match.start(), match.end()) and not any(
            _is_scarce(s) for group in draft.subjects(match.start()) for s in group
        ):
            yield Fault("stock", f"{match[0].strip()!r} is not what the record says")


def _stock_is(subject: Subject, available: bool) -> bool:
    product = subject.ground.product
    if product is None:
        return bool(claims.IN_STOCK.search(subject.ground.text) or claims.OUT_OF_STOCK.search(subject.ground.text))
    chosen = narrowed(product, subject.words, subject.ground.hit.variant_ids)
    states = {v.in_stock for v in chosen}
    return (
        True in states
        if available
        else bool(states) and states <= {False} or (False in states and _names_some(subject))
    )


def _names_some(subject: Subject) -> bool:
    """ "Some versions are sold out" needs only one."""
    return bool(re.search(r"(?i)\b(?:some|certain|several|other|few)\b|部分|有些|个别|其他", subject.words))


def _is_scarce(subject: Subject) -> bool:
    product = subject.ground.product
    if product is None:
        return False
    stocks = [v.stock for v in narrowed(product, subject.words, subject.ground.hit.variant_ids) if v.stock is not None]
    return (
        any(0 < stock <= 10 for stock in stocks)
        or "limited" in subject.ground.text.lower()
        or "限量" in subject.ground.text
    )


# ------------------------------------------------------------------------------------------- orders, superlatives


_ADDRESS = re.compile(
    r"[\u3400-\u9fff]{2,3}(?:省|市)[\u3400-\u9fff]{1,8}?(?:区|县|路|街|镇)"
    r"|\b\d+\s+(?:[A-Z][a-z]+\s)+(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Dr|Blvd|Way)\b"
)


def order_faults(draft: Draft) -> Iterator[Fault]:
    """What is said of an order must be in the verified shopper's own; the assistant never says that it acted."""
    for match in claims.ACTED.finditer(draft.text):
        if not _unasserted(draft, match.start()):
            yield Fault("action", f"{match[0]!r}: the assistant acts on nothing")
    for match in claims.PROMISED.finditer(draft.text):
        if not draft.is_quoted(match.start(), match.end()) and match[0] not in " ".join(g.text for g in draft.grounds):
            yield Fault("action", f"{match[0]!r} is a promise nobody made")
    known = " ".join(order_text(order) for order in draft.evidence.orders)
    for match in _ADDRESS.finditer(draft.text):
        spots = " ".join([known, *(g.text for g in draft.grounds if g.product is None), draft.info.hours])
        if match[0] not in spots and not _within_name(draft, match.start() + 2, match.end()):
            yield Fault("order", f"{match[0]!r} is an address in no record")
    if not draft.about_orders or claims.DECLINED.search(draft.text) or _is_question(draft):
        return
    asserted = any(p.search(draft.text) for p, _ in claims.ORDER_STATES.values())
    for match in re.finditer(
        r"(?i)\b(?:order|tracking|parcel)(?: (?:number|no\.?|id|code))?\s*(?:is|:)?\s*#?([A-Z]{0,4}-?\d[\w-]{3,})|#([\w-]{3,})|(?:订单|单号|运单)[^\d\w]{0,4}([\w-]{5,})",
        draft.text,
    ):
        ref = next(g for g in match.groups() if g)
        passage = any(ref in g.text for g in draft.grounds if g.product is None)
        if ref not in known and not passage and (ref not in draft.query.text or asserted):
            yield Fault("order", f"order {ref!r} is not the shopper's")
    for state, (said, recorded) in claims.ORDER_STATES.items():
        found = said.search(draft.text)
        if (
            not found
            or draft.is_quoted(found.start(), found.end())
            or claims.NEGATION.search(draft.clause(found.start()))
        ):
            continue
        if not re.search(r"(?i)\b(?:your|order|parcel|package|shipment|it|#)|订单|包裹|快递|您", draft.text):
            continue
        orders = [o for o in draft.evidence.orders if o.id in draft.text] or list(draft.evidence.orders)
        held = any(recorded.search(order_text(order)) for order in orders)
        in_policy = not draft.evidence.orders and any(said.search(g.text) for g in draft.grounds if g.product is None)
        if not held and not in_policy:
            yield Fault("order", f"{found[0].strip()!r}: no order of the shopper is {state}")


def superlative_faults(draft: Draft) -> Iterator[Fault]:
    """ "Cheapest", "best rated", "newest" and "best seller" against the records they compare."""
    if _is_question(draft) or claims.DECLINED.search(draft.text):
        return
    texts = " ".join(ground.text for ground in draft.grounds)
    for match in claims.POPULAR.finditer(draft.text):
        said = match[0].casefold()
        if (
            not draft.is_quoted(match.start(), match.end())
            and said not in texts.casefold()
            and "rated" not in said
            and "口碑" not in said
        ):
            yield Fault("superlative", f"{match[0]!r} is in no record")
    products = [g for g in draft.grounds if g.product is not None]
    for sort, pattern in claims.EXTREMES.items():
        for match in pattern.finditer(draft.text):
            if draft.is_quoted(match.start(), match.end()) or claims.NEGATION.search(draft.clause(match.start())):
                continue
            place = match.start() if any(m.start <= match.start() for m in draft.mentions) else len(draft.text)
            groups = draft.subjects(place) if draft.mentions else draft.subjects(0)
            if place == len(draft.text) and draft.mentions:
                groups = draft.subjects(
                    min(m.start for m in draft.mentions if m.start >= match.start())
                    if any(m.start >= match.start() for m in draft.mentions)
                    else 0
                )
            whole = draft.query.sort == sort or "superlative" in draft.query.intents
            scoped = bool(claims.AMONG.search(draft.text)) or draft.evidence.total == len(products)
            if draft.evidence.total is None and not products:
                yield Fault("superlative", f"{match[0]!r}: nothing was compared")
            elif not (whole or scoped) and len(products) < 2:
                yield Fault("superlative", f"{match[0]!r}: nothing was compared")
            elif not (whole or scoped or len(groups) > 1) and not claims.AMONG.search(draft.text):
                yield Fault("superlative", f"{match[0]!r}: the whole range was not compared")
            elif not any(_is_extreme(sort, s.ground, products) for group in groups for s in group):
                yield Fault("superlative", f"{match[0]!r} is another product")
    for match in claims.ONLY.finditer(draft.text):
        if not draft.is_quoted(match.start(), match.end()) and draft.evidence.total != 1 and len(products) != 1:
            yield Fault("superlative", f"{match[0]!r} is in no record")


def _is_extreme(sort: str, ground: Ground, rivals: Sequence[Ground]) -> bool:
    own = ground.product
    others = [g.product for g in rivals if g.product is not None]
    if own is None:
        return False
    match sort:
        case "price_asc":
            return own.price_range is not None and all(
                own.price_range[0] <= o.price_range[0] for o in others if o.price_range
            )
        case "price_desc":
            return own.price_range is not None and all(
                own.price_range[1] >= o.price_range[1] for o in others if o.price_range
            )
        case "rating":
            return own.rating is not None and all(own.rating >= o.rating for o in others if o.rating is not None)
        case _:
            return own.added_on is not None and not any(added_after(o.added_on, own.added_on) for o in others)


# ----------------------------------------------------------------------------------------------------- attributes

_COLOURS = (
    "black white grey gray silver gold golden red blue navy green olive yellow pink purple violet orange brown beige khaki turquoise teal maroon ivory cream bronze",
    "黑色 白色 灰色 银色 金色 红色 蓝色 绿色 黄色 粉色 粉红色 紫色 橙色 棕色 咖啡色 米色 卡其色 青色",
)
_COLOUR = re.compile(rf"(?i)\b(?:{'|'.join(_COLOURS[0].split())})\b|{'|'.join(_COLOURS[1].split())}")
_MATERIAL = re.compile(
    r"(?i)\b(?:cotton|polyester|leather|wool|silk|linen|nylon|bamboo|stainless steel|aluminum|aluminium|titanium|carbon fiber|ceramic|glass|wooden|oak|rubber|silicone|cashmere|velvet|suede|denim|marble|plastic)\b"
    r"|纯棉|真皮|羊毛|羊绒|丝绸|亚麻|不锈钢|铝合金|钛合金|陶瓷|玻璃|实木|硅胶|塑料|牛皮"
)
_SIZE = re.compile(r"(?<![A-Za-z0-9'-])(?:XXS|XS|XL|XXL|XXXL|[2-5]XL)(?![A-Za-z0-9-])")
_SAME_COLOUR = {"grey": "gray", "golden": "gold", "aluminium": "aluminum", "wooden": "wood"}


def attribute_faults(draft: Draft) -> Iterator[Fault]:
    """Yes-or-no attributes, colours, materials and sizes that the record contradicts or does not have."""
    if _is_question(draft) or claims.DECLINED.search(draft.text):
        return
    for groups in (
        {id(m): draft.subjects(m.end) for m in draft.mentions}.values() if draft.mentions else [draft.subjects(0)]
    ):
        for group in groups:
            subjects = [s for s in group if s.ground.product is not None]
            if subjects and len(subjects) == len(group):
                problems = [list(_attribute(draft, s)) for s in subjects]
                if all(problems):
                    yield problems[0][0]


def _attribute(draft: Draft, subject: Subject) -> Iterator[Fault]:
    product = subject.ground.product
    assert product is not None
    words = subject.words or draft.text
    text = fold(subject.ground.text)
    asked = fold(draft.query.text)
    for pattern in (_COLOUR, _MATERIAL, _SIZE):
        for match in pattern.finditer(words):
            said = match[0].casefold()
            known = said in text or _SAME_COLOUR.get(said, said) in text or said.removesuffix("色") in text
            clause = words[max(0, match.start() - 30) : match.end() + 10]
            denied = claims.NEGATION.search(clause) or (
                said in asked and re.search(r"(?i)match|goes with|for your|instead", clause)
            )
            if (
                not known
                and not denied
                and not any(
                    g is not subject.ground
                    and said in fold(g.text)
                    and g.product is not None
                    and len(draft.mentions) > 1
                    for g in draft.grounds
                )
            ):
                yield Fault("attribute", f"{match[0]!r} is not in the record of {product.id}")
    folded = fold(words)
    chosen = narrowed(product, subject.words, subject.ground.hit.variant_ids)
    facts = [(name, {value}) for name, value in product.attributes.items()]
    facts += [(name, {v.options.get(name, "") for v in chosen}) for name in product.option_values]
    for name, values in facts:
        states = {truth(value) for value in values}
        plain = fold(name.replace("_", " "))
        if None in states or len(states) != 1 or len(plain) < (3 if plain.isascii() else 2) or plain not in folded:
            continue
        for place in re.finditer(rf"(?<![a-z]){re.escape(plain)}(?![a-z])", folded):
            before, after = folded[max(0, place.start() - 22) : place.start()], folded[place.end() : place.end() + 12]
            denied = bool(_DENIES.search(before)) or bool(
                re.match(r"\W{0,6}(?:of )?(?:no?\b|not\b|false|否|无|不支持|没有)", after)
            )
            if denied == (True in states):
                yield Fault("attribute", f"{name!r} is {next(iter(values))!r} in the record of {product.id}")


_DENIES = re.compile(
    r"(?:\b(?:not|no|without|lacks?|isn't|aren't|doesn't|don't|never|non|neither|nor|isnt)\b[\w\s-]{0,16}|n't[\w\s-]{0,16}|不(?:带|含|支持|具备|可|是)?|无|没有?|非|未)\W?$"
)
