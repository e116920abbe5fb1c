"""Chinese postal addresses: province, city, district, street, number, building, unit, room, or a good part of it.

In: folded text. Out: spans that lead to a door or a compound. A city or a district alone is none: whether the shop
delivers to 杭州市西湖区 is a question that must reach the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.privacy.found import Found

_HAN = "\u4e00-\u9fff"
_GAP = r"[ ,，、·\n-]{0,2}"
_PROVINCES = (
    "北京|天津|上海|重庆|重慶|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南"
    "|陕西|甘肃|青海|台湾|臺灣|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|台北|臺北|新北|台中|臺中|高雄|九龙|九龍|新界"
)
_FIGURE = (
    r"(?:[0-9]{1,5}(?:[-之][0-9]{1,4})?[A-Za-z]?|[A-Za-z]-?[0-9]{0,4}|[一二三四五六七八九十百甲乙丙丁东西南北]{1,4})"
)
_DOOR = (
    r"(?:号楼|號樓|号院|号附|弄|号|號|栋|棟|幢|座|单元|單元|室|楼|樓|层|層|房|户|组|組|队|門|门|铺|档|塔|F(?![A-Za-z]))"
)
_ROADS = "大街|大道|街道|胡同|公路|路|街|巷|道|弄|里"
_COMPOUNDS = (
    "小区|社区|花园|花苑|新村|公寓|大厦|大廈|广场|国际|家园|嘉园|雅苑|华庭|名苑|名府|别墅|宿舍|校区|大学|学院|中学|小学|医院|工业园|产业园"
    "|科技园|软件园|创意园|中心|苑|城|府|庭|湾|邸|村|屯|寨|院|园|轩|居|庄"
)
# What names a place without a number, too: a bare 道, 里, 城 or 府 ends many other words.
_SURE = "大街|大道|胡同|路|街|巷|小区|社区|花园|花苑|新村|公寓|大厦|大廈|广场|家园|嘉园|雅苑|华庭|名苑|名府|别墅|宿舍|校区|大学|工业园|产业园|科技园|软件园|村|苑"
_REGION = rf"(?:(?:{_PROVINCES})(?:省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区)?{_GAP}){{0,2}}"
_CITY = rf"(?:[{_HAN}]{{2,10}}?(?:自治州|地区|盟|州|市){_GAP})?"
_DISTRICT = rf"(?:[{_HAN}]{{1,8}}?(?:自治县|区|區|县|縣|旗|市|新区){_GAP}){{0,2}}"
_TOWN = rf"(?:[{_HAN}]{{1,8}}?(?:街道|镇|鎮|乡|鄉|苏木){_GAP})?"
_DETAIL = rf"(?:{_GAP}[{_HAN}A-Za-z]{{0,12}}?{_GAP}{_FIGURE}{_GAP}(?:{_DOOR}|公寓|宿舍|[区期](?=[A-Za-z0-9])))"
_ROOM = (
    r"(?:[ ]?-?(?:[A-Za-z]?[0-9]{1,4}(?:[-#][A-Za-z]?[0-9]{1,5}){1,3}|[0-9]{2,5})[A-Za-z]?(?![0-9元块件个只年月天]))"
)
_STREET = rf"[{_HAN}]{{1,10}}?(?:{_ROADS})(?:[东西南北中]?[一二三四五六七八九十]{{0,2}}段)?"

_ADDRESS = re.compile(
    rf"{_REGION}{_CITY}{_DISTRICT}{_TOWN}"
    rf"(?:{_STREET}{_GAP}(?:[{_HAN}]{{2,12}}?(?:{_COMPOUNDS}){_GAP})?{_FIGURE}{_GAP}{_DOOR}"
    rf"|[{_HAN}A-Za-z]{{2,14}}?(?:{_COMPOUNDS}){_GAP}[A-Za-z东西南北中]?[区期]?{_GAP}{_FIGURE}{_GAP}{_DOOR})"
    rf"{_DETAIL}{{0,5}}{_ROOM}?(?:[ ]?[（(][^（）()\n]{{1,20}}[)）])?"
)
# In a province's or city's district the street, village or compound may do without a number.
_PLACED = re.compile(
    rf"(?:(?:{_PROVINCES})(?:省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区)?{_GAP}(?:[{_HAN}]{{2,10}}?(?:自治州|地区|盟|州|市){_GAP})?"
    rf"|[{_HAN}]{{2,6}}?市{_GAP}){_DISTRICT}{_TOWN}(?:[{_HAN}A-Za-z0-9]{{2,14}}?(?:{_SURE}))"
    rf"(?:{_GAP}{_FIGURE}{_GAP}{_DOOR}|{_ROOM})?{_DETAIL}{{0,5}}{_ROOM}?"
)
_ANYHOW = re.compile(  # behind a province, city or county whatever ends in a place word and a number, or in a building
    rf"(?:(?:{_PROVINCES})|[{_HAN}]{{2,8}}?(?:市|区|區|县|縣|旗|镇|鎮|乡|鄉))[{_HAN}A-Za-z0-9 ,，/·()（）\n-]{{1,40}}?"
    rf"(?:(?:{_ROADS}|{_COMPOUNDS}|[组組队隊社坝堡寨营岗沟坡桥边口]){_GAP}[0-9]{{1,5}}{_GAP}[号號]|[0-9]{{1,4}}{_GAP}(?:栋|棟|幢|号楼|號樓|单元|單元|组|組|队))"
    rf"{_DETAIL}{{0,5}}{_ROOM}?"
)
_BUILDING = re.compile(  # a building, unit and room, whatever the place is called
    rf"[{_HAN}]{{0,10}}[0-9]{{1,3}}{_GAP}(?:号楼|栋|棟|幢|座){_GAP}(?:{_FIGURE}{_GAP}(?:单元|單元|门|楼|层){_GAP})?[0-9]{{3,4}}(?![0-9元块])(?:{_GAP}[室房户])?"
    rf"|[{_HAN}]{{0,10}}[0-9]{{1,3}}{_GAP}(?:号楼|栋|棟|幢|座){_GAP}{_FIGURE}{_GAP}(?:单元|單元){_DETAIL}?{_ROOM}?"
)
_POSTCODE = re.compile(r"(?:邮编|郵編|邮政编码)[ :：是为]{0,3}([0-9]{6})(?![0-9])")
_BEFORE = re.compile(
    r".*(?:地址(?:是|为|改成|改到|改为|换成|写)?|寄(?:到|往|给|去|回)|送(?:到|往|去|至)|发(?:到|往|给|去|货到)|快递到|邮(?:寄)?到|配送到|住(?:在|址)?|家在|人在"
    r"|改(?:成|到|为)|搬(?:到|去)|换(?:成|到)|位于|坐落|收件|收货|就在|是在|在|到|往|给|去|是|为|从|于|我|您|你|请|的|了|叫|：|:|能|和|与|跟)(?=.)"
)
_PARTS = re.compile(
    rf"{_PROVINCES}|省|市|区|區|县|縣|旗|镇|鎮|乡|鄉|村|{_ROADS}|{_COMPOUNDS}|号|號|弄|栋|棟|幢|座|单元|單元|室"
)
_WORDS = re.compile("[号號弄栋棟幢座室路街道巷村镇鎮乡鄉区區县縣]|邮编|郵編|邮政编码|小区|花园|大厦")
_NOT_AT_HOME = re.compile(
    "(?:市区|线路|电路|网路|思路|公路车|跑道|频道|味道|渠道|通道|赛道|型号|尺号|大号|小号|中号|加号|[一二三四五六]号电池|账号|订单号|货号|单号)"
)


def chinese_addresses(text: str) -> Iterator[Found]:
    """The Chinese addresses of a folded text, without the words that lead to them."""
    if not _WORDS.search(text):
        return
    for match in _POSTCODE.finditer(text):
        yield Found("address", match.start(1), match.end(1))
    for pattern in (_ADDRESS, _PLACED, _ANYHOW, _BUILDING):
        for match in pattern.finditer(text):
            start = _start(text, match.start(), match.end())
            said = text[start : match.end()]
            if len(said) >= 5 and len(_PARTS.findall(said)) >= 2 and not _NOT_AT_HOME.search(said):
                yield Found("address", start, match.end())


def _start(text: str, start: int, end: int) -> int:
    """Where the address begins in a match that may have taken words before it along."""
    head = re.search(
        "省|市|自治区|区|區|县|縣|镇|鎮|乡|鄉|路|街|道|巷|号|號|栋|棟|幢|座|小区|花园|大厦|村", text[start:end]
    )
    until = start + head.start() if head else end
    province = re.search(_PROVINCES, text[start:until])
    if province and (not province.start() or _BEFORE.fullmatch(text, start, start + province.start() + 1)):
        return start + province.start()  # and not in the middle of a name, as 河北 is in 天河北路
    before = _BEFORE.match(text[start:until])
    return start + before.end() if before else start
