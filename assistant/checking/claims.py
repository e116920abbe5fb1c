"""The words that make a claim: policies, stock, discounts, orders, superlatives, and what takes a claim back.

In: nothing. Out: compiled patterns in English and Chinese. It refuses to know any record: whether a claim holds is the
business of `checks`.

A policy claim is a family of wordings of one promise; it holds only where the cited text makes the same promise.
"""

from __future__ import annotations

import re


def _both(english: str, chinese: str) -> re.Pattern[str]:
    return re.compile(rf"(?i:(?<![A-Za-z])(?:{english})(?![A-Za-z]))|(?:{chinese})")


POLICIES: dict[str, re.Pattern[str]] = {
    "free shipping": _both(
        r"(?:free|complimentary|no[- ]cost)(?: \w+){0,2} (?:shipping|delivery|postage|shipment)|"
        r"(?:ships?|shipp(?:ed|ing)|deliver(?:ed|s|y)?|shipping and handling)(?: \w+){0,3} (?:free"
        r"|at no (?:extra |additional )?(?:cost|charge))|"
        r"(?:no|zero|without) (?:shipping|delivery|postage)(?: (?:fees?|costs?|charges?))?|"
        r"(?:shipping|delivery|postage|freight|courier|handling)(?: \w+){0,3} (?:on us|on the house|waived"
        r"|costs? nothing"
        r"|covered|taken care of|included|for nothing)|"
        r"(?:cover|pay|pays|absorb|pick up|foot)(?: \w+){0,2} (?:shipping|delivery|postage|freight|carrier|courier)|"
        r"(?:won't|don't|never|not) (?:have to )?(?:pay|owe|be charged)(?: \w+){0,4} (?:shipping|delivery"
        r"|postage|freight)",
        r"包邮|免(?:费)?(?:运费|邮费|配送|邮|送货)|免费(?:发货|快递|送货)|运费(?:全)?免|零运费|0运费|不收运费|免邮"
        r"|(?:邮费|运费|快递费|配送费)[^，。；]{0,4}(?:我们|本店|店里|全免|算我|由我|倒贴|包了)"
        r"|(?:我们|本店|店里)[^，。；]{0,4}(?:出|承担|倒贴|付|包)[^，。；]{0,2}(?:邮费|运费|快递)"
        r"|(?:不用|不需要|不必|无需|不要)[^，。；]{0,3}(?:邮费|运费|快递费)|(?:寄|送|快递)[^，。；]{0,6}不花",
    ),
    "free returns": _both(
        r"free (?:\w+ )?returns?(?: shipping| label)?|returns? (?:\w+ ){0,2}(?:are|is) free|prepaid return"
        r"|return it (?:for )?free",
        r"免费(?:退|换)(?:货|换)?|退(?:换)?货(?:包)?(?:免费|免运费|包运费)|运费险|上门取件",
    ),
    "free extras": _both(
        r"free (?:gift|sample|installation|setup|assembly|upgrade|trial|replacement|repair|accessor\w+"
        r"|engraving|gift[- ]wrap\w*)s?"
        r"|(?:comes with|includes|get|plus) (?:a|an|your) free|buy one,? get|bogo|on the house"
        r"|for nothing|free of charge|without (?:any )?charge|at no (?:extra |additional )?(?:cost|charge)",
        r"免费(?:安装|试用|送|赠|维修|维护|清洗|上门|保养|更换|升级|礼品|包装)|赠送|赠品|买一送|加赠|送您|白送|送礼",
    ),
    "whatever its state": _both(
        r"(?:take|takes|accept|accepts|return|bring|send)(?: \w+){0,2} (?:anything|everything|whatever)(?: \w+)? back"
        r"|(?:take|accept) back (?:anything|everything)|(?:worn|used|opened|washed|broken) or not"
        r"|in any (?:state|condition)"
        r"|even if (?:worn|used|opened|washed)",
        r"(?:穿|用|洗|拆|坏|开)过?(?:用过|了)?(?:也|都|还|照样)[^，。；]{0,3}(?:退|换|管|赔)|什么(?:情况"
        r"|样)[^，。；]{0,4}(?:退|换|赔)",
    ),
    "multiple": _both(
        r"(?:twice|double|triple|(?:two|three|five|ten) times) (?:the|your|its) (?:difference|price|money"
        r"|amount|value)",
        r"双倍|[两三四五十百]倍",
    ),
    "lifetime": _both(
        r"lifetime (?:\w+ ){0,2}(?:warranty|guarantee|support|replacement|repairs?|coverage)"
        r"|guaranteed for life|for life|for ?ever|for good(?! measure)|as long as you (?:live|own|like)",
        r"终身(?:保修|质保|保固|维修|免费|包换|保障|服务)|永久(?:保修|质保)",
    ),
    "warranty": _both(
        r"warrant(?:y|ies|ied)|guarantees?|guaranteed", r"质保|保修|保固|保换|包换|包修|三包|联保"
    ),
    "money back": _both(
        r"money[- ]back|full refunds?|refund(?:s|ed|able)?|reimburs\w+", r"全额退款|退款|退钱|不满意(?:就|可)?退"
    ),
    "returns": _both(
        r"returns?(?! of)(?: policy)?|returned|returnable|send (?:it|them|anything) back|exchanges?|exchanged",
        r"退货|退换|换货|可退|无理由|退回",
    ),
    "no questions": _both(r"no[- ]questions?[- ]asked|for any reason|no reason needed",
        r"无理由|不问(?:原因|理由)|任何理由"),
    "price match": _both(
        r"price[- ]match\w*|match any price|lowest price guarantee\w*|price (?:protection|adjustment)|beat any price",
        r"价保|保价|买贵(?:退|赔|必赔|包退)|差价|全网最低|假一赔|假一罚",
    ),
    "payment on "
    "delivery": _both(r"cash on delivery|cod|pay on delivery|pay later|buy now,? pay later", r"货到付款|先用后付|到付"),
    "installments": _both(
        r"install?ments?|interest[- ]free|0 ?% (?:apr|interest|financing)|financing|monthly payments?"
        r"|split (?:the )?payments?",
        r"分期|免息|零首付|花呗|白条",
    ),
    "same-day delivery": _both(
        r"same[- ]day|within the hour|(?:arrives?|delivered?|delivery|ships?|get it|reach\w* you|be (?:there"
        r"|with you)) (?:\w+ ){0,2}(?:today|tonight|this (?:evening|afternoon))",
        r"当日达|当天(?:发货|送达|到)|今天(?:就|即)?(?:能|可|会)?(?:送达|到货|发货)|小时达|即日达|闪送",
    ),
    "next-day delivery": _both(
        r"next[- ](?:business[- ])?day|overnight|one[- ]day (?:shipping|delivery)|(?:arrives?|delivered?"
        r"|delivery|ships?|get it|reach\w* you|be (?:there|with you)) (?:\w+ ){0,2}tomorrow",
        r"次日达|隔日达|次日(?:送达|到)|明天(?:就|即)?(?:能|可|会)?(?:送|到|发)|隔天到|第二天(?:送|到)",
    ),
    "delivery date": _both(
        r"(?:arrives?|delivered?|delivery|ships?|get it|reach\w* you|be (?:there"
        r"|with you)) (?:\w+ ){0,3}(?:this week|next week|by (?:mon|tues|wednes|thurs|fri|satur|sun)day"
        r"|on (?:mon|tues|wednes|thurs|fri|satur|sun)day|within (?:days|hours))",
        r"(?:下周|本周|这周|周[一二三四五六日末])(?:就|前|内)?(?:能|可|会)?(?:送|到|发)",
    ),
    "express delivery": _both(r"express (?:shipping|delivery)|expedited|priority (?:shipping|delivery)"
                              r"|two[- ]day (?:shipping|delivery)", r"加急(?:配送|发货)?|顺丰|特快|极速达"),
    "international": _both(
        r"international(?:ly)? (?:shipping|delivery|orders)|(?:ship|deliver)s?(?: \w+){0,2} (?:worldwide"
        r"|internationally|abroad|overseas|anywhere|globally)",
        r"全球(?:配送|发货|包邮)|海外(?:直邮|配送)|国际(?:配送|快递)|港澳台(?:包邮|配送)",
    ),
    "discount": _both(
        r"discount(?:s|ed)?|coupons?|promo(?:tion)?(?:al)? ?(?:codes?)?|vouchers?|on sale|clearance|flash sale"
        r"|black friday|special offers?|limited[- ]time|"
        r"half[- ](?:price|off)|(?:two|three|\d) for (?:the price of )?(?:one|two|\d)\b|(?:a|one|two) (?:third"
        r"|quarter|half|fifth|tenth)s? (?:off|less|cheaper|comes off)|"
        r"(?:third|quarter|half|fifth|tenth)s? (?:of|off) (?:the|its) (?:usual |list |normal )?price"
        r"|\d+ ?% (?:off|less|cheaper)|off (?:your|the) (?:first|next|order|price)|rebate"
        r"|cash ?back|mark(?:ed)? ?down|reduced|price drop\w*|"
        r"(?:today|this week(?:end)?|now) only|(?:use|enter|apply) (?:the )?(?:code|coupon)|deals? of the"
        r"|bundle (?:deal|price)|bargain price",
        r"优惠|折扣|打折|[一二三四五六七八九\d点.]+折(?!叠)|满减|立减|直降|降价|特价|秒杀|促销|促销价|返现|返利"
        r"|红包|代金券|抵扣|限时|清仓|会员价|半价|活动价|大促|立省|补贴|折上折"
        r"|[少减降](?:付|收|花|您|你)?(?:[一二两三四五六七八九\d]+成|[一二三四五六七八九十]分之)"
        r"|便宜[一二两三四五六七八九\d]+成|抹(?:掉|个)?零|一(?:件|份|个)的(?:钱|价)",
    ),
    "loyalty": _both(
        r"loyalty|reward points?|earn points|bonus points|membership|vip|(?:student|military|senior) discount"
        r"|members?[' ]+price|(?:students?|seniors?|veterans?|teachers?|members?|new customers?"
        r"|first[- ]time (?:buyers?|customers?)) (?:get|save|receive|enjoy|pay)|refer a friend",
        r"积分|会员|VIP|vip|学生(?:优惠|价)|老客户|新人(?:礼|价|专享)|拉新",
    ),
    "trade-in": _both(r"trade[- ]?in|buy ?back|recycl\w+ your old", r"以旧换新|旧机回收|回收旧|国补|国家补贴"),
    "installation": _both(
        r"(?:we|technician|they)(?: will| can)? install|installation (?:service|included)"
        r"|white[- ]glove", r"上门(?:安装|服务|维修|测量)|包安装|送装"
    ),
    "pickup": _both(
        r"(?:in[- ]store|store|curbside|local) pick[- ]?up|pick (?:it|them) up (?:in|at)|click and collect"
        r"|showroom|our (?:store|shop|warehouse) in",
        r"到店(?:自提|取)|自提|门店|线下(?:店|体验)",
    ),
    "certified": _both(
        r"(?:fda|ce|ul|iso|fcc|gots|oeko-tex|fsc|rohs|energy star)[- ](?:certified|approved|listed|compliant)"
        r"|certified organic|patented|award[- ]winning|"
        r"(?:doctor|dermatologist|clinically|lab)[- ](?:recommended|tested|proven|approved)"
        r"|authori[sz]ed (?:dealer|reseller|retailer)|genuine|authentic",
        r"正品(?:保[证障])?|官方(?:授权|正品)|原装正品|专利|获奖|认证|质检|医用级|食品级|假一赔",
    ),
    "preorder": _both(
        r"pre-?orders?|back[- ]?orders?|restock\w*|back in stock|coming soon|new stock|will be available"
        r"|ships? (?:in|on|by|from) (?!order)",
        r"预售|预订|补货|到货(?:通知)?|即将(?:上架|到货)|预计.{0,6}(?:到货|补货|发货)",
    ),
    "tax": _both(r"tax[- ]free|duty[- ]free|no (?:sales )?tax|tax included|vat (?:included|free)",
        r"免税|包税|含税|退税"),
    "invoice": _both(r"invoices?|receipts?", r"发票|专票|电子票"),
    "gift": _both(r"gift[- ]?(?:wrap\w*|box\w*|cards?|vouchers?|certificates?)", r"礼品(?:包装|卡)|礼盒|贺卡|E卡"),
    "cancel": _both(
        r"cancel(?:led|lation|s|ling)?(?! ?(?:noise|ling noise))(?<!noise-cancel)", r"取消(?:订单)?|撤单"
    ),
    "data": _both(
        r"(?:we|never|don't|do not) (?:never )?(?:share|sell|store) your (?:data|details|information)|encrypted|gdpr",
        r"不会?(?:泄露|出售|分享)您的|加密(?:存储|传输)",
    ),
}  # fmt: skip

