"""The words that turn a number or a value into a constraint, in English and Chinese; patterns only, no logic.

Names in *_BEFORE are matched against the text that ends where a number or value begins, *_AFTER against the text that
follows it.
"""

from __future__ import annotations

import re

_I = re.IGNORECASE


def _before(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z])(?:{pattern})[\s:：]*$", _I)


def _after(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*(?:{pattern})", _I)


_ABOUT = r"(?:\s*(?:about|around|roughly|maybe|only|just|of|is|at|大概|大约|约|差不多|在|是|就|只有|有))*"

MAX_BEFORE = _before(
    r"(?:under|below|beneath|less than|fewer than|cheaper than|lower than|lighter than|smaller than|shorter than|"
    r"no more than|not more than|at most|up to|upto|max(?:imum)?|within|not (?:over|above|exceeding|more than)|"
    r"not? (?:higher|greater|longer|heavier|bigger|larger|taller|wider|dearer|more expensive) than|inside|budget|spend|afford|pay|i have|i've got|i only have|"
    r"<=?|≤|不超过|不高于|不大于|不多于|不重于|低于|少于|小于|轻于|便宜过|便宜于|最多|最高|预算|不到|只有|上限)(?:花|出|给|用|能花)?"
    + _ABOUT
)
MIN_BEFORE = _before(
    r"(?:over|above|more than|at least|from|starting (?:at|from)|min(?:imum)?|no less than|not less than|"
    r"not? (?:lower|smaller|shorter|fewer|lighter|cheaper) than|not (?:under|below)|higher than|greater than|larger than|bigger than|"
    r"longer than|heavier than|exceeding|>=?|≥|超过|高于|大于|多于|重于|至少|不低于|不少于|不小于|不轻于|最少|起码|下限)"
    + _ABOUT
)
ABOUT_BEFORE = _before(r"around|about|approximately|approx\.?|roughly|circa|near|close to|~|≈|大约|大概|差不多|约|接近")
# What is compared is a size or a weight, whatever the number.
COMPARED_SIZE = _before(r"(?:bigger|larger|smaller|longer|shorter|wider|taller|heavier|lighter|thicker) than")
MAX_AFTER = _after(
    r"or (?:less|under|below|lower|cheaper|smaller|lighter)|and (?:under|below|less)|max(?:imum)?\b|tops\b|at most|"
    r"(?:的)?(?:以内|以下|之内|之下|内(?!存|胆|置|部)|封顶)"
)
MIN_AFTER = _after(
    r"or (?:more|over|above|higher|up|better|larger|bigger|longer)|and (?:up|above|over|more|higher)|\+|plus\b|"
    r"minimum\b|at least|(?:及|或)?(?:以上|之上|往上|起(?![重床])|或更高)"
)
ABOUT_AFTER = _after(r"ish\b|or so\b|左右|上下|前后|多一?点")
RATING_BEFORE = _before(
    r"(?:rated|rating|ratings|stars?|score|scored|reviews?|评分|评价|星级|得分|打分|好评)"
    r"(?:\s*(?:of|is|at|above|over|least|more|than|higher|better|超过|高于|大于|在|不低于|至少|达到|有))*"
)
STARS_AFTER = re.compile(
    r"^\s*(?:\+|plus\b|(?:or|and) (?:more|higher|better|above|up|over))?[\s-]*(?:stars?(?: (?:rating|reviews?))?|rating)\b",
    _I,
)
PRICE_WORD = re.compile(
    r"\b(?:price[ds]?|cost(?:s|ing)?|budget|spend|dollars?|bucks)\b|价格|价位|售价|预算|价钱|块钱", _I
)

SORTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "price_desc",
        re.compile(
            r"\b(?:the |(?:sort|order)(?:ed)?(?: (?:it|them))? (?:by|from) )?(?:most expensive(?: first)?|dearest(?: first)?|priciest|costliest|highest[- ]priced?|highest price|most costly|costs? (?:the )?most|"
            r"price high to low|high(?:est)? to low(?:est)?(?: price)?)\b"
            r"|最贵|价格最高|价钱最高|最高价|售价最高|价格从高到低|最高档",
            _I,
        ),
    ),
    (
        "price_asc",
        re.compile(
            r"\b(?:the |(?:sort|order)(?:ed)?(?: (?:it|them))? (?:by|from) )?(?:cheapest(?: first)?|lowest[- ]priced?|lowest price|least expensive|most affordable|lowest cost|"
            r"least costly|costs? (?:the )?least|lowest in price|price low to high|low(?:est)? to high(?:est)?(?: price)?|best price|most inexpensive)\b"
            r"|最便宜|哪[个款种]便宜|价格最低|价钱最低|最低价|最低多少钱?|售价最低|最实惠|最划算|价格从低到高|最省钱",
            _I,
        ),
    ),
    (
        "rating",
        re.compile(
            r"\b(?:the )?(?:best[- ]rated|highest[- ]rated|top[- ]rated|best[- ]reviewed|highest rating|best rating|"
            r"best reviews|most loved|(?:customers|people|shoppers|buyers|reviewers) (?:rate|rated|like|love) (?:the )?(?:best|highest|most)|rated (?:the )?(?:highest|best)|best rating|sorted? by rating)\b"
            r"|评分最高|评价最好|评价最高|好评最多|口碑最好|星级最高|最受好评|分数最高",
            _I,
        ),
    ),
    (
        "newest",
        re.compile(
            r"\b(?:the )?(?:newest|latest|most recent(?:ly added)?|new arrivals?|just (?:in|arrived))\b"
            r"|最新(?:款|上架|的)?|新款|新品|新上架|刚上架",
            _I,
        ),
    ),
)

