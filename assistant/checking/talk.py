"""The words with which a clerk talks about any product of any shop, and which by themselves claim nothing of it.

In: nothing. Out: English stems, and a pattern of Chinese phrases. They name no service, no term and no property that a
shop could promise: delivery, returns, payment, warranty, time, place, money off and people are left out on purpose.
"""

from __future__ import annotations

import re

from assistant.checking.grounds import stems_in
from knowledge_base.text import stem

_ENGLISH = """
able about above according across actually add added additional address adds adult adults afford affordable after
afterwards again against all allow allows almost along already also alternative alternatives although always among
amount and another answer answers any anyone anything anyway apart appear appears approximately are around ask asked
asking assistant attribute attributes availability available average aware back bad based because been before begin
beginner beginners being below best better between big bigger bit both bottom box brand brands brief briefly bring
brings browse budget but buy buyer buyers buying called came can capacity carries carry carrying case catalog
catalogue category certainly cheap cheaper cheapest check checking checks child children choice choices choose chosen
clear clearly close colleague collection color colors colour colours come comes coming compare compared compares
comparison confirm consider considerably contain contains correct cost costing costs could count cover criteria
current currently customer customers daily data day decent decide decision definitely depend depending depends depth
describe described describes description detail details did difference different digital dimension dimensions does
doing done down during each earlier easy eight either else email empty end enough especially even ever everyday
everyone everything exact exactly example excellent expensive extra fairly fall family far favor favorite favour
feature features feel feels few figure figures find finds fine first fit fits fitting five for former formerly found
four free from front full generally get gets getting give given gives glad go goes going good good-looking got great
had half handy happy has have having heavier heavy height hello help helpful helps her here high higher his hold
holding holds home honest honestly hope hopes house how however hurry idea ideal ideas include included includes
including info information inside instance instead interest interested into item items its just keep keeps kept key
kids kind kinds know knows large larger last lasts later latter least leave left length less let lets level light
lighter like likely likes line list listed listing lists little long longer look looked looking looks lot love lovely
low lower made mail main mainly make maker makers makes making many match matches matching material matter matters may
maybe mean means measure measures meet meets mention mentioned might mind minus model models moment more most much
must name named names near nearly need needs neither never new newer news next nice nine nor normally not note noted
nothing now number numbers off offer offered offers often okay old older once one ones only onto open opinion option
options order ordered orders original originally other otherwise our ours out outside over overall own pack packed
packs pair pairing pairs part particularly people per perfect perhaps person phone pick picks piece pieces please plus
point possible possibly power practical prefer preference preferences prefers present previously price priced prices
pricing probably product products provide provided provides purpose purposes put puts question questions quick quickly
quite range ranges rate rated rates rather rating ratings reach really recent recommend recommendation recommends
record records reduced regarding regards regular regularly remember requirement requirements respectively result
results review reviewed reviewer reviewers reviews right roughly run running runs rush said same save saved saves
saving say says score scores seat seats second see seem seems seen sees selection sell selling sells sensible separate
separately series set sets seven several shall she shop shopper shoppers short shorter should show shown shows side
similar simple simply since sit sits situation situations six size sizes sleep sleeps slightly small smaller sold
solid some someone something sometimes somewhat soon sorry sort spec specification specifications specified specify
specs spend spending stand stands star stars start starting starts state stated states stay stays still stock stocked
store style such suggest suggestion suggests suit suitable suits sure take taken takes tell tells ten terms than thank
thanks that the their them then there therefore these they thick thin thing things think thinks third this those
though three through time times today together too top top-rated total toward tried tries trip trips true try trying
turn turns twice two type types typically unavailable under unfortunately unit units unless until upon use used useful
user uses using usual usually value values variant variants version versions very volume want wants was way ways weigh
weighs weight welcome well were what whatever when where whereas wherever whether which whichever while who whoever
whom whose why wide width will wise with within without work works worth would wrong yes yet you your yours
"""

