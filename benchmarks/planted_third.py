"""A third set of formats and sentences: written before it was first run, and looked at after that."""

from __future__ import annotations

import random

from benchmarks.planted import (
    Format,
    Maker,
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
    uk_address,
    us_phone,
    wide,
)


def ssn(r: random.Random) -> str:
    return f"{r.randint(100, 665)}{r.randint(10, 99)}{r.randint(1000, 9999)}"


def taiwan_id(r: random.Random) -> str:
    letters = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
    letter = r.choice(letters[:20])
    county, body = letters.index(letter) + 10, r.choice("12") + digits(r, 7)
    total = (
        county // 10 + county % 10 * 9 + sum(int(d) * w for d, w in zip(body, (8, 7, 6, 5, 4, 3, 2, 1), strict=True))
    )
    return f"{letter}{body}{-total % 10}"


def dni(r: random.Random) -> str:
    body = digits(r, 8)
    return body + "TRWAGMYFPDXBNJZSQVHLCKE"[int(body) % 23]


def written(*forms: tuple[str, tuple[str, ...]]) -> Maker:
    """One of these addresses; {a} and {b} in it and in its secrets are numbers."""

    def make(r: random.Random) -> tuple[str, tuple[str, ...]]:
        form, secrets = r.choice(forms)
        found = {"a": r.randint(11, 899), "b": r.randint(2, 28), "m": f"{r.randint(1, 28)}0{r.randint(1, 8)}"}
        return form.format(**found), tuple(secret.format(**found) for secret in secrets)

    return make