# What backs a promise need not be worded like it: "Delivery: … or free from $65" backs "free delivery from $65".
_DELIVERY = (
    r"(?:shipping|delivery|deliver\w*|ship|ships|shipped|postage|parcel|freight|运费|配送|邮费|快递|送货|发货|邮)"
)
_FREE = r"(?:\bfree\b|no (?:extra )?(?:cost|charge)|complimentary|免费|包邮|免运?邮?费|不收|免)"
SUPPORTS: dict[str, re.Pattern[str]] = {
    "free shipping": re.compile(rf"(?is){_DELIVERY}.*{_FREE}|{_FREE}.*{_DELIVERY}"),
    "free returns": re.compile(
        rf"(?is)(?:return|exchange|label|退|换|上门取).*{_FREE}|{_FREE}.*(?:return|exchange|label|退|换|上门取)"
    ),
    "free extras": re.compile(rf"(?is){_FREE}|included|comes with|赠"),
    "lifetime": re.compile(r"(?i)lifetime|for life|as long as you own|终身|永久"),
    "warranty": re.compile(r"(?i)warrant|guarantee|repair|质保|保修|保固|包换|三包|联保|维修"),
    "money back": re.compile(r"(?i)refund|money back|reimburs|store credit|退款|退钱|退回|原路"),
    "returns": re.compile(r"(?i)return|send .{0,12}back|exchange|swap|come back|退|换"),
    "price match": re.compile(r"(?i)price.?(?:match|protect|adjust)|lower price|difference|价保|保价|差价|降价|买贵"),
    "installments": re.compile(r"(?i)instal|interest|split|financ|分期|免息|花呗|白条"),
    "payment on delivery": re.compile(r"(?i)on delivery|cod\b|cash|pay later|到付|货到|先用后付"),
    "same-day delivery": re.compile(r"(?i)same.day|today|within the hour|当日|当天|今天|小时达|闪送|即日"),
    "next-day delivery": re.compile(r"(?i)next.{0,10}day|overnight|tomorrow|次日|隔日|明天|第二天|隔天"),
    "delivery date": re.compile(
        r"(?i)(?:mon|tues|wednes|thurs|fri|satur|sun)day|weeks?\b|周[一二三四五六日末]|下周|本周"
    ),
    "express delivery": re.compile(r"(?i)express|expedit|priority|加急|顺丰|特快|极速"),
    "international": re.compile(
        r"(?i)international|abroad|outside|overseas|countr|worldwide|canada|europe|海外|国际|全球|港澳台|国外|境外"
    ),
    "discount": re.compile(
        r"(?i)discount|coupon|promo|code|voucher|\boff\b|sale|offer|reduced|优惠|折|券|满减|促销|活动|补贴|立减|降"
    ),
    "loyalty": re.compile(r"(?i)loyal|points?\b|member|student|military|refer|积分|会员|学生|新人|VIP"),
    "installation": re.compile(r"(?i)install(?!ment)|assembl|set.?up|fitting|安装|上门|组装"),
    "pickup": re.compile(r"(?i)pick.?up|collect|in the shop|in.store|our shop|store|自提|门店|到店|线下|实体"),
    "preorder": re.compile(r"(?i)pre-?order|back.?order|restock|back in stock|coming soon|到货|补货|预售|预订"),
    "cancel": re.compile(r"(?i)cancel|取消|撤"),
    "invoice": re.compile(r"(?i)invoice|receipt|发票|专票"),
    "gift": re.compile(r"(?i)gift|礼"),
    "tax": re.compile(r"(?i)\btax|dut(?:y|ies)|vat|税"),
    "no questions": re.compile(r"(?i)no.questions|any reason|without giving|无理由|任何理由|不问"),
}