# Longer ones first, so that none is cut by a shorter one.
_CHINESE = """
您好 你好 好的 可以 不可以 我们 咱们 本店 店里 小店 您 你 我 它 他们 这款 那款 该款 这一款 这个 那个 这些 那些
这几款 两款 几款 一款 三款 第一 第二 第三 一个 两个 几个 一些 有些 部分 全部 其中 其他 其它 另外 另一 还有 以及
并且 而且 但是 不过 然而 因为 所以 因此 如果 要是 的话 虽然 或者 还是 和 与 及 或 跟 同 的 地 得 了 着 过 是
不是 就是 也是 都是 在 正在 有 没有 没 无 不 未 也 都 就 才 只 还 又 再 很 非常 比较 更 更加 最 太 挺 蛮 十分
相当 特别 尤其 一般 通常 大概 大约 左右 差不多 几乎 可能 也许 应该 需要 想要 希望 打算 想 要 会 能 能够 可 让
把 被 给 对 对于 关于 从 到 至 为 以 用 按 按照 根据 由 向 往 比 比起 相比 跟随 前 后 之前 之后 以前 以后 目前
现在 当前 如今 今天 平时 日常 每天 时候 时 推荐 建议 介绍 选择 挑选 考虑 看看 看 看到 找到 找 为您 帮您 给您
告诉 了解 知道 对比 比一比 区别 不同 一样 相同 类似 相似 差别 各有 各 适合 合适 符合 满足 要求 条件 需求 预算
喜欢 在意 更看重 看重 放心 方便 实用 好用 不错 挺好 很好 好 优秀 满意 理想 完美 值得 性价比 划算 商品 产品 款
款式 型号 版本 规格 系列 品牌 牌子 厂家 出品 出自 名字 名称 叫 叫做 分类 类型 种类 种 件 个 台 双 条 套 瓶 盒
包 支 张 份 价格 价钱 售价 定价 标价 原价 现价 单价 价位 卖 售 元 块 钱 便宜 贵 省 降 低 高 降到 起 起步 最低
最高 买 购买 入手 下单 花 需 只要 只需 仅 评分 评价 评论 打分 打 分 星 平均 买家 买过 买过的人 顾客 用户 大家
人 口碑 满分 好评 库存 现货 有货 缺货 无货 没货 卖完 卖光 售罄 在售 有的 还有货 剩 还剩 剩余 可选 可以选 选
颜色 尺码 尺寸 大小 材质 重量 重 容量 长度 宽度 高度 厚度 长 宽 厚 参数 功率 功能 特点 属性 信息 资料 数据 说明
描述 标注 标明 写 写明 写着 注明 列出 显示 数字 共 一共 总共 共有 符合的 带 含 包含 包括 配 采用 使用 用于 具有
具备 支持 属于 来自 来 去 上 下 里 中 内 外 间 之间 之一 方面 来说 来看 说 讲 问 回答 问题 一点 一下 点 些 多
少 多少 大 小 轻 短 新 旧 全 单 先 然后 最后 首先 其次 总之 综合 整体 总体 确实 其实 当然 直接 分别 各自 都有
均 约 超过 不到 不超过 低于 高于 至少 最多 以上 以下 以内 之内 区间 范围 每 每个 任何 什么 哪 哪款 哪个 怎么
怎样 如何 为什么 吗 呢 吧 啊 哦 呀 嗯 请 请问 谢谢 感谢 抱歉 不好意思 很抱歉 欢迎 帮 帮忙 帮助 有帮助 继续
告诉我 随时 一起 可以再 需要的话 如需 如果您 要不要 是否 想了解 更多 其余 本 该 此 这 那 者 两者 二者 人群 家庭
家里 家用 孩子 大人 新手 场合 情况 用途 场景 日常使用 选购 挑 款的 不等 等 暂时 货 满 方 暂 型 版 码 色 式 度
率 性 品 物 样 般 号
"""
ENGLISH = frozenset(stem(word) for word in _ENGLISH.split())
CHINESE = re.compile(
    "|".join(re.escape(phrase) for phrase in sorted(set(_CHINESE.split()), key=lambda phrase: (-len(phrase), phrase)))
)

# Words of one matter: a passage that has one of the first speaks of all the others, in whatever words. What it says of
# the matter is for the checks of promises and figures.
MATTERS = tuple(
    (stems_in(named), stems_in(spoken) | stems_in(named))
    for named, spoken in (
        (
            "shipping delivery postage 运费 邮费 快递 配送 包邮 发货 物流",
            "ship ships shipped deliver delivered pay parcel package freight carrier arrive arrives expect sent send "
            "免邮 免运费 免运 送达 送到 寄出 寄到 到货 派送 能到 不到",
        ),
        (
            "return returns refund refunds exchange 退货 退款 换货 退换",
            "returned back bring unused worn accepted money 可退 能退 退回 退到 不能退 就可以退 无理由",
        ),
        (
            "warranty guarantee 质保 保修 保固",
            "covered cover covers coverage repair repaired faults defects protected behind 维修 包换 保换",
        ),
        (
            "payment installments checkout 付款 支付 分期 免息",
            "pay paid payments split interest-free interest charge charged card cards wallet "
            "利息 没有利息 无息 手续费 分三 三期 免息分",
        ),
        ("membership points 会员 积分", "member members club join 积1 注册 抵扣 抵1"),
        ("gift 礼品卡", "card cards expire expiry valid 有效 有效期 过期 提现"),
        ("price difference 价保 差价", "match matched lower drop 降价 退差"),
    )
)
ORDERS = stems_in(
    "order orders placed way transit status tracking number carrier shipped delivered parcel package with track "
    "january february march april may june july august september october november december "
    "订单 目前 状态 承运 物流 运单 单号 签收 下单 已发货 已签收 已送达 运输中 派送中 待发货 已取消 已退款"
)
