"""What kind of message this is, by the way it is said: patterns in English and Chinese, and nothing about products.

In: a cleaned message. Out: the set of cues it gives. `understanding` weighs them against the catalogue and the
conversation; a cue alone decides nothing.
"""

from __future__ import annotations

import re
from typing import Literal

Cue = Literal[
    "handoff", "complaint", "order", "compare", "count", "recommend", "policy", "greeting", "thanks", "bye", "identity",
    "off_topic", "find", "goods", "buy", "question", "price", "stock", "options", "rating", "open",
]  # fmt: skip

_I = re.IGNORECASE
_ABUSE = (
    r"\b(?:fuck\w*|shit\w*|bullshit|idiots?|morons?|assholes?|stupid (?:bot|machine|shop|thing|ai))\b"
    r"|傻[逼叉]|妈的|智障|废物|去死"
)
_PATTERNS: dict[Cue, re.Pattern[str]] = {
    "handoff": re.compile(
        r"\b(?:(?:talk|speak|chat|connect|transfer)\b.{0,24}\b(?:human|person|agent|representative|someone|somebody|people|staff|"
        r"operator|advisor|manager|supervisor|assistant|customer (?:service|support|care|assistance))|"
        r"(?:put|get|reach|contact)\b.{0,16}\b(?:human|agent|representative|operator|advisor|manager|supervisor|real person)|(?:real|actual|live|human) (?:person|human|agent|being|"
        r"support|help)|customer (?:service|support|care) (?:agent|rep\w*|person|please)|need a human|human please|"
        r"not a (?:bot|robot|machine))\b|转?人工|真人|找?(?:在线)?客服(?!电话|热线|邮箱|时间|几点|上班)|活人|找你们?(?:经理|主管|负责人)",
        _I,
    ),
    "complaint": re.compile(
        rf"{_ABUSE}|"
        r"\b(?:furious|angry|upset|outrageous|unacceptable|ridiculous|terrible|awful|horrible|worst|disgust\w*|scam\w*|"
        r"rip[- ]?off|fraud|useless|fed up|sick of|disappoint\w*|complain\w*|complaint|never again|appalling|garbage|"
        r"rubbish|sue you|lawyer|report you|broken again|(?:second|third|fourth|fifth|2nd|3rd|4th) time\b.{0,40}\b(?:broke|broken|breaks|fail\w*|late|wrong|missing|damaged)|nobody (?:answers|replies|cares|helps)|still (?:haven['’]?t|not) (?:received|arrived|got)|"
        r"arrived (?:broken|damaged|smashed|cracked)|(?:came|is|was|got) (?:broken|damaged|defective|faulty)|"
        r"doesn['’]?t work|stopped working|waste of money)\b"
        r"|投诉|太差|垃圾|骗子|骗人|坑人|气死|生气|愤怒|差劲|差评|失望|恶心|忍无可忍|什么态度|破烂|坏了|坏的|破损|碎了|烂了|"
        r"不能用了?|质量.{0,4}(?:差|问题)|举报|维权|12315|退钱",
        _I,
    ),
    "order": re.compile(
        r"\b(?:where(?:['’]?s| is| are)\s+(?:(?:my|the|our)\s+(?:\w+\s+)?)?(?:order|package|parcel|delivery|shipment|stuff|item)s?|"
        r"track(?:ing)?\b.{0,20}\b(?:order|package|parcel|number|shipment)|(?:order|package|parcel|shipment|delivery) status|"
        r"status of (?:my|the|order)|order\b.{0,24}\bstatus|\bETA\b|(?:locate|find) (?:my )?(?:order|purchase|parcel|package)|"
        r"(?:my|the) (?:order|package|parcel|item|goods)s?\b.{0,12}\b(?:to )?(?:arrive|been delivered|get here)|ordered\b.{0,40}\bget here|"
        r"(?:has|have|did|is|when will|when does|will)\b.{0,12}\bmy\b.{0,12}"
        r"\b(?:order|package|parcel|delivery|shipment)|my (?:last |latest |recent )?orders?\b(?!.{0,30}\b(?:cancel|policy))|"
        r"order (?:number|no\.?|#|id)|what did i (?:order|buy)|(?:look|check) (?:up )?(?:on )?my order)"
        r"|我的(?:订单|快递|包裹|货|东西|物流)|(?:快递|包裹|物流|订单|货).{0,6}(?:到哪|在哪|到了吗|状态|进度|信息|单号|没到|还没)|"
        r"(?:什么时候|啥时候|几时|怎么还没).{0,4}(?:到货|送到|收到)|查.{0,4}(?:订单|物流|快递)|订单号|订单.{0,10}(?:发货了|到了)|发货了吗|买的.{0,8}(?:到哪|发货|到了)",
        _I,
    ),
    "compare": re.compile(
        r"\b(?:compar(?!tment)\w+|versus|vs\.?|differences?(?: between)?|differ|which (?:one )?(?:is|of (?:them|these|the two)|"
        r"would be) (?:better|best|cheaper|lighter|bigger)|better[: ,].*\bor\b|side by side|how do they (?:differ|compare)|"
        r"(?:is|are) .{2,80} (?:cheaper|dearer|better|lighter|pricier|more expensive|less expensive) than|"
        r"can['’]?t decide|decide between|choose between|(?:which|what) (?:one )?costs? (?:less|more)|costs? (?:less|more) than|(?:cheaper|pricier|less expensive|more expensive) than|"
        r"which (?:one )?(?:is|of .{3,40} is|has) (?:the )?(?:less|more|lower|higher|least|most)\b|has the (?:lower|higher) price|"
        r".{2,80} or .{2,80}[:,?] ?(?:which|what))"
        r"|里(?:面)?选|二选一|对比|比较一下|比一比|比一下|相比|区别|差别|有什么不同|有啥不同|哪个(?:更|比较)?(?:好|便宜|划算|值得|适合)|哪款(?:更|比较)(?:好|便宜)|(?:和|跟|与).{1,300}比较|比较.{1,300}(?:和|跟|与)|PK|还是.{1,300}(?:便宜|贵|好|划算)|哪[个款](?:的)?价格(?:更)?[低高]|比.{1,300}(?:便宜|贵)",
        _I,
    ),
    "count": re.compile(
        r"\b(?:how many(?! (?:\w+ )?(?:days|weeks|hours|minutes|months|years|times|people|persons)\b)|number of|count of|count (?:the|your|all|up)|total number|amount of different)\b"
        r"|(?:有|共)?(?:多少|几)(?:个不同的|[款种个台件双条只样支把套张本辆盒瓶包箱])(?:不同的)?|数量有?多少|有多少(?!钱|元|块)",
        _I,
    ),
    "recommend": re.compile(
        r"\b(?:recommend\w*|suggest\w*|advise|advice|which (?:one )?(?:should|would|do you)|what (?:should|would you|do you)|"
        r"help me (?:choose|pick|decide|find)|best for|good for|suitable for|ideal for|ideas?|gift for|any tips)\b"
        r"|推荐|建议|求.{0,6}荐|适合|送(?:人|给|礼|男|女|爸|妈|老|朋友|孩子)|哪[个款种].{0,8}好(?![评看])|买什么|选哪|怎么选|帮我挑|挑一",
        _I,
    ),
    "policy": re.compile(
        r"\b(?:ship(?:s|ping|ped|ment)?|deliver\w*|courier|postage|customs|duties|returns?|returning|returned|refund\w*|"
        r"money back|send (?:it |them |this |something )?back|exchang(?:e|es|ed|ing|eable)|swap|warrant\w+|guarantee\w*|repairs?|"
        r"pay(?:ment|ing|pal|s)?|paid|credit cards?|debit|visa|mastercard|apple pay|google pay|klarna|afterpay|instal?ments?|cash|reimburs\w*|compensat\w*|rebates?|restitution|bills?|fees?|"
        r"bank transfer|invoice|receipt|vat|tax(?:es)?|privacy|personal data|my data|gdpr|cookies|newsletter|unsubscribe|"
        r"gift (?:cards?|wrap\w*|vouchers?|receipt)|wrap\w*(?: \w+){0,2} (?:gifts?|presents?)|vouchers?|coupons?|promo\w*|discount\w*|student|loyalty|points|member\w*|"
        r"account|profile|password|(?<!noise[ -])(?<!echo[ -])cancel\w*|sign(?:ing)?[ -]?up|log ?in|regist(?:er|ering|ration)\w*|feedback|change my (?:order|address)|wrong (?:item|size|address)|lost|missing|opening hours|"
        r"open on|hours|phone number|call you|email you|e-mail|contact|reach you|address|showroom|physical (?:store|shop)|pick ?up|"
        r"collect|price match\w*|pre-?order|arriv(?:e|es|al)|place an order|restock\w*|back in stock|notif\w+|size (?:guide|chart)|sizing|policy|policies|"
        r"terms|tomorrow|overnight|same[- ]day|next[- ]day|in time for|by (?:(?:this|next) )?(?:mon|tues|wednes|thurs|fri|satur|sun)day|by (?:christmas|the weekend|next week)|get here|be here by|arrives?|arrive by|(?:an)?other (?:store|shop|site|"
        r"website)|elsewhere|competitors?|found it (?:cheaper|for less)|po box|post office|postal|mail(?:ing|ed)?|sustainab\w*|recycl\w*|track(?:ing)?|bulk|wholesale|corporate)\b"
        r"|发货|配送|派送|送货|快递|物流|运费|邮费|包邮|免邮|邮寄|寄到|几天(?:能|可以)?到|多久(?:能|可以|才)?(?:到|发)|退货|退款|退钱|退换|能退|可以退|退吗|"
        r"不想要了|换货|换尺码|换个(?:尺码|颜色|大小|新的|型号|号)|保修|质保|三包|维修|修理|售后|支付|付款|货到付款|分期|花呗|微信支付|支付宝|信用卡|银行卡|发票|开票|税|隐私|个人信息|"
        r"注销|账号|账户|密码|优惠|折扣|打折|满减|券|活动|会员|积分|礼品卡|礼品包装|礼物包装|取消|改地址|改订单|修改|错发|漏发|少发|丢了|丢件|"
        r"(?:能(?:不能)?|可以)再?(?:便宜|优惠|少)一?[点些]?(?:吗|么|嘛|不)?\W*$|讲价|砍价|营业时间|几点|上班|门店|实体店|地址在|电话|热线|邮箱|联系|自提|价保|保价|降价|差价|补货|到货通知|预售|预订|尺码表|批发|团购|企业采购|以旧换新|回收|安装|上门|政策|规定|七天|无理由",
        _I,
    ),
    "greeting": re.compile(
        r"^\W*(?:hi+|hello+|hey+|hiya|howdy|yo|good (?:morning|afternoon|evening|day)|greetings|你好|您好|哈喽|嗨|在吗|在么|"
        r"早上好|上午好|下午好|晚上好|有人吗|亲)(?:\s*(?:there|again|shop|team|everyone|呀|啊|吗|呢|亲))*\W*$",
        _I,
    ),
    "thanks": re.compile(
        r"^\W*(?:(?:ok(?:ay)?|great|perfect|cool|awesome|nice|good|好的?|行|嗯+|明白了?|知道了|太好了)[\s,.!，。！]*)*"
        r"(?:thanks?(?: you)?(?: (?:so|very) much| a lot)?|thank you(?: (?:so|very) much)?|thx|ty|cheers|much appreciated|"
        r"that(?:['’]?s| is) (?:all|it|great|perfect|helpful)|谢谢(?:你|您|啦|了)?|多谢|感谢|谢啦|辛苦了)"
        r"[\s,.!，。！]*(?:for (?:your|the) help|that(?:['’]?s| is) all)?\W*$|^\W*(?:[哈呵嘿嘻]{2,}|233+|lol|(?:ha){2,}h?)\W*$|^\W*(?:ok(?:ay)?|great|perfect|好的|嗯+|行)\W*$",
        _I,
    ),
    "bye": re.compile(
        r"^\W*(?:(?:ok(?:ay)?|great|thanks?(?: (?:you|a lot|so much))?|thx|谢谢[您你啦了]*|好的?|多谢)[\s,.!，。！]+)*(?:bye(?: bye)?|goodbye|see (?:you|ya)|take care|good night|再见|拜拜|晚安|回头见)\W*$",
        _I,
    ),
    "identity": re.compile(
        r"\b(?:who are you|what are you|are you (?:a )?(?:an )?(?:bot|robot|human|real|ai|machine|person)|what can you do|"
        r"how can you help|your name|what do you do)\b\W*$|^\W*(?:help|help me|i need (?:some )?help|can you help(?: me)?)\W*$|你是谁|你叫什么|你是(?:不是)?(?:机器人|人工|真人|AI)|你能(?:做|干|帮).{0,4}什么|你会什么|怎么用",
        _I,
    ),
    "off_topic": re.compile(
        r"\b(?:weather (?:in|like|today|tomorrow|forecast)|the weather|poem|jokes?|(?:tell|write|read|invent)\b.{0,16}\bstor(?:y|ies)|"
        r"(?:this|a|the|next|play|sing) song|lyrics|essay|my homework|translate|recipe for|capital of|president|election|"
        r"(?:football|soccer) (?:match|game|score|team|league|result)s?|stock market|bitcoin price|horoscope|meaning of life|write (?:me )?(?:a|an|some)|(?:in|using) (?:python|javascript)|(?:python|javascript) (?:code|function|"
        r"script|program)|(?:write|debug|fix)\b.{0,12}\b(?:code|program)|ignore (?:all|your|the|previous)|system prompt|your (?:instructions|prompt)|pretend|role ?play|"
        r"who (?:won|invented|is the)|what year|how old (?:is|are) you|sing|(?:the|latest|fake|today['’]?s) news)\b"
        r"|天气|写(?:一?首|个|一?篇).{0,4}(?:诗|歌|作文|文章|代码|故事)|讲.{0,4}(?:笑话|故事)|翻译|总统|股票|彩票|星座|新闻|作业|忽略.{0,6}(?:指令|规则|提示)|系统提示|扮演",
        _I,
    ),
    "find": re.compile(
        r"\b(?:do you (?:have|sell|stock|carry)|have you got|got any|looking for|searching for|show me|find me|i (?:want|need)|"
        r"i['’]?d like|any\b|is there|are there|list|browse|shop for|buy)\b|有没有|有.{0,12}[吗么]|想买|想要|要买|来一|找|看看|哪些|有什么|需要|求",
        _I,
    ),
    "goods": re.compile(
        r"\b(?:do|does|can|would) (?:you|u|your (?:shop|store))(?: guys| also| even| still)* (?:sell|stock|carry)\b|\bselling\b|"
        r"\b(?:looking|searching|shopping) for\b|\b(?:want|like|need) to buy\b|\bwhere can i (?:buy|find|get)\b"
        r"|有.{0,10}卖|卖.{0,10}[吗么嘛]|卖不卖|[想要]买|有[吗么嘛]\W*$|有没有.{1,12}卖|求购",
        _I,
    ),
    "buy": re.compile(
        r"\b(?:i['’]?ll|i will|i(?:['’]?d| would) like to|let me|i want to|can i) (?:take|buy|order|have) (?:it|this|that|them|one|the \w+ one)\b|"
        r"\badd (?:it|this|that|them) to (?:my |the )?(?:cart|basket|bag)\b|\bcheck ?out\b"
        r"|就(?:要|买)(?:这|它)|(?:我要|想)买(?:这|它)|帮我下单|怎么下单|加(?:入)?购物车|拍下",
        _I,
    ),
    "question": re.compile(
        r"[?？]\s*$|^\W*(?:is|are|does|do|can|could|will|what|which|how|when|where|why|who|has|have)\b|[吗呢么]\W*$|多少|几|怎么|是否|是不是|能不能|可不可以|有没有|多大|多重|多长|多高|什么",
        _I,
    ),
    "price": re.compile(
        r"\b(?:how much(?! (?:(?:does|do|did|will|would|can) (?:[\w'’-]+ ){1,4})?(?:weigh|hold|water|memory|storage|ram|space|power|battery))|price[ds]?|"
        r"pricing|costs?|what(?:['’]?s| is) the (?:damage|price)|expensive is|cheap is|going for|sells? for|charge for|(?:do|would|will) you charge|(?:i|we|you) (?:pay|want) for)\b"
        r"|多少钱|价格|价钱|售价|什么价|几块钱|几多钱|多少元|啥价|卖多少|怎么卖|贵不贵|价位",
        _I,
    ),
    "stock": re.compile(
        r"\b(?:in[- ]stock|out of stock|sold out|available|availability|any left|how many left|left\?|left in stock|still have|"
        r"got (?:it|this|that|them)|have (?:it|this|that|them)|"
        r"(?:can|could|may) (?:i|we) (?:still )?(?:get|order|buy|have|purchase))\b|有货|现货|库存|缺货|断货|还有吗|有没有货|卖完|售罄|有的卖|还有没有",
        _I,
    ),
    "options": re.compile(
        r"\b(?:(?:what|which|other|any other|how many|all|available)\b.{0,12}\b(?:colou?rs?|sizes?|options?|variants?|versions?|"
        r"styles?|configurations?|models?)|(?:colou?rs?|sizes?|options?|variants?)\b.{0,24}\b(?:come|available|have|are there|"
        r"offer|exist|sell|get)|come in|comes in)\b"
        r"|(?:什么|哪些|哪几(?:种|个|款)|几种|有啥|其他|别的|多少种)(?:颜色|尺码|尺寸|规格|型号|款式|版本|选项|容量|口味|配置|可选)|"
        r"(?:颜色|尺码|尺寸|规格|型号|款式|口味|选项|配置|容量)(?:都)?有(?:什么|哪些|哪几|几|啥)|有(?:什么|哪些|几种).{0,4}(?:颜色|尺码|规格|款式|可选)|可选",
        _I,
    ),
    "rating": re.compile(
        r"\b(?:rating|ratings|rated|stars?|reviews?|review score|how (?:good|popular)|"
        r"(?:people|customers|others|buyers|reviewers|everyone) (?:say|saying|think|like)|any good(?=\W*$)|worth (?:it|the money))\b"
        r"|(?:大家|别人|顾客|买过的).{0,6}(?:觉得|说|评)|好用吗|好不好用|值得买吗|评分|评价|口碑|好评|几星|多少分|几分",
        _I,
    ),
    "open": re.compile(
        r"\b(?:gifts?|presents?|something (?:nice|good|cool|special|useful)|anything (?:good|nice|interesting)|surprise me|"
        r"not sure|no idea|what do you (?:have|sell)|what(?:['’]?s| is) (?:good|new|popular))\b|礼物|送礼|随便|不知道买什么|有什么好|卖什么|有什么推荐",
        _I,
    ),
}