THIRD: dict[str, list[Format]] = {
    "email": [
        ("[@]", "en", mail("{l}[@]{d}")), ("space after", "en", mail("{l}@ {d}")), ("full stop", "en", mail("{l}@{d}.")),
        ("[AT] [DOT]", "en", mail("{l} [AT] {n} [DOT] {t}")), ("quotes", "en", mail("“{l}@{d}”")), ("at .", "en", mail("e-mail {l} at {d}")),
        ("glued", "zh", mail("邮箱{l}@{d}手机")), ("(a)", "zh", mail("{l}(a){d}")), ("wide dots", "zh", lambda r: (lambda v: (v[0].replace("@", "＠").replace(".", "．"), v[1]))(mail("{l}@{d}")(r))),
        ("slash", "zh", mail("{l}@{d}/微信同号")), ("zero width all", "zh", lambda r: (lambda v: ("\u200b".join(v[0]), v[1]))(mail("{l}@{d}")(r))),
    ],
    "mobile": [
        ("(+86)", "zh", number(cn_mobile, lambda r, v: f"(+86){v}")), ("+86 glued", "zh", number(cn_mobile, lambda r, v: f"+86{v}")), ("86 spaces", "zh", number(cn_mobile, by((3, 4, 4), " ", "86 "))),
        ("7-4", "zh", number(cn_mobile, by((7, 4), "-"))), ("underscores", "zh", number(cn_mobile, by((3, 4, 4), "_"))), ("slashes", "zh", number(cn_mobile, by((3, 4, 4), "/"))),
        ("thin spaces", "zh", number(cn_mobile, by((3, 4, 4), "\u2009"))), ("em dashes", "zh", number(cn_mobile, by((3, 4, 4), "—"))), ("glued words", "zh", number(cn_mobile, lambda r, v: f"{v}王女士收")),
        ("tel:", "en", number(cn_mobile, lambda r, v: f"tel:{v}")), ("lines with spaces", "zh", number(cn_mobile, by((3, 4, 4), " \n"))),
    ],
    "phone": [
        ("+1 ()", "en", number(us_phone, lambda r, v: f"+1 ({v[:3]}) {v[3:6]}-{v[6:]}")), ("1 spaces", "en", number(us_phone, by((3, 3, 4), " ", "1 "))), ("3-7", "en", number(us_phone, by((3, 7), " "))),
        ("slashes", "en", number(us_phone, by((3, 3, 4), "/"))), ("x345", "en", number(us_phone, lambda r, v: f"{v[:3]}-{v[3:6]}-{v[6:]} x345")), ("spaced dashes", "en", number(us_phone, by((3, 3, 4), " - "))),
        ("uk +44", "en", number(lambda r: "20" + digits(r, 8, "378"), by((2, 4, 4), " ", "+44 "))), ("uk 01", "en", number(lambda r: "01632" + digits(r, 6), by((5, 3, 3), " "))), ("uk dashes", "en", number(lambda r: "0161" + digits(r, 7), by((4, 3, 4), "-"))),
        ("de (0)", "en", number(lambda r: "30" + digits(r, 7), by((2, 7), " ", "+49 (0)"))), ("de 0049-", "en", number(lambda r: "171" + digits(r, 7), by((3, 7), "-", "0049-"))), ("de / pairs", "en", number(lambda r: "030" + digits(r, 7), lambda r, v: f"{v[:3]} / {v[3:6]} {v[6:8]} {v[8:]}")),
        ("fr +33", "en", number(lambda r: "6" + digits(r, 8, "0123456789"), by((1, 2, 2, 2, 2), " ", "+33 "))), ("au", "en", number(lambda r: "04" + digits(r, 8), by((4, 3, 3), " "))),
        ("wide brackets", "zh", number(landline("010"), lambda r, v: f"（{v[:3]}）{v[3:7]} {v[7:]}")), ("with extension", "zh", number(landline("0755"), lambda r, v: f"{v[:4]}-{v[4:]}-8001")), ("tw", "zh", number(lambda r: "02" + digits(r, 8, "2"), by((2, 4, 4), "-"))),
    ],
    "card": [
        ("mixed", "en", number(lambda r: card(r, "visa"), lambda r, v: f"{v[:4]}-{v[4:8]} {v[8:12]}-{v[12:]}")), ("slashes", "en", number(lambda r: card(r, "mastercard"), by((4, 4, 4, 4), "/"))), ("amex bare", "en", number(lambda r: card(r, "amex"), plain)),
        ("en dashes", "en", number(lambda r: card(r, "visa"), by((4, 4, 4, 4), "–"))), ("a line each", "en", number(lambda r: card(r, "discover"), by((4, 4, 4, 4), "\n"))), ("two spaces", "en", number(lambda r: card(r, "maestro"), by((4, 4, 4, 4), "  "))),
        ("mixed groups", "zh", number(lambda r: card(r, "unionpay19"), by((4, 4, 8, 3), " "))), ("wide spaces", "zh", number(lambda r: card(r, "unionpay16"), lambda r, v: wide(grouped(v, (4, 4, 4, 4), " ")))), ("8-8-3", "zh", number(lambda r: card(r, "unionpay19"), by((8, 8, 3), "-"))),
    ],
    "id": [
        ("cn 3-3-4-4-4", "zh", number(chinese_id, by((3, 3, 4, 4, 4), " "))), ("cn 14-4", "zh", number(chinese_id, by((14, 4), " "))), ("cn zero width", "zh", number(chinese_id, by((6, 8, 4), "\u200b"))), ("cn glued", "zh", number(chinese_id, lambda r, v: f"{v}王芳")),
        ("ssn en dash", "en", number(ssn, by((3, 2, 4), "–"))), ("ssn dots", "en", number(ssn, by((3, 2, 4), "."))), ("nino halves", "en", number(lambda r: "JT" + digits(r, 6) + "D", by((2, 6, 1), " "))),
        ("de passport", "en", number(lambda r: "C" + digits(r, 2) + r.choice("XYZ") + digits(r, 4) + r.choice("HK"), plain)), ("hk pass", "zh", number(lambda r: "C" + digits(r, 8), plain)), ("taiwan", "zh", number(taiwan_id, plain)), ("dni", "en", number(dni, plain)),
    ],
    "account": [
        ("label glued", "en", number(lambda r: iban(r, "DE"), lambda r, v: f"IBAN:{v}")), ("full stop", "en", number(lambda r: iban(r, "AT"), lambda r, v: f"{grouped(v, [4] * 8, ' ').strip()}.")), ("glued", "zh", number(lambda r: iban(r, "CH"), lambda r, v: f"IBAN是{v}谢谢")),
        ("sort code", "en", number(lambda r: digits(r, 8), lambda r, v: f"sort code 20-00-00, account number {v}")), ("cn account", "zh", number(lambda r: "1202" + digits(r, 15), lambda r, v: f"银行账号{v}")),
    ],
    "address": [
        ("us", "en", written(
            ("{a} W 42nd St Apt 5B New York NY 10036", ("{a} w 42", "10036")), ("PO Box {a}, Duluth, MN 55802", ("box {a}", "55802")), ("1{a} NW Maple Ave., Suite 300\nPortland, OR", ("{a} nw maple", "portland")),
            ("{a} Sunset Blvd. Austin TX", ("{a} sunset",)), ("{a} oak street", ("{a} oak",)), ("{a} Martin Luther King Jr Blvd, Madison, WI 53703", ("{a} martin", "53703")), ("{a}-B Cherry Lane, Boise, ID 83702, USA", ("cherry", "83702")),
        )),
        ("uk", "en", uk_address("Apartment {f}, {h} {s}, {c}, {z}, UK")), ("uk lines", "en", uk_address("{h} {s}\n{c}\n{z}")), ("uk letter", "en", uk_address("{h}b {s}, {c}")),
        ("de", "en", written(
            ("Schillerstr. {b}a in 70173 Stuttgart", ("schillerstr. {b}", "70173")), ("An der Alster {b}\n20099 Hamburg", ("alster {b}", "20099")), ("Kölner Straße {a}, 40227 Düsseldorf", ("straße {a}", "40227")),
            ("Max-Planck-Str. {b}, D-85748 Garching", ("planck-str. {b}", "85748")), ("Kirchplatz {b}, 48143 Münster", ("kirchplatz {b}", "48143")),
        )),
        ("fr", "en", written(("{b} avenue Victor Hugo, 69002 Lyon", ("{b} avenue victor", "69002")), ("{b} bis rue des Lilas, 31000 Toulouse", ("rue des lilas", "31000")))),
    ],
    "address zh": [
        ("office", "zh", written(
            ("北京市朝阳区建国路{a}号SOHO现代城A座{m}室", ("{a}号", "{m}")), ("上海市浦东新区世纪大道{a}号环球金融中心{b}楼", ("{a}号", "{b}楼")), ("广州天河区体育西路{a}号维多利广场B塔{b}层", ("{a}号", "{b}层")),
            ("成都市高新区天府三街{a}号新希望国际B座{m}", ("{a}号", "{m}")), ("天津市和平区南京路{a}号津汇广场2座{b}F", ("{a}号", "{b}F")), ("江苏苏州工业园区星湖街{a}号创意产业园{b}栋3楼", ("{a}号", "{b}栋")),
        )),
        ("home", "zh", written(
            ("湖南省长沙市岳麓区橘子洲街道阳光壹佰{b}栋2单元{m}", ("{b}栋", "{m}")), ("深圳市南山区桃源街道塘朗城A栋{m}", ("塘朗城", "{m}")), ("杭州余杭区文一西路{a}号3号楼{m}", ("{a}号", "{m}")),
            ("重庆市渝北区龙溪街道紫荆路{a}号附{b}号", ("{a}号", "附{b}号")), ("郑州市金水区花园路{a}号院{b}号楼东单元{m}室", ("{a}号", "{m}")), ("武汉市江夏区藏龙岛{a}号保利{b}栋{m}", ("{b}栋", "{m}")),
        )),
        ("village", "zh", written(
            ("四川省绵阳市三台县芦溪镇向阳村{b}组{a}号", ("向阳村", "{a}号")), ("福建省泉州市晋江市陈埭镇花厅口村东区{a}号", ("花厅口", "{a}号")), ("山东省临沂市沂水县马站镇王家庄村{a}号", ("王家庄", "{a}号")),
        )),
        ("campus", "zh", written(("陕西省西安市碑林区友谊西路{a}号西北工业大学 学生宿舍{b}号楼{m}", ("{a}号", "{m}")), ("南京大学仙林校区{b}栋{m}", ("{b}栋", "{m}")))),
        ("traditional", "zh", written(("臺北市信義區松高路{a}號{b}樓", ("{a}號", "{b}樓")), ("香港九龍彌敦道{a}號{b}樓A室", ("{a}號", "{b}樓")))),
        ("typed", "zh", written(("浙江 宁波 鄞州区 天童南路{a}号 {b}幢{m}", ("{a}号", "{m}")), ("内蒙古自治区呼和浩特市新城区中山东路{a}号院{b}号楼", ("{a}号", "{b}号楼")), ("长沙市雨花区，韶山中路{a}号，{b}栋{m}房", ("{a}号", "{m}")))),
    ],
}  # fmt: skip