IN_STOCK = _both(
    r"(?:is|are|it's|they're|both|still|currently|now|ready|back)?\s?in[- ]stock|(?:is|are|it's|currently"
    r"|still|readily|immediately) available"
    r"(?! (?:in|as|with|for|from|at|on|only in|colou?rs|sizes|options))|available (?:now|today|immediately"
    r"|right away|straight away)|ready to ship|on hand|plenty (?:left|of stock|in stock)",
    r"有(?:现)?货|现货|库存充足|货源充足|有库存|在库|可(?:立即|马上)(?:下单|发货)|尚有库存|还有货",
)
OUT_OF_STOCK = _both(
    r"(?:out[- ]of[- ]stock|sold[- ]out|unavailable|not (?:currently )?(?:available|in stock)"
    r"|no longer available|none left|n't in stock|n't available|not in stock)",
    r"缺货|无货|没(?:有)?(?:现)?货|售罄|断货|卖(?:完|光)|无库存|没有库存|暂无库存|下架|不在库",
)
SCARCE = _both(
    r"(?:selling|going|running) (?:out )?(?:fast|quickly)|almost (?:gone|sold out)|last (?:one|few|chance"
    r"|pieces?|units?|pair)|(?:few|one|a couple|a handful) left|"
    r"limited (?:stock|supply|quantit\w+|edition)|hurry|low (?:in|on) stock|(?:running|stock is) low"
    r"|while (?:supplies|stocks?) last|in high demand",
    r"所剩不多|最后(?:一|几|\d+)(?:件|台|个|双|款)|库存(?:紧张|不多|有限)|抢(?:完|光|购)|手慢无|数量有限|限量"
    r"|欲购从速|热卖中|即将售罄|仅剩(?!\d)|快(?:没|卖完)",
)
POPULAR = _both(
    r"best[- ]?sell(?:er|ers|ing)|most (?:popular|loved|sold|recommended|trusted)|number[- ]one|no\. ?1|#1"
    r"|top[- ](?:seller|selling|rated)|customer favou?rite|"
    r"fan favou?rite|everyone'?s favou?rite|award|world'?s (?:\w+ )?(?:best|first|only|lightest|leading)"
    r"|market[- ]leading|industry[- ]leading|unbeatable|"
    r"the best (?:in the|on the|you can|ever|tent|one (?:we|on))|our best(?![- ]rated|-| match| option)"
    r"|trending|viral|thousands? of (?:happy|satisfied)|(?:customers?|people|buyers?|everyone) (?:love|loves"
    r"|rave|swear)",
    r"最(?:受欢迎|畅销|热销|热卖|火|好卖|走心|权威)|销量(?:第一|冠军|最高|王)|销冠|爆款|网红|热销|畅销|第一品牌"
    r"|(?:全网|全国|全球|行业)(?:第一|最|领先)|史上|顶级|独家"
    r"|(?:个个|人人|谁)都(?:满意|喜欢|说好|夸|爱)|没有人不|世界(?:第一|领先)|口碑(?:第一|最好)|好评如潮"
    r"|人气(?:最高|第一)|获奖|排名第",
)  # fmt: skip
EXTREMES: dict[str, re.Pattern[str]] = {
    "price_asc": _both(
        r"cheapest|(?:the|is|are) (?:cheaper|less expensive|more affordable)(?: (?:one|option|choice|of)|$"
        r"|[.,])|lowest[- ]priced?|least expensive|most affordable|lowest price|lowest cost|(?:best"
        r"|most) (?:budget|economical)",
        r"最(?:便宜|低价|实惠|划算|省钱)|价格最低|(?:价格|售价)最便宜",
    ),
    "price_desc": _both(
        r"most expensive|(?:the|is|are) (?:dearer|more expensive|pricier)(?: (?:one|option|choice|of)|$|[.,])"
        r"|priciest|dearest|highest[- ]priced?|most costly",
        r"最(?:贵|高价)|价格最高|(?:价格|售价)最贵",
    ),
    "rating": _both(
        r"best[- ]rated|highest[- ]rated|top[- ]rated|best reviewed|highest rating",
        r"评分最高|评价最(?:好|高)|口碑最好",
    ),
    "newest": _both(r"newest|latest|most recent", r"最新(?:款|上架|到货|发布|的)"),
}
# A comparison within what the reply shows ("the cheaper of the two") needs no look at the whole catalogue.
AMONG = _both(
    r"(?:of|among|between|from) (?:these|those|the (?:two|three|four|five|results|options|ones|list)|them"
    r"|what)|here is|in this list|of the \w+ I",
    r"这[几两三四些]|其中|当中|两者|二者|以上|上面|推荐的|列出",
)
ONLY = _both(r"the only (?:\w+ ){0,3}(?:we|that|which|with|in|one|tent|product)", r"唯一")