IN_STOCK = re.compile(
    r"\b(?:(?:only |and |that(?:'s| is| are)? |which (?:is|are) |currently |still )*(?:in[- ]stock|available(?: now)?|"
    r"ready to ship)|not (?:sold out|out of stock)|(?<!to )(?<!the )(?<!on )left(?=\s*(?:[?？]|$)|\s+in stock))\b|n['’]t (?:sold out|out of stock)\b|(?:只看|只要|目前|现在)?(?:有现货|有货|现货|有库存)(?:的)?",
    _I,
)

_SMALL = r"two|three|four|five|six|seven|eight|nine|ten|\d{1,2}"
_NO_UNIT = r"(?![- ]?[\"'″”])(?![- ]?(?:person|man|inch|cm|mm|kg|g|lb|gb|tb|pack|piece|w|v|ml|l|m|hours?|days?|stars?|people)\b)"
_SMALL_ZH = r"[一二两三四五六七八九十]|\d{1,2}"
LIMITS: tuple[re.Pattern[str], ...] = (
    re.compile(
        rf"\b(?:which|what|any|your|the) (?P<n>{_SMALL}){_NO_UNIT} (?=[a-z][\w -]{{1,40}}? (?:cost|are (?:the )?(?:cheap|most|least)|is the))",
        _I,
    ),
    re.compile(rf"(?P<n>{_SMALL_ZH})(?=[款个件台种样条双只]最)"),
    re.compile(rf"\b(?:top|first|best) (?P<n>{_SMALL})\b", _I),
    re.compile(
        rf"\b(?P<n>{_SMALL}) (?=(?:of the |of your )?(?:cheapest|least|priciest|most|dearest|best|lowest|highest|newest|top))",
        _I,
    ),
    re.compile(
        rf"(?:cheapest|expensive|dearest|(?:best|top|highest)[- ]rated|newest|latest|lowest|highest)(?: priced?)? (?P<n>{_SMALL})\b",
        _I,
    ),
    re.compile(
        rf"\b(?:show|give|list|recommend|suggest|find|pick|name)(?: me)?(?: up to)? (?P<n>{_SMALL})"
        rf"{_NO_UNIT}\b",
        _I,
    ),
    re.compile(rf"(?:最\S{{1,3}}的?|前|推荐|来|给我|找|列出?|要|看看|哪)(?P<n>{_SMALL_ZH})\s*(?=[款个件台种样条双只])"),
    re.compile(rf"前(?P<n>{_SMALL_ZH})"),
)

