"""A fourth set of formats and sentences, as `planted_third`."""

from __future__ import annotations

import random

from benchmarks.planted import (
    Format,
    by,
    card,
    chinese_id,
    cn_mobile,
    digits,
    grouped,
    iban,
    landline,
    mail,
    number,
    plain,
    us_phone,
    wide,
)
from benchmarks.planted_third import ssn, written


def bulleted(r: random.Random, value: str) -> str:
    return f"• {value}"


FOURTH: dict[str, list[Format]] = {
    "email": [
        ("bold", "en", mail("**{l}@{d}**")), ("backticks", "en", mail("`{l}@{d}`")), ("comma after", "en", mail("{l}@{d},")), ("brackets round", "en", mail("({l}@{d})")),
        ("at words small", "en", mail("{l} at {n} dot {tt}")), ("<at>", "en", mail("{l}<at>{d}")), ("underscored at", "en", mail("{l} (AT) {d}")), ("name before", "en", mail("Anna Berg <{l}@{d}>")),
        ("two spaces", "en", mail("{l}  @  {d}")), ("colon zh", "zh", mail("：{l}@{d}，")), ("quotes zh", "zh", mail("「{l}@{d}」")), ("@ wide only", "zh", mail("{l}﹫{d}")), ("dot wide", "zh", mail("{l}@{n}．{t}")),
        ("艾特 dot", "zh", mail("{l} 艾特 {d}")), ("joined", "zh", lambda r: (lambda v: (v[0].replace("@", "\u2060@\u2060"), v[1]))(mail("{l}@{d}")(r))),
    ],
    "mobile": [
        ("+86-", "zh", number(cn_mobile, lambda r, v: f"+86-{v}")), ("0086 spaced", "zh", number(cn_mobile, by((3, 4, 4), " ", "0086 "))), ("（86）", "zh", number(cn_mobile, lambda r, v: f"（86）{v}")), ("5-6", "zh", number(cn_mobile, by((5, 6), " "))),
        ("middle dots", "zh", number(cn_mobile, by((3, 4, 4), "·"))), ("wide dashes", "zh", number(cn_mobile, by((3, 4, 4), "－"))), ("bom", "zh", number(cn_mobile, by((3, 4, 4), "\ufeff"))), ("quotes", "zh", number(cn_mobile, lambda r, v: f"“{v}”")),
        ("circled", "zh", number(cn_mobile, lambda r, v: v.translate(str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")))), ("name in front", "zh", number(cn_mobile, lambda r, v: f"李雷{v}")), ("bold digits", "en", number(cn_mobile, lambda r, v: "".join(chr(0x1D7CE + int(c)) for c in v))),
    ],
    "phone": [
        ("bullet", "en", number(us_phone, lambda r, v: bulleted(r, grouped(v, (3, 3, 4), "-")))), ("us comma", "en", number(us_phone, lambda r, v: f"{v[:3]}-{v[3:6]}-{v[6:]},")), ("+1 dots", "en", number(us_phone, by((3, 3, 4), ".", "+1."))), ("+1 bare", "en", number(us_phone, lambda r, v: f"+1{v}")),
        ("brackets spaces", "en", number(us_phone, lambda r, v: f"( {v[:3]} ) {v[3:6]} {v[6:]}")), ("wide", "en", number(us_phone, lambda r, v: wide(grouped(v, (3, 3, 4), "-")))), ("slash ext", "en", number(us_phone, lambda r, v: f"{v[:3]}-{v[3:6]}-{v[6:]} ext 4411")),
        ("uk bare", "en", number(lambda r: "07" + digits(r, 9, "45789"), plain)), ("uk 0044", "en", number(lambda r: "7" + digits(r, 9, "45789"), by((4, 3, 3), " ", "0044 "))), ("uk leeds", "en", number(lambda r: "0113" + digits(r, 7), by((4, 3, 4), " "))), ("ie", "en", number(lambda r: "85" + digits(r, 7), by((2, 3, 4), " ", "+353 "))),
        ("de mobile", "en", number(lambda r: "0152" + digits(r, 8), by((4, 8), "-"))), ("de brackets", "en", number(lambda r: "089" + digits(r, 8), lambda r, v: f"({v[:3]}) {v[3:]}")), ("at", "en", number(lambda r: "664" + digits(r, 7), by((3, 7), " ", "+43 "))), ("es", "en", number(lambda r: digits(r, 9, "67"), by((3, 3, 3), " ", "+34 "))),
        ("nl", "en", number(lambda r: "06" + digits(r, 8), by((2,), "-"))), ("cn 3-4-4", "zh", number(landline("020"), by((3, 4, 4), "-"))), ("cn +86", "zh", number(landline("21"), by((2, 4, 4), " ", "+86 "))), ("cn brackets wide", "zh", number(landline("0591"), lambda r, v: f"（{v[:4]}）{v[4:]}")),
        ("mo", "zh", number(lambda r: digits(r, 8, "6"), by((4, 4), " ", "+853 "))),
    ],
    "card": [
        ("wide", "en", number(lambda r: card(r, "visa"), lambda r, v: wide(v))), ("brackets", "en", number(lambda r: card(r, "mastercard"), lambda r, v: f"({grouped(v, (4, 4, 4, 4), ' ')})")), ("underscores", "en", number(lambda r: card(r, "visa"), by((4, 4, 4, 4), "_"))), ("amex dots", "en", number(lambda r: card(r, "amex"), by((4, 6, 5), "."))),
        ("diners bare", "en", number(lambda r: card(r, "diners"), plain)), ("jcb dashes", "en", number(lambda r: card(r, "jcb"), by((4, 4, 4, 4), "-"))), ("expiry glued", "en", number(lambda r: card(r, "discover"), lambda r, v: f"{grouped(v, (4, 4, 4, 4), ' ')} 04/29 cvv 882")), ("tabs", "en", number(lambda r: card(r, "mastercard"), by((4, 4, 4, 4), "\t"))),
        ("5-5-5-4", "zh", number(lambda r: card(r, "unionpay19"), by((5, 5, 5, 4), " "))), ("16 bare", "zh", number(lambda r: card(r, "unionpay16"), plain)), ("wide dashes", "zh", number(lambda r: card(r, "unionpay16"), by((4, 4, 4, 4), "－"))), ("singles", "zh", number(lambda r: card(r, "unionpay16"), by((1,) * 16, " "))),
    ],
    "id": [
        ("cn dots", "zh", number(chinese_id, by((6, 8, 4), "."))), ("cn 17-1", "zh", number(chinese_id, by((17,), "-"))), ("cn fours", "zh", number(chinese_id, by((4, 4, 4, 4, 2), " "))), ("cn brackets", "zh", number(chinese_id, lambda r, v: f"（{v}）")), ("cn wide X", "zh", number(chinese_id, lambda r, v: v.replace("X", "Ｘ"))),
        ("ssn nb", "en", number(ssn, by((3, 2, 4), "\u2011"))), ("ssn label glued", "en", number(ssn, lambda r, v: f"SSN:{v}")), ("nino dashes", "en", number(lambda r: "CE" + digits(r, 6) + "A", by((2, 2, 2, 2), "-"))), ("us passport letter", "en", number(lambda r: r.choice("ABY") + digits(r, 8), plain)),
        ("driver", "en", number(lambda r: r.choice("SDW") + digits(r, 12), lambda r, v: f"driver's licence {v[:4]}-{v[4:8]}-{v[8:]}")), ("pass zh", "zh", number(lambda r: "G" + digits(r, 8), lambda r, v: f"护照号是{v}")), ("taiwan pass", "zh", number(lambda r: digits(r, 8), lambda r, v: f"台胞证{v}")), ("de tax", "en", number(lambda r: digits(r, 11), by((2, 3, 3, 3), " ", "Steuer-ID "))),
    ],
    "account": [
        ("brackets", "en", number(lambda r: iban(r, "GB"), lambda r, v: f"({grouped(v, [4] * 8, ' ').strip()})")), ("colon", "en", number(lambda r: iban(r, "ES"), lambda r, v: f"IBAN: {grouped(v, [4] * 8, ' ').strip()}, thanks")), ("lines", "en", number(lambda r: iban(r, "DE"), lambda r, v: f"{grouped(v[:12], [4] * 8, ' ').strip()}\n{grouped(v[12:], [4] * 8, ' ').strip()}")),
        ("routing", "en", number(lambda r: digits(r, 10), lambda r, v: f"routing 021000021 account number {v}")), ("wide", "zh", number(lambda r: iban(r, "NL"), lambda r, v: wide(v))), ("开户", "zh", number(lambda r: "6" + digits(r, 11), lambda r, v: f"开户行工行，账号{v}")),
    ],
    "address": [
        ("us", "en", written(
            ("{a} Cedar Ridge Trl, Unit {b}, Boise, Idaho 83702", ("{a} cedar", "83702")), ("{a} S Main St, Burlington VT", ("{a} s main",)), ("{a}½ Elm Street, Madison, WI 53703", ("elm", "53703")), ("P.O. Box {a}\nAustin TX 78701", ("box {a}", "78701")),
            ("c/o Miller, {a} County Road 12, Duluth, MN", ("{a} county",)), ("{a} 5th Avenue, Floor {b}, New York, New York 10003", ("{a} 5th", "10003")), ("{a} Pennsylvania Ave NW, Washington, DC 20500", ("{a} penn", "20500")), ("{a} broadway, san mateo ca 94401", ("{a} broadway", "94401")),
        )),
        ("uk", "en", written(
            ("{b} The Crescent, Leeds LS1 5DL", ("{b} the crescent",)), ("Flat {b}\n{a} Kings Court\nYork\nYO1 7HH", ("{a} kings", "yo1")), ("{a}a Old Kent Road, London SE1 5AG", ("old kent", "se1 5")), ("Unit {b}, Riverside Park, Bristol, BS8 1TH", ("riverside", "bs8")),
        )),
        ("de", "en", written(("Am Stadtpark {b}, 22303 Hamburg", ("stadtpark {b}", "22303")), ("Friedrich-Ebert-Allee {a}, Bonn", ("allee {a}",)), ("Gartenweg {b} b\nD-04109 Leipzig", ("gartenweg {b}", "04109")), ("Wiener Strasse {a}/3, 8020 Graz", ("strasse {a}",)))),
        ("ca au", "en", written(("{a} Queen St W, Toronto, ON M5V 2B7", ("{a} queen", "m5v")), ("{b}/{a} George Street, Sydney NSW 2000", ("george", "2000")))),
    ],
    "address zh": [
        ("city", "zh", written(
            ("上海市静安区南京西路{a}号恒隆广场办公楼{b}层", ("{a}号", "{b}层")), ("上海徐汇区漕溪北路{a}弄{b}号{m}", ("{a}弄", "{m}")), ("北京市海淀区中关村大街{a}号院{b}号楼{m}室", ("{a}号", "{m}")), ("北京西城区德胜门外大街{a}号", ("{a}号",)),
            ("苏州市姑苏区平江路{a}号-2", ("{a}号",)), ("大连市甘井子区软件园东路{a}号{b}号楼A区{m}", ("{a}号", "{m}")), ("佛山市禅城区季华五路{a}号之二", ("{a}号",)), ("合肥市蜀山区长江西路{a}号 收发室", ("{a}号",)),
        )),
        ("compound", "zh", written(
            ("石家庄市裕华区万达公寓{b}号楼{m}", ("{b}号楼", "{m}")), ("昆明市五华区丽阳星城{b}幢3单元{m}室", ("{b}幢", "{m}")), ("海口市龙华区滨海国际{b}栋B单元{m}房", ("{b}栋", "{m}")), ("幸福里小区{b}号楼二单元{m}", ("{b}号楼", "{m}")),
            ("恒大绿洲{b}栋{m}室", ("{b}栋", "{m}")), ("南昌市红谷滩新区万科城市花园{b}栋1单元{m}", ("{b}栋", "{m}")),
        )),
        ("country", "zh", written(("河北省保定市定州市清风店镇东内堡村{a}号", ("东内堡", "{a}号")), ("广西桂林市阳朔县兴坪镇大河背村委{b}队{a}号", ("{a}号",)), ("贵州省毕节市七星关区鸭池镇石桥边组{a}号", ("{a}号",)))),
        ("typed", "zh", written(("地址：浙江省温州市鹿城区车站大道{a}号\n电话之后给", ("{a}号",)), ("辽宁省/沈阳市/和平区/三好街{a}号", ("{a}号",)), ("黑龙江省哈尔滨市南岗区西大直街{a}号，哈工大{b}公寓{m}", ("{a}号", "{m}")), ("新北市板橋區文化路一段{a}號{b}樓", ("{a}號", "{b}樓")))),
    ],
}  # fmt: skip

_EN: dict[str, list[str]] = {
    "email": ["nothing in my inbox ({})", "I used {} at checkout", "please add {} to the order", "mine is {}", "contact me under {} or forget it"],
    "number": ["voicemail: {}", "you have the wrong number on file, correct is {}", "hi, {} pls call back", "SMS to {} would be nice", "my husband's phone: {}"],
    "card": ["my visa {} does not work", "charge {}", "I see 2 payments from card {} for $189.00", "the number on the front says {}"],
    "id": ["passport {} for the customs form", "they asked for ID: {}", "is my social security number {} needed?", "use this identity card number {}"],
    "account": ["please pay me back to {}", "money to {}", "Refund details: {}"],
    "address": ["could you drop it at {}?", "wrong street, it should be {}", "I moved to {} last month", "Shipping: {}", "how long does it take to {}"],
}  # fmt: skip
_ZH: dict[str, list[str]] = {
    "email": ["把说明书发给{}", "登录邮箱写错了，应该是{}", "客服你好 {} 查下订单", "发票抬头个人，{}"],
    "number": ["到了打{}", "我{}，尾号没变", "收货电话写成{}", "有人接{}吗", "{}是我妈妈的手机"],
    "card": ["建行卡{}没收到退款", "支付用的{}", "卡{}显示余额不足"],
    "id": ["报关用{}", "身份证号码：{}，谢谢", "证件{}"],
    "account": ["请汇到{}", "退到这个账号{}"],
    "address": ["寄给{}就行", "快递放{}门口", "搬家了，{}", "地址写错，改{}", "周六送到{}可以吗"],
}  # fmt: skip
_CARRIER_OF = {"mobile": "number", "phone": "number", "address zh": "address"}
FOURTH_CARRIERS = {
    (kind, language): carriers[_CARRIER_OF.get(kind, kind)]
    for kind in FOURTH
    for language, carriers in (("en", _EN), ("zh", _ZH))
}