ORDER = _both(
    r"(?:your|the|this|my) (?:\w+ )?(?:order|package|parcel|shipment|delivery)|order (?:number |no\.? ?|id "
    r"|#)\S*\d|tracking (?:number|code|id|no)|orders? #",
    r"(?:您|你|我|该|此)的?(?:订单|快递|物流)|包裹|订单(?:号|编号|状态)|快递单号|运单号|物流(?:单号|信息)"
    r"|收货地址|[^您你我的该此本]{1,4}的订单",
)
ORDER_STATES: dict[str, tuple[re.Pattern[str], re.Pattern[str]]] = {
    "delivered": (
        _both(r"(?:was|been|is|were|already|got|has) (?:already |now )?delivered|has arrived"
              r"|was received", r"已(?:经)?(?:签收|送达|收货|妥投)"),
        re.compile(r"(?i)delivered|received|completed|签收|送达|完成|妥投"),
    ),
    "shipped": (
        _both(
            r"(?:has |have )?(?:already |just )?(?:been )?(?:shipped|dispatched)|on its way|on the way"
            r"|in transit|out for delivery|left (?:our|the) warehouse",
            r"已(?:经)?(?:发货|寄出|出库|揽收)|运输[中途]|派送中|配送中|在路上|正在派送",
        ),
        re.compile(r"(?i)ship|sent|dispatch|transit|out for delivery|deliver|label|picked up|accept|arriv|发货"
                   r"|运输|派送|签收|寄出|出库|揽"),
    ),
    "cancelled": (_both(r"(?:was|been|is|now|has been) cancell?ed|I(?:'ve"
                        r"| have)? cancell?ed", r"已(?:经)?(?:为您)?取消"), re.compile(r"(?i)cancel|取消")),
    "refunded": (
        _both(r"(?:was|been|is|will be|now|has been|you) refunded|refund (?:was|has been|is) \w+|I(?:'ve"
              r"| have) (?:refunded|issued)", r"已(?:经)?(?:为您)?(?:退款|退回)|退款(?:已|成功|到账)"),
        re.compile(r"(?i)refund|退款"),
    ),
    "processing": (
        _both(r"(?:is|being|still) (?:being )?(?:processed|prepared|packed)|in processing"
              r"|is pending", r"(?:正在)?(?:处理中|备货中|打包中)|待(?:发货|处理|付款)"),
        re.compile(r"(?i)pend|process|prepar|pack|paid|处理|备货|打包|待"),
    ),
}  # fmt: skip
# The assistant acts on nothing (design rule 3): it never says that it did or will.
ACTED = _both(
    r"I(?:'ve| have|'ll| will)(?: just| now| already| go ahead and)? (?:placed|place|cancell?ed|cancel"
    r"|refunded|refund|changed|change (?:your|the)|updated?|upgrade\w*|applied|apply|added|add (?:it|them"
    r"|this) to|charged?|booked|reserved?|shipped|issued?|processed|extended|sent you|waived?)",
    r"(?:我|已经?)(?:已经?)?(?:为您|帮您|给您)(?:下单|取消|退款|修改|办理|预留|加入购物车|申请|改好|升级|减免"
    r"|发货|安排)|已(?:加入购物车|预留)",
)
PROMISED = re.compile(
    r"(?i:I (?:promise|guarantee|assure you|swear)|we (?:promise|assure you)|100 ?% (?:guaranteed|satisf\w+"
    r"|safe|secure)|risk[- ]free|trust me)|保证(?:您|你|让|质量|正品|满意)|绝对|百分百|放心购"
)