NEGATION_BEFORE = re.compile(
    r"(?:(?<![A-Za-z])(?:not|no|non|neither|without|except(?: for)?|excluding|exclude|other than|(?:anything|any \w+|every \w+|all \w+) but|but not|minus|"
    r"isn['’]?t|aren['’]?t|don['’]?t (?:want|like|need)|do not (?:want|like|need)|hate|avoid|instead of|rather than|"
    r"dislike|skip|free of)(?:\s+(?:a|an|any|the|in|made (?:of|from)|from|by|of|it|them|to be|ones?|want|coloured|colored))*"
    r"[\s-]+|(?:不要|不想要|不需要|别给我|别要|别|不是|不喜欢|除了|除开|排除|不含|不带|(?<!有)没有|避开|拒绝|非|无|不用)(?:的)?)$",
    _I,
)
REFUSED_WORD = re.compile(
    r"(?<![A-Za-z])(?:not|no(?! (?:object|idea|problem|more|less|longer|rush|matter|need|hurry|clue))|without|except(?: for)?|excluding|other than|anything but|avoid)\s+(?:a |an |any |the |from |by )?"
    r"(?P<en>[A-Za-z][\w-]{2,})|(?:不要|不想要|不喜欢|别给我|排除|除了)(?P<zh>[\u4e00-\u9fff]{2,4}?)(?=的|以外|之外|[，。,.!？?\s]|$)",
    _I,
)
NEGATION_AFTER = re.compile(r"^\s*(?:-free\b|之外|以外|除外|的?(?:不要|不行|不考虑)了?(?=[\s,.!?，。！？、]|$))", _I)
PURPOSE_BEFORE = re.compile(
    r"(?:(?<![A-Za-z])(?:(?<!looking )(?<!searching )(?<!search )(?<!shopping )(?<!hunting )(?<!shop )(?<!ask )(?<!budget )(?<!pay )(?<!spend )(?<!money )(?<!dollars )(?<!bucks )for|compatible with|fits?|fitting|works? with|working with|suits?|suitable for|made for|"
    r"(?<!['’]d )(?<!would )(?<!really )(?<!also )like|similar to|such as|compared (?:to|with))(?:\s+(?:my|a|an|the|our|your|old|new|winter|summer|spring|autumn|weekend|family|light|serious|long|short|day))*\s+"
    r"|(?:适用于?|适配|兼容|支持|配合|类似|像|搭配|可用于|给我的|用于))$",
    _I,
)
PLACE_BEFORE = re.compile(r"(?<![A-Za-z])(?:in|inside|into|on|onto|around|at)\s+(?:an?|my|our)\s+$", _I)
JOINED = re.compile(r"^\s*(?:,|/|&|or|and|and/or|nor|或者|或|和|、|，|跟|还是|及|与)\s*(?:in |a |an |the |size )?$", _I)
SIZE_BEFORE = re.compile(r"(?:\bsizes?|\bin(?: an?)?|\bor|\band|[,/、]|尺码|尺寸|码数|号|\ban?)[\s:：]*$", _I)
SIZE_AFTER = re.compile(r"^\s*(?:[- ]?sized?\b|码|号|尺码|or\b|/|或)", _I)

SAID_YES_OR_NO = re.compile(r"^\s*[:：=]?\s*(?P<said>(?P<no>no\b|否)|yes\b|是)(?=\s*(?:[,.;)?，。；）？]|and\b|$))", _I)