EMAIL = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9][\w.+%'-]{0,63}@[A-Za-z0-9][A-Za-z0-9.-]{0,180}\.[A-Za-z]{2,24}(?![\w@-])", re.ASCII
)
ORDER_REF = re.compile(
    r"(?:\border\s*(?:number|no\.?|id)?(?:\s+(?:is|was)\b)?\s*[:#]?\s*|订单(?:号码?|编号)?\s*(?:是|为|[:：#])?\s*|#\s?)(#?[A-Za-z]{0,4}-?\d[\dA-Za-z-]{2,24})"
    r"|(?<![\w$¥€£.,-])(#[A-Za-z]{0,4}\d{4,20}|\d{10,20})(?![\w.])",
    _I,
)


# A subject that names no kind of thing: what is wanted is open.
OPEN_WORDS = re.compile(
    r"(?:(?:birthday|christmas|small|little|nice|good|cool|new|wedding|house ?warming) )*(?:gifts?|presents?|ideas?|gift ideas?|"
    r"surprise|treat|kit|gear|equipment|goodies)|(?:生日|圣诞|新年|小|新婚|乔迁)?(?:礼物|礼品|伴手礼|送礼|惊喜|好物)",
    _I,
)


def without_policy_words(text: str) -> str:
    """The text without the words that make it a question about the shop's terms: of "shipping labels", "labels"."""
    return _PATTERNS["policy"].sub(" ", text)


def cues_of(text: str) -> frozenset[Cue]:
    """Every cue whose pattern is found in the text."""
    return frozenset(cue for cue, pattern in _PATTERNS.items() if pattern.search(text))


def is_abuse(text: str) -> bool:
    """Whether it calls names."""
    return re.search(_ABUSE, text, _I) is not None


def order_ref(text: str) -> str | None:
    """An order number written in the text, or None."""
    match = ORDER_REF.search(EMAIL.sub(" ", text))
    return (match.group(1) or match.group(2)) if match else None
