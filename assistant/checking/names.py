"""Whether every name in a draft stands in a record: capitalised runs, model codes, quoted and Chinese names.

In: a `Draft`. Out: a `Fault` for every name that no record has, or that mixes the names of several. It refuses to know
what the shop sells beyond the evidence: a product that was not found is as unknown as one that does not exist.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.checking.grounds import fold_marks, order_text, stems_in, tokens_in
from assistant.checking.holding import Fault
from assistant.checking.links import DOMAIN, EMAIL, URL
from assistant.checking.reading import Draft
from assistant.generation.conditions import describe_filters
from assistant.generation.grammar import word_set
from knowledge_base.text import fold, stem

_NAME_RUN = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-ZÀ-Þ][A-Za-zÀ-ÿ0-9®™'’.+-]*|(?=[A-Za-z0-9-]*\d)(?=[A-Za-z0-9-]*[A-Za-z])[A-Za-z0-9-]+)"
    r"(?:[ -](?:[A-ZÀ-Þ][A-Za-zÀ-ÿ0-9®™'’.+-]*|\d[A-Za-z0-9.-]*|of|&|(?=[A-Za-z0-9-]*\d)[A-Za-z0-9-]+)(?![A-Za-z0-9]))*"
)
_QUOTED_NAME = re.compile(
    r"[「『《【]([^」』》】\n]{2,60})[」』》】]|“([^”\n]{2,80})”|(?<![\w.])\"(?=\S)([^\"\n]{2,80})(?<=\S)\"(?!\w)"
)
# Capitalised words that name nothing; what opens a sentence is judged by `_OPENERS`.
_PLAIN = word_set(
    "i i'm i'd i'll i've ok faq faqs pdf us uk eu usa am pm id tv pc led usb vat eur usd gbp cny rmb asap diy q "
    "a n/a monday tuesday wednesday thursday friday saturday sunday january february march april may june july "
    "august september october november december english chinese european american us-based price prices stock "
    "rating ratings reviews brand category options colour color size sizes total shipping delivery returns "
    "warranty yes no hi hello dear sir madam please thanks thank christmas bonus tip note summary overview pros "
    "cons overall verdict recommendation recommendations comparison features feature specs specifications "
    "material weight dimensions capacity availability available status order orders payment policy faqs why "
    "best mr mrs ms dr if the it this that these those and or but for with in on at to from by as of we our you "
    "your my is are was be not if so let here there they he she its internet wi-fi wifi bluetooth web online "
    "email e-mail sms app "
)
_OPENERS = re.compile(r"(?:^|[.!?:;|>•\n]\s*|^[\s>*#|-]*(?:\d+[.)]\s*)?|[-–—]\s|\*\*\s?|[“\"(（「：。！？，；]\s?)$")
_ASSERTIVE = re.compile(
    r"(?i:\b(?:we|I|shop)(?:'ve| have| do| can)? (?:have|sell|stock|carry|offer|got|recommend|suggest)"
    r"|\bin stock|\bavailable|^\W*yes\b|\bcosts?\b|\$|€|£)|在售|有货|现货|推荐|售价|有卖|本店有|我们有"
)
_VERB_NEXT = re.compile(
    r"\s(?:is|are|was|were|has|have|costs?|comes?|weighs?|offers?|features?|includes?|will|would|can|could"
    r"|sells?|ships?|fits?|holds?|makes?|looks?|works?|uses?|provides?|gives?|lasts?|stands?|remains?|arrives?)\b"
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
        if fresh and not draft.mentions and _ASSERTIVE.search(draft.text) and not draft.is_denied(match.start()):
            yield Fault("name", f"{' '.join(fresh)!r} is what the shopper asked for, not what the shop has")
        elif len(words) > 1 and not fresh and not any(all(_known(w, v | own) for w in words) for v in vocabularies):
            mixed = f"{match[0]!r} mixes the names of several records"
            yield from [] if draft.mentions and _several(draft, match.start(), match.end()) else [Fault("name", mixed)]
    yield from _quoted_names(draft, spoken)
    yield from _chinese_names(draft, spoken)


def _words_of(draft: Draft, run: re.Match[str]) -> list[str]:
    """The words of a run of capitals, without those that are figures ("17-inch"): they are checked as figures."""
    places = [(m.start() + run.start(), m.end() + run.start(), m[0]) for m in re.finditer(r"\S+", run[0])]
    return [w for start, end, w in places if not any(q.start < end and start < q.end for q in draft.quantities)]


def _condition_words(draft: Draft) -> list[str]:
    conditions = (*draft.query.filters.conditions, *draft.query.wishes)
    return list(describe_filters(draft.query, draft.info)) + (
        [word for c in conditions for word in (*c.names, *c.values)] + list(draft.query.asks) + list(draft.query.terms)
    )


def _several(draft: Draft, start: int, end: int) -> bool:
    """Whether a run of capitals covers more than one mention, or a mention and an option beside it."""
    inside = [m for m in draft.mentions if m.named and m.start < end and start < m.end]
    return len(inside) > 1 or (any(m.end < end - 1 for m in inside) and len(inside) == 1 and len(draft.grounds) == 1)


def _in_link(text: str, place: int) -> bool:
    return any(m.start() <= place < m.end() for p in (URL, EMAIL, DOMAIN) for m in p.finditer(text))


def _is_code(word: str) -> bool:
    return bool(re.search(r"\d", word)) or (len(word) > 2 and not word[1:].islower() and not word.isupper())


def _known(word: str, vocabulary: frozenset[str]) -> bool:
    plain = fold_marks(word)
    if plain in vocabulary or plain.replace("-", "") in vocabulary or plain.replace("-", " ") in vocabulary:
        return True
    parts = [part for part in re.split(r"[-/'’.+&™®]", plain) if part]
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


_ORDINARY = word_set(
    "all also although among another any anyone anything as because before besides both browse check choose "
    "come compare consider depending despite each either every everything everyone feel few finally find first "
    "for from given glad gladly go good great happy have having hope how however if in instead just keep last "
    "let like look looking many maybe more most much my need neither next none nothing now one only other "
    "otherwise our over perfect perhaps pick plus prefer quick rather ready right same second see several shall "
    "should similarly since so some someone sometimes sorry still such sure take tell then there therefore they "
    "third though three to together too try two unfortunately under unless until use usually want well what "
    "whatever when where whether which while who whoever why will with within without would absolutely actually "
    "additionally again alternatively certainly clearly definitely especially exactly generally great honestly "
    "ideally indeed lastly meanwhile moreover naturally nevertheless nice noted obviously often originally "
    "overall personally please probably really recently simply since specifically understood thanks welcome "
    "wonderful everything anyone parcels packages orders items products customers shoppers prices refunds "
    "exchanges colors colours sizes materials variants versions options models standard express tracking "
    "support service customer today tomorrow yesterday you your at by on of not no yes an a it its this that "
    "these those "
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
    r"|(?:^|[，。；！？\s])(?P<before>[\u3400-\u9fff]{4,16}?)(?=(?:的)?(?:售价|价格|只要|仅售|有现货|现货|有货|评分|重量|是一款|采用|支持|正在"
    r"|目前|非常|很|适合))"
)
_ZH_ORDINARY = re.compile(
    r"这款|那款|该款|产品|商品|您|你|我|我们|它|他们|本店|店铺|一款|两款|三款|几款|以下|以上|这个|那个|这几款|预算|需求|根据|如果|可以|比较|更|最|的话|另外|还有|目前|现在|所有"
    r"|其他|同类|价格|售价|标准|普通|配送|快递|运费|退货|换货|订单|服务|客服|性价比|"
    r"什么|怎么|哪|想|了解|适合|选择|考虑|看看|推荐|购买|喜欢|想要|需要|型号|颜色|尺寸|尺码|规格|款式|材质|版本|品牌|类型|功能|性能|质量|外观|容量|功率|两者|其中|不同|综合|来看|这些|那些|哪些|建议|下单"
    r"|前|后|时|大|小|多|少|高|低|和|与|或|及|的|了|是|在|有|也|都|就|很|会|能|要|让|把|被|给|对|从|到|为|用|上|下|里|中|个|款|种|件|台|套"
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