NEGATION = re.compile(
    r"(?i:\b(?:no|not|never|none|neither|nor|without|cannot|unfortunately|except|excluded?|unable)\b|n['’]t\b)"
    r"|不(?!错|仅|过|但|锈)|没有?|无(?!理由|线|忧|绳|叶|级|极)|未|暂缺|非(?!常)|勿|免谈|除外"
)
# Saying that the shop's data is silent claims nothing.
DECLINED = re.compile(
    r"(?i:(?:can(?:no|')?t|could(?:n't| not)|unable to|don'?t|do not|doesn'?t|does not"
    r"|didn'?t) (?:\w+ )?(?:find|see|have (?:any )?(?:information|details|data|an answer|records?)|know|say"
    r"|tell|state|confirm|mention|give|list|specify)"
    r"|no (?:information|details|data|mention|answer|price|ratings?)|not (?:stated|listed|mentioned|specified"
    r"|given|sure|say)|rather not guess|isn'?t (?:stated|listed|mentioned)|gives no)"
    r"|(?:没有|未|暂无|缺少|找不到|查不到|没找到|查询不到).{0,14}(?:信息|说明|资料|提到|提及|记录|数据|注明"
    r"|标明|写明|答案|内容)|(?:未|没有?)(?:提及|提到|注明|标明"
    r"|说明|写明|找到)|不清楚|无法确认|不确定|不便猜测|信息缺失|不能确定|没有写|没写"
)
OFFER = re.compile(
    r"(?i:would you like|do you want|shall I|should I|can I (?:help|show)|are you (?:looking|thinking)|which"
    r"|what|who|how|tell me|let me know|happy to|ask me|matter most|if you (?:tell|like|can))|要不要|需要(?:我|了解)"
    r"|您(?:想|要|希望|更|是|预算|可以)|想了解|吗[？?]?$|呢[？?]?$|告诉我|哪"
)
UNIVERSAL = re.compile(
    r"(?i:\b(?:all|every|any|each|always|no minimum|regardless|everything|anything|whatever|no matter|even)\b)"
    r"|不管|无论|所有|全部|任何|全场|一律"
    r"|都(?:是)?(?:包邮|免)|不限"
)
BOUND = re.compile(
    r"(?i:(?:under|below|less than|up to|within|over|above|at least|at most|more than|no more than"
    r"|max(?:imum)?|min(?:imum)?|budget(?: is| of)?|limit(?: of| is)?|between|below|beneath|exactly your|range"
    r"|around|about|roughly|cap of|spend|from|than)"
    r"[\s:]*(?:your |the |a |of )*[\s:]*)$"
    r"|(?:不超过|低于|高于|不高于|不低于|预算|至少|最多|超过|大于|小于|少于|多于|介于|在|约|大约|大概|您)\s*$"
)
BOUND_AFTER = re.compile(
    r"(?i:\s*(?:or (?:less|more|under|below|above|over|better)|and (?:under|up|over|above)|budget|limit|\+"
    r"|plus))|\s*(?:以内|以下|以上|之内|内|及以上|起|左右|之间|的预算|上下|多)"
)
UPPER = re.compile(
    r"(?i:under|below|less than|up to|within|at most|no more|max|budget|limit|cap)"
    r"|不超过|低于|不高于|最多|小于|少于|预算"
)
UPPER_AFTER = re.compile(r"(?i:\s*or (?:less|under|below))|\s*(?:以内|以下|之内|内)")
LOWER = re.compile(r"(?i:over|above|more than|at least|min)|高于|至少|超过|大于|多于|不低于")
LOWER_AFTER = re.compile(r"(?i:\s*(?:or (?:more|above|over|better)|and (?:up|over|above)|\+))|\s*(?:以上|及以上)")