_EN: dict[str, list[str]] = {
    "email": ["why did you send it to {} and not to my husband?", "Order confirmation never arrived at {}", "my login: {}", "{} here, any news?", "pls forward: {}"],
    "number": ["ok so {} is the best one to reach me", "mob. {}", "when it arrives phone {} first", "did you call {}? I was in a meeting", "contact number {} (after 6 pm)"],
    "card": ["it keeps saying invalid: {}", "refund my credit card {} not the other one", "here are the digits {} and it expires 11/27", "I typed {} by mistake in the chat"],
    "id": ["the broker asks for my passport no. {}", "ID no {}", "for age verification: national id {}", "tax id {} on the invoice please"],
    "account": ["refund: {}", "you can wire it, {}", "use {} instead of PayPal"],
    "address": ["parcel should go to {}", "we live at {}", "delivery to {} possible?", "new address: {}", "sent to {} but I am at work"],
}  # fmt: skip
_ZH: dict[str, list[str]] = {
    "email": ["电子发票发这个{}", "账号是{}，密码忘了", "怎么收不到邮件，{}", "{} 麻烦查一下"],
    "number": ["你们打的是{}吗", "老公电话{}，他在家", "改一下手机{}", "派件员联系{}", "备用：{}"],
    "card": ["刷的这张{}", "{}退款几天到", "招行卡{}，尾号对吗"],
    "id": ["身份证{}", "清关证件 {}", "本人证件号：{}"],
    "account": ["打到{}", "退款账户：{}"],
    "address": ["改送{}", "我家在{}", "新地址{}，旧的不要了", "能寄{}吗", "收货人李雷，{}，周末在家"],
}  # fmt: skip
_CARRIER_OF = {"mobile": "number", "phone": "number", "address zh": "address"}
THIRD_CARRIERS = {
    (kind, language): carriers[_CARRIER_OF.get(kind, kind)]
    for kind in THIRD
    for language, carriers in (("en", _EN), ("zh", _ZH))
}