# Carrier phrases and particles: they ask, they do not describe.
FILLER_PHRASES = re.compile(
    r"\b(?:do|does|did|would|could|can|will|shall|should|may|might) (?:you|u|i|we|it|they|that|this|anyone)\b"
    r"|\b(?:have you got|you(?:['’]ve| have)? got|you['’]ve|got any|have got|do you (?:have|sell|stock|carry)|are there|is there|there (?:is|are)|"
    r"i(?:['’]?m| am) (?:looking|searching|after|shopping|hunting|interested)(?: (?:for|in|to))?|looking for|searching for|"
    r"i(?:['’]?d| would) (?:like|love|prefer|go for|take|rather have|rather)|i['’](?:d|m|ll|ve)|money is no object|hm+|uh+|um+|erm*|oh|ah|wow|oops|narrow(?:\s+(?:it|that|them|this))?\s+down(?:\s+to)?|(?:rather )?(?:stay|keep(?: (?:it|this|things))?)(?=\s*(?:\x00|$))|i(?: am|['’]?m) broke|(?:i(?: am|['’]?m) )?(?:willing|happy|ready|prepared|able) to (?:pay|spend)|on a (?:tight |small |low )?budget|i (?:want|need|like|prefer|have)|we (?:want|need|have)|"
    r"(?:show|give|tell|find|get|help|recommend|suggest|list|send|sell) (?:me|us)|how many|how much|how about|what about|"
    r"what(?:['’]?s| is| are)|which(?: one)?s?(?: (?:is|are))?|who(?:['’]?s| is)|where (?:is|are)|"
    r"let(?:['’]?s| me| us)|in total|altogether|"
    r"something|anything|someone|somebody|everything|nothing|thing|things|stuff|kinds? of|sorts? of|types? of|"
    r"at the moment|right now|these days|in your (?:shop|store|catalog(?:ue)?|range)|in the (?:shop|store)|on offer|"
    r"(?:an? )?(?:\d+ )?(?:pair|set|box|pack|bottle|bunch|couple|bundle|jar|piece|bag)s? of(?! \d)|"
    r"(?:some |any )?(?:help|assistance) (?:with|to|in)|as a (?:gift|present)|please|pls|plz|thanks?|thank you|hi|hello|hey|ok(?:ay)?|well|so|also|actually|maybe|perhaps|"
    r"exactly|just|really|very|quite|pretty|rather|too|even|only|still|instead|again|now|today|"
    r"good|nice|great|decent|best|better|cool|perfect|suitable|right)\b",
    _I,
)
# A clause with one of these says what is wanted, one without says more about it.
WANTING = re.compile(
    r"\b(?:look(?:ing)?|search(?:ing)?|shopping|hunting) for\b|\bi(?:['’]?d| would)? (?:really )?(?:need|want|like)\b|"
    r"\b(?:show|find|get|give) me\b|\bdo you (?:have|sell|stock|carry)\b|想买|想要|要买|推荐|有没有|来一",
    _I,
)
FILLER_ZH = re.compile(
    r"[你我您](?:们)?家(?![具居纺装庭]|电器?(?:[有都多怎产类]|[^\u4e00-\u9fff]|$))|列出来?|列一下|展示|显示(?![器屏卡])|只看|只要|改成|换成|改为|想看|"
    r"还?有没有(?:现)?货|还?有货吗|什么价位|啥价位|"
    r"(?:我想买|想买|想要|我要|买|要|来|找|换|求|送|卖)[一二两三四五几]?(?:个(?![人性护])|款|台(?![灯式扇历球面])|件(?!套)|双(?![肩人层门开面])|条(?!纹)|只|部(?!件)|套(?![装餐])|把(?!手)|张|盒(?![装子])|瓶(?![装子]))|[一二两三四五六七八九十几\d]+(?:个|款|台|件|双|条|只|部|套|把|张)(?![\u4e00-\u9fff]?机位)|"
    r"有得?卖|有售|卖不卖|有?多少钱|什么价格?|啥价|几块钱|卖多少|怎么卖|有?多少[款种个台件样]|一?共?有?几[款种个台件样]|请问一下|请问|麻烦|帮我|帮忙|给我|我想要|我想买|我要买|我想|我要|想买|想要|要买|打算买|准备买|需要|求推荐|推荐一下|推荐|介绍一下|介绍|"
    r"看一下|看看|找一下|找|搜一下|搜|有没有|有什么|有哪些|有多少|有几|一共有|一共|总共|你们家|你们店|你们|咱们|咱家|店里|店内|这里|这儿|"
    r"你好|您好|哪一款|哪几款|哪款|哪个|哪些|哪种|什么样的|什么|多少|怎么样|怎样|如何|可以|能不能|能够|是不是|是否|还有|"
    r"比较|稍微|一点|点儿|一些|一下|一款|一个|一台|一件|一双|一条|一只|一种|几款|几个|几种|几台|两款|两个|这款|这个|那款|那个|这种|那种|"
    r"有(?:什么|啥|哪些)(?:区别|差别|不同)|的?(?:区别|差别)(?=[\s？?。，]|$)|有库存|库存|有现货|现货|之间|里面|里边|当中|之中|其中|之间|预算(?:不多|有限|不够|紧张?)|不差钱|价格|价位|价钱|预算|商品|产品|东西|款式|的话|谢谢|大概|左右|目前|现在|[吗呢吧啊呀哦嘛呐哈了么]"
)
TRIM_ZH = "的地得款个件台种样是有在要买和跟与或及把被让给对为中里上下来去就都也还又很最更想能会可请您你我它他她这那好"
TRIM_START_ZH = "的地得是有在要买和跟与或及对为中里就都也还又很最更想能会请您你我它他她这那卖"

DEGREE_BEFORE = re.compile(r"\b(?:how|as|so|too|very|not)\s+$", _I)
DEGREE_AFTER = re.compile(
    r"^\s*(?:ones?|version|option|model|size|length|width|height|cut|fit|sleeves?\b)|^\s*(?:[.,;!?]|$)", _I
)
