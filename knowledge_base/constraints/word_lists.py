"""The closed lists of words that reading a message looks up: little words, words that only ask, sizes, measures.

Words only, no logic. STOP_WORDS and MEASURE_WORDS are whole words, the others stems.
"""

from __future__ import annotations

from knowledge_base.text import stem


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NUMBER_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9}
NUMBER_WORDS |= {"ten": 10} | {c: n for n, c in enumerate("一二三四五六七八九十", 1)} | {"两": 2}

STOP_WORDS = _words(
    """
    a an the and or but nor of in on at to for from by with without as than then that this these those it its is
    are was were be been being am i me my mine we us our you your yours he she they them their his her who whom
    which what when where why how any some no not all both each every more most less least many much few one
    ones two other another such same do does did have has had having can could will would shall should may might
    must get got go want need like looking look find show give tell buy sell carry stock offer see know think
    cost costs price prices priced pricing cheap expensive under over below above between about around up down
    out off if so there here please product products item items model models option options available
    availability range dollars dollar bucks euros euro usd eur cny rmb gbp yes shop store use used using made
    make makes comes come able currently per s t m d re ve ll don isn aren doesn
    """
)
STOP_STEMS = frozenset(stem(word) for word in STOP_WORDS)

# Stems that say how much of something: a facet's value only where they are plainly meant as one.
DEGREES = _words(
    """
    long short high low mid deep thick thin heavi light fast slow full half doubl singl open none standard
    regular normal larg wide
    """
)

# Sizes in words, stemmed, and the letters that most shops write.
SIZE_WORDS = {
    "extra small": "xs", "x small": "xs", "small": "s", "medium": "m", "larg": "l", "extra larg": "xl", "x larg": "xl",
    "xx larg": "xxl", "extra extra larg": "xxl", "doubl xl": "xxl", "2xl": "xxl", "xxl": "2xl", "3xl": "xxxl",
}  # fmt: skip

# What a shopper calls a measure, and the word that exports head its column with.
MEASURE_WORDS = {
    "weighing": "weight", "weighs": "weight", "weigh": "weight", "heavy": "weight", "heavier": "weight",
    "lighter": "weight", "light": "weight", "lightest": "weight", "heaviest": "weight",
    "tall": "height", "high": "height", "taller": "height", "higher": "height", "wide": "width", "wider": "width",
    "deep": "depth", "deeper": "depth", "long": "length", "longer": "length", "thick": "thickness",
    "loud": "noise", "powerful": "power", "wattage": "power", "holds": "capacity", "volume": "capacity",
    "lasts": "battery", "large": "size", "big": "size", "dimensions": "size", "measurements": "size",
}  # fmt: skip

# Names that different kinds of things have for one measure.
SAME_MEASURES = (
    frozenset(("capacity", "volume", "容量", "容积")),
    frozenset(("weight", "item weight", "重量", "净重")),
    frozenset(("battery life", "runtime", "run time", "续航", "使用时间")),
)

# Stems of words that say what is asked, not what is sold: never read as a typing error of a product word.
COMMON_STEMS = frozenset(stem(word) for word in STOP_WORDS) | _words(
    """
    compar between differ differenc better best wors look search help recommend suggest advis choos pick decid
    weigh weight heavi light long short tall wide deep thick loud larg small big littl size fit work come return
    refund exchang deliv deliveri ship order cancel track warranti guarante pay payment card cash gift voucher
    discount coupon price cost total cheaper cheapest dearest lowest highest expens afford rate review star
    newest latest second third first last next also still alreadi again later today tomorrow week month year day
    hour minut thing anyth someth everyth noth someon peopl person friend wife husband mother father kid child
    children babi girl boy man woman men women home hous travel trip walk run hike camp cook read write play
    watch listen sleep sit stand carri wear bring take make start stop open close call email phone address store
    shop websit onlin account member question answer problem issu broken wrong miss lost late soon fast quick
    slow easi hard good great nice perfect fine sorri hello thank pleas much many least most more less than
    under over below above around about approx within up down left right same other without except instead
    rather only just realli quit veri pretti suitabl compat similar altern either neither zero two three four
    five six seven eight nine ten twenti hundr thousand summer winter spring autumn rain raini snow cold warm
    wet dry outdoor indoor
    """
)

# Stems of words that carry a request and are never the kind of thing it is about.
NOISE = frozenset(
    stem(word)
    for word in _words(
        """
    count number recommend suggest list show budget max maximum min minimum different various total price priced
    cost costing choice please looking cheap affordable expensive range two three four five six seven eight nine
    ten e g buy order spend compare difference between today currently really maybe money broke narrow stay keep stick
    limit pricey moment
    """
    )
)
