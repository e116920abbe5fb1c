"""Units and currencies as shoppers, merchants and models write them: data for `quantities` and the conversion table.

In: nothing. Out: for every unit its dimension and factor to that dimension's base unit, and the spellings of units and
currencies. It knows no text: finding numbers is the business of `quantities`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Unit:
    """One canonical unit. Units of equal `family` convert: base = value * factor + offset.

    `exact` spellings are matched as they stand (case matters: 'm' is a metre, 'M' is a size); `words` in any case, a
    plural "s" allowed; `glued` only when no space separates them from the number; `chinese` without word boundary, each
    optionally with what may not follow ("分(?!钟)").
    """

    name: str
    dimension: str
    family: str
    factor: Decimal = Decimal(1)
    offset: Decimal = Decimal(0)
    exact: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    glued: tuple[str, ...] = ()
    chinese: tuple[str, ...] = ()


def _unit(name: str, dimension: str, factor: str, family: str = "", offset: str = "0", **spellings: str) -> Unit:
    """A unit; spellings come as one string, parted by spaces ("_" stands for a space inside one)."""
    split = {key: tuple(part.replace("_", " ") for part in value.split()) for key, value in spellings.items()}
    return Unit(name, dimension, family or dimension, Decimal(factor), Decimal(offset), **split)


UNITS: tuple[Unit, ...] = (
    _unit("percent", "percent", "1", exact="%", words="percent per_cent pct", chinese="个百分点"),
    # Time comes in three families: nobody agrees how many days a month has, or hours a business day.
    _unit("second", "time", "1", "clock", words="second sec", chinese="秒钟? 秒"),
    _unit("minute", "time", "60", "clock", words="minute min", glued="min mins", chinese="分钟"),
    _unit("hour", "time", "3600", "clock", words="hour hr", glued="h H", chinese="个?小时 个?钟头"),
    _unit(
        "day", "time", "86400", "clock", words="day", chinese="个?自然日 天(?![然猫窗线花使气堂]) 日(?![常用本历期系])"
    ),
    _unit("week", "time", "604800", "clock", words="week wk", chinese="个?星期(?![一二三四五六日天]) 个?礼拜 周"),
    _unit("month", "time", "1", "calendar", words="month mo", chinese="个月"),
    _unit("year", "time", "12", "calendar", words="year yr", chinese="周年 年(?![轻龄级代货糕会纪度]) 周?岁"),
    _unit(
        "business_day",
        "time",
        "1",
        "business",
        words="business_day working_day work_day weekday",
        chinese="个?工作日 个?工作天",
    ),
    _unit("mm", "length", "0.001", exact="mm MM", words="millimeter millimetre", chinese="毫米 公厘"),
    _unit("cm", "length", "0.01", exact="cm CM Cm", words="centimeter centimetre zentimeter", chinese="厘米 公分"),
    _unit("m", "length", "1", exact="m", words="meter metre", chinese="米(?![色白粉饭线]) 公尺"),
    _unit("km", "length", "1000", exact="km KM Km", words="kilometer kilometre", chinese="公里 千米"),
    _unit("inch", "length", "0.0254", words="inch inche zoll", glued="in", chinese="英寸 吋 寸"),
    _unit("ft", "length", "0.3048", exact="ft", words="foot feet", chinese="英尺"),
    _unit("yd", "length", "0.9144", exact="yd yds", words="yard"),
    _unit("mile", "length", "1609.344", words="mile", chinese="英里"),
    _unit("chi", "length", "0.33333333", chinese="尺(?![寸码])"),
    _unit("mg", "mass", "0.001", exact="mg", words="milligram", chinese="毫克"),
    _unit("g", "mass", "1", exact="g gr", words="gram gramme gramm", chinese="克(?![拉服里])"),
    _unit("kg", "mass", "1000", exact="kg KG Kg", words="kilogram kilogramm kilo", chinese="千克 公斤"),
    _unit("lb", "mass", "453.59237", exact="lb lbs", words="pound", chinese="磅"),
    _unit("oz", "mass", "28.349523125", exact="oz", words="ounce", chinese="盎司"),
    _unit("jin", "mass", "500", chinese="市?斤"),
    _unit("t", "mass", "1000000", words="ton tonne", chinese="吨"),
    _unit("ml", "volume", "0.001", exact="ml mL ML cc", words="milliliter millilitre", chinese="毫升"),
    _unit("cl", "volume", "0.01", exact="cl", words="centiliter centilitre"),
    _unit("l", "volume", "1", exact="l L", words="liter litre ltr", chinese="公?升(?![级降温值])"),
    _unit("fl_oz", "volume", "0.0295735", exact="fl.oz fl_oz fl._oz", words="fluid_ounce"),
    _unit("gal", "volume", "3.785412", exact="gal", words="gallon", chinese="加仑"),
    _unit("cup", "volume", "0.2365882", words="cup"),
    _unit("quart", "volume", "0.9463529", exact="qt", words="quart"),
    _unit("kb", "data", "0.000001", exact="KB kB kb", words="kilobyte"),
    _unit("mb", "data", "0.001", exact="MB mb Mb", words="megabyte"),
    _unit(
        "gb", "data", "1", exact="GB gb Gb", words="gigabyte gig", glued="G(?=内存|运存|存储|显存|[+]|_?[Rr][Aa][Mm])"
    ),
    _unit("tb", "data", "1000", exact="TB tb Tb", words="terabyte", glued="T(?=硬盘|固态|存储|_?[SH][SD]D)"),
    _unit("mw", "power", "0.001", exact="mW"),
    _unit("w", "power", "1", exact="W", words="watt", glued="w", chinese="瓦特? 瓦(?![斯罗楞])"),
    _unit("kw", "power", "1000", exact="kW KW kw", words="kilowatt", chinese="千瓦(?!时)"),
    _unit("hp", "power", "735.49875", words="horsepower", glued="hp HP", chinese="马力 匹(?![配])"),
    _unit("wh", "energy", "1", exact="Wh", words="watt_hour", chinese="瓦时"),
    _unit("kwh", "energy", "1000", exact="kWh KWh kwh KWH", words="kilowatt_hour", chinese="千瓦时 度电"),
    _unit("mah", "charge", "1", exact="mAh mah MAH MAh", words="milliamp_hour", chinese="毫安时?"),
    _unit("ah", "charge", "1000", exact="Ah", words="amp_hour", chinese="安时"),
    _unit("hz", "frequency", "1", exact="Hz hz HZ", words="hertz", chinese="赫兹?"),
    _unit("khz", "frequency", "1000", exact="kHz KHz khz KHZ", words="kilohertz", chinese="千赫兹?"),
    _unit("mhz", "frequency", "1000000", exact="MHz Mhz mhz MHZ", words="megahertz", chinese="兆赫兹?"),
    _unit("ghz", "frequency", "1000000000", exact="GHz Ghz ghz GHZ", words="gigahertz", chinese="吉赫兹?"),
    _unit("v", "voltage", "1", exact="V", words="volt", glued="v", chinese="伏特?"),
    _unit("kv", "voltage", "1000", exact="kV"),
    _unit("ma", "current", "0.001", exact="mA"),
    _unit("a", "current", "1", words="amp ampere", glued="A", chinese="安培"),
    _unit("db", "sound", "1", exact="dB db DB dBA dB(A)", words="decibel", chinese="分贝"),
    _unit("lm", "light", "1", exact="lm", words="lumen", chinese="流明"),
    _unit("nit", "luminance", "1", exact="cd/m² cd/m2", words="nit", chinese="尼特"),
    _unit("rpm", "rotation", "1", exact="rpm RPM", chinese="转/分钟? 转每分钟? 转(?![换动让账接])"),
    _unit("pa", "pressure", "1", exact="Pa", chinese="帕"),
    _unit("kpa", "pressure", "1000", exact="kPa KPa", chinese="千帕"),
    _unit("bar", "pressure", "100000", words="bar", chinese="巴(?![西黎])"),
    _unit("mbps", "rate", "1", exact="Mbps Mbit/s Mb/s", chinese="兆(?!赫)"),
    _unit("gbps", "rate", "1000", exact="Gbps Gbit/s Gb/s GbE"),
    _unit("fps", "framerate", "1", exact="fps FPS", chinese="帧"),
    _unit(
        "celsius",
        "temperature",
        "1",
        exact="°C °c ℃ º_?C",
        words="degrees?_celsius celsius",
        chinese="摄氏度 度(?![假过电])",
    ),
    _unit(
        "fahrenheit",
        "temperature",
        "0.5555555555555555555555556",
        offset="-17.77777777777777777777778",
        exact="°F ℉",
        words="degrees?_fahrenheit fahrenheit",
        chinese="华氏度",
    ),
    _unit("px", "pixels", "1", exact="px", words="pixel", chinese="像素"),
    _unit("mp", "pixels", "1000000", exact="MP Mpx", words="megapixel"),
    _unit(
        "star",
        "rating",
        "1",
        exact="★ ⭐ ☆",
        words="star",
        chinese="颗?星(?![期座系]) 分(?![之辨区离为期层类体成别贝装裤袖销享钟])",
    ),
    _unit("grade", "grade", "1", chinese="级(?![别])"),
)

# Counting words: they make a Chinese numeral a number ("三款"), but are no unit.
CLASSIFIERS = (
    "个(?![人性别体]) 款(?![式项]) 件 台(?![式灯阶湾]) 只(?![有要能是]) 双(?![十门肩面层开核胆人]) 条(?![件款码形]) 套 "
    "部(?![分位门]) 把(?![手握]) 张 种 瓶 箱 盒 包(?![邮裹括含]) 本(?![身来地店]) 支(?!持) 位(?![置于]) 人(?!民) 名 "
    "次(?![品日]) 辆 "
    "顶 份 颗 粒 片 枚 袋 罐 卷 杯 组 对(?![比于应]) 层 档 挡 倍 核 条"
)

DOLLARS = frozenset(["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN"])
KRONER = frozenset(["SEK", "NOK", "DKK", "ISK"])
# Currencies that Chinese shoppers also call 元 and 块 at home.
YUAN = frozenset(["CNY", "HKD", "TWD", "MOP"])

# Codes stand for themselves. Longer spellings come first where one begins another.
CODES = [
    "USD",
    "EUR",
    "GBP",
    "CNY",
    "JPY",
    "HKD",
    "TWD",
    "AUD",
    "CAD",
    "NZD",
    "SGD",
    "CHF",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "CZK",
    "HUF",
    "INR",
    "KRW",
    "THB",
    "MYR",
    "IDR",
    "PHP",
    "VND",
    "BRL",
    "MXN",
    "TRY",
    "RUB",
    "UAH",
    "ZAR",
    "AED",
    "SAR",
    "ILS",
    "RON",
    "BGN",
    "ISK",
    "MOP",
]
# What stands before an amount. "$" means the shop's own dollar, "¥" the shop's own yen or yuan.
PREFIXES = {
    "US$": "USD", "US $": "USD", "USD$": "USD", "HK$": "HKD", "NT$": "TWD", "A$": "AUD", "AU$": "AUD", "C$": "CAD",
    "CA$": "CAD", "S$": "SGD", "NZ$": "NZD", "MX$": "MXN", "R$": "BRL", "$": "$", "€": "EUR", "£": "GBP", "¥": "¥",
    "CN¥": "CNY", "JP¥": "JPY", "₹": "INR", "₩": "KRW", "₽": "RUB", "₺": "TRY", "₫": "VND", "฿": "THB", "₱": "PHP",
    "₪": "ILS", "₴": "UAH", "RMB": "CNY", "Rs.": "INR", "Rs": "INR", "人民币": "CNY", "美元": "USD", "美金": "USD",
    "欧元": "EUR", "英镑": "GBP", "港币": "HKD", "日元": "JPY",
}  # fmt: skip
# What stands after it. "kr" is the shop's own krona, "pound" money only where the shop sells in pounds.
SUFFIX_SYMBOLS = {
    "€": "EUR", "£": "GBP", "$": "$", "¥": "¥", "₹": "INR", "₩": "KRW", "₽": "RUB", "₺": "TRY", "₫": "VND", "฿": "THB",
    "₱": "PHP", "₪": "ILS", "₴": "UAH", "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "円": "JPY",
}  # fmt: skip
SUFFIX_WORDS = {
    "us dollar": "USD", "hong kong dollar": "HKD", "canadian dollar": "CAD", "australian dollar": "AUD", "dollar": "$",
    "buck": "$", "euro": "EUR", "quid": "GBP", "pound sterling": "GBP", "yuan": "¥", "renminbi": "CNY", "rmb": "CNY",
    "kuai": "CNY", "yen": "JPY", "rupee": "INR", "won": "KRW", "rouble": "RUB", "ruble": "RUB", "franc": "CHF",
    "zloty": "PLN", "kr": "kr", "krona": "kr", "kroner": "kr", "kronor": "kr", "peso": "MXN", "baht": "THB",
}  # fmt: skip
SUFFIX_CHINESE = {
    "元人民币": "CNY", "块钱": "元", "人民币": "CNY", "美元": "USD", "美金": "USD", "美刀": "USD", "刀": "USD",
    "欧元": "EUR", "欧": "EUR", "英镑": "GBP", "镑": "GBP", "日元": "JPY", "日圆": "JPY", "港币": "HKD", "港元": "HKD",
    "新台币": "TWD", "台币": "TWD", "韩元": "KRW", "澳元": "AUD", "加元": "CAD", "新币": "SGD", "新元": "SGD",
    "瑞郎": "CHF", "卢布": "RUB", "元": "元", "圆": "元", "块": "元",
}  # fmt: skip

_BY_NAME = {unit.name: unit for unit in UNITS}


def unit_named(name: str) -> Unit | None:
    """The canonical unit of that name, or None."""
    return _BY_NAME.get(name)


def convert(value: Decimal, unit: str, to: str) -> Decimal | None:
    """`value` of `unit` in `to`; None where they do not measure the same thing. Currencies never convert."""
    if unit == to:
        return value
    source, target = _BY_NAME.get(unit), _BY_NAME.get(to)
    if source is None or target is None or source.family != target.family:
        return None
    return (value * source.factor + source.offset - target.offset) / target.factor