LIST_PRICE = re.compile(
    r"(?i:\bwas\b|used to (?:be|cost)|list(?:ed)? price|originally|original price|regular(?:ly| price)|rrp|msrp"
    r"|instead of"
    r"|down from|reduced from|lists? at|before|usual(?:ly)?|previously|full price|~~|compared (?:to|with))|原价"
    r"|划线价|市场价"
    r"|吊牌价|之前|平时|日常价|建议零售价|指导价"
)
ADVERTISED = re.compile(r"(?i)\boff\b|discount|save|补贴|立减|直降|优惠|折|抵扣")
LIST_AFTER = re.compile(
    r"(?i)\s*(?:~~|\(?(?:list price|rrp|msrp|originally|before the)\b)|\s*(?:~~|（?原价|降[到至成])"
)
SAVING = re.compile(
    r"(?i:sav(?:e|es|ing|ings)(?: you)?|cheaper|less than|less\b|more (?:than|expensive)|dearer|difference"
    r"|off\b|discount|under your|below your|apart|extra|over your|above your|costs? (?:less|more))|省|便宜|优惠|立减"
    r"|差价|相差|差|贵|降|低于预算|多花|少花|高出"
)
FEE = re.compile(
    r"(?i:shipping|delivery|postage|freight|handling|fee|returns?|restocking|deposit|gift card|ship|deliver"
    r"|express|overnight|charge|orders? (?:over|above|of|under|between)|threshold|surcharge|duties|minimum"
    r"|label)|运费|邮费|配送|费用|手续费|押金|满|上门费|安装费|服务费|退货|运输|邮|快递|礼品卡|E卡"
)
FROM_PRICE = re.compile(
    r"(?i:from|start(?:s|ing)?(?: at| from)?|as low as|beginning at|lowest|cheapest|most affordable"
    r"|least expensive|upwards?)|起|最低|低至|至少"
)
RISING = re.compile(r"(?i:up to|to\b|highest|most expensive|goes? up)|最高|到|至")
PRICE_BEFORE = re.compile(
    r"(?i:(?:cost(?:s|ing)?|pric(?:e|ed|es)|sells? (?:for|at)|yours for|going for|(?:only|just|for)|pay"
    r"|retails?(?: at| for)?|priced at|comes (?:in )?at|runs)\s*(?:is|are|at|of|for|:|only|just|you|about"
    r"|around|currently|now)*\s*)$"
    r"|(?:售价|价格|定价|单价|只要|仅需|卖|仅|特价|到手价|现价|只需|价位)(?:是|为|在|：|:|约|仅|只要)?\s*$"
)
STOCK_COUNT_AFTER = re.compile(
    r"(?i:\s*(?:\w+ ){0,2}(?:left|remaining|remain|in (?:our )?(?:stock|inventory|the warehouse)|on hand"
    r"|available(?! (?:in|colou?rs|sizes))))|\s*(?:件|台|个|双|条|套|只|瓶|盒|款)?\s*(?:库存|现货|有货|可售|在库)"
)
STOCK_COUNT_BEFORE = re.compile(
    r"(?i:(?:stock|inventory)(?: level| count)?(?: is| of|:)?\s*|only |just )$|(?:库存|仅剩|只剩|还剩|剩余|剩下|剩|余"
    r"|存货)(?:还)?(?:有|为|：|:|约|是|只有)?\s*$|还有\s*$"
)
REVIEWS_AFTER = re.compile(
    r"(?i:\s*(?:\w+[ -]){0,2}(?:reviews?|ratings|reviewers?|customers?|shoppers?|buyers?|votes?|opinions?"
    r"|people rated))"
    r"|\s*(?:条|个|位|人|名|次)?(?:的)?(?:用户|买家|顾客|真实)?(?:评价|评论|点评|评分|好评|打分|买家|顾客|用户)"
)
REVIEWS_BEFORE = re.compile(
    r"(?i:(?<![a-z])(?:reviews?|ratings|reviewed by|rated by)(?: \w+)?[ (:]*)$"
    r"|(?:评价|评论|点评)(?:数|共)?[：:（(]?\s*$"
)
DISCOUNT_NEAR = re.compile(
    r"(?i:\boff\b|discount|sav(?:e|ing)|cheaper|less\b|reduc|markdown|sale|knocked|coupon|code|deal)|优惠|折|降"
    r"|减|省|便宜|促销|券"
)
SCOPE_ALL = re.compile(
    r"(?i:\b(?:we|I|shop|store)(?:'ve| have| has|'d)? (?:currently |also |now |just )?(?:have|has|found|carry"
    r"|sell|stock|offer|got|find)\b|there (?:are|is)|here (?:are|is)|in (?:total|all)|altogether|runs? from"
    r"|range(?:s|d)? from|among them|they are|you have|matches?)|共有?|找到|为您|本店|一共|我们有|店里|目前有|其中"
)
PRONOUN_PRICE = re.compile(
    r"(?i:\b(?:it|this|that|they|these|those|one|both|each)\b(?!'s (?:free|possible)).{0,40}(?:cost|pric|sell"
    r"|\$|€|£|¥))|(?:它|这款|该|此|这个|那款|两款|都).{0,12}(?:售|价|卖|要|元|块)"
)
RESPECTIVELY = re.compile(r"(?i:respectively)|分别")
