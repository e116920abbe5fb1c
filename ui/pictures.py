"""The picture of a product: the shop's own file where there is one, else one drawn for its kind and colour.

In: a product card, and the shop folder with the images its records name. Out: a URL on this server, and what to send
for it. Nothing is fetched from elsewhere unless the merchant allows it, and no path from a browser touches the disk:
only images that a record names are looked up.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Container, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote
from xml.etree import ElementTree

from assistant.types import ProductCard
from knowledge_base.text import fold

DRAWN_PREFIX: Final = "/pictures/"
SHOP_PREFIX: Final = "/shop-images/"
MEDIA_TYPES: Final[Mapping[str, str]] = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".avif": "image/avif",
    ".svg": "image/svg+xml",
}

# Words of a title or category that tell what to draw; the first kind with the longest matching word wins.
_WORDS: Final[Mapping[str, str]] = {
    "shirt": "t-shirt shirt tee top polo blouse tank t恤 衬衫 上衣 短袖",
    "jacket": "jacket coat parka hoodie sweater fleece cardigan vest anorak raincoat jumper 外套 夹克 羽绒服 毛衣 卫衣 "
    "冲锋衣 雨衣 背心",
    "trousers": "trousers pants jeans shorts leggings tights 裤 牛仔裤 短裤",
    "dress": "dress skirt gown 裙 连衣裙 旗袍",
    "shoe": "shoe sneaker boot sandal trainer slipper footwear loafer 鞋 靴 拖鞋 凉鞋",
    "backpack": "backpack rucksack daypack schoolbag 背包 书包 登山包 双肩包",
    "bag": "bag tote handbag purse duffel pouch wallet luggage suitcase 包 手提包 钱包 行李箱 箱包",
    "hat": "hat cap beanie helmet 帽 头盔",
    "watch": "watch smartwatch clock timer 手表 腕表 钟 闹钟 手环",
    "ring": "ring necklace bracelet earring jewelry jewellery 戒指 项链 手链 耳环 首饰",
    "glasses": "glasses sunglasses eyewear goggles 眼镜 墨镜 太阳镜 泳镜",
    "phone": "phone smartphone iphone mobile handset 手机 电话",
    "tablet": "tablet ipad e-reader ereader 平板 电子书阅读器",
    "laptop": "laptop notebook chromebook macbook 笔记本电脑 笔记本",
    "monitor": "monitor tv television display screen projector 显示器 电视 屏幕 投影仪",
    "headphones": "headphone headset earbud earphone 耳机 耳塞",
    "speaker": "speaker soundbar subwoofer loudspeaker radio 音箱 音响 收音机",
    "camera": "camera webcam lens camcorder dashcam 相机 摄像头 镜头 监控",
    "keyboard": "keyboard keypad 键盘",
    "mouse": "mouse trackball touchpad 鼠标",
    "printer": "printer scanner toner cartridge ink 打印机 扫描仪 墨盒 硒鼓",
    "chip": "motherboard processor cpu gpu memory ram ssd graphics drive storage component server router switch "
    "network card 主板 处理器 显卡 内存 硬盘 固态 路由器 交换机",
    "plug": "charger cable adapter plug socket hub dock power psu 充电器 数据线 插座 适配器 电源 插头",
    "battery": "battery powerbank ups 电池 充电宝 移动电源",
    "game": "game console controller joystick gamepad 游戏 游戏机 手柄",
    "lamp": "lamp light bulb lantern torch flashlight chandelier headlamp 灯 台灯 吊灯 手电 头灯",
    "sofa": "sofa couch armchair loveseat 沙发",
    "chair": "chair stool bench recliner 椅 凳 座椅",
    "desk": "desk table bookshelf shelf cabinet dresser wardrobe bookcase furniture 桌 柜 书架 茶几 衣柜",
    "bed": "bed mattress pillow 床 床垫 枕头 枕",
    "blanket": "blanket duvet towel sheet rug carpet quilt cushion linen 毯 被子 毛巾 浴巾 床单 地毯 四件套 坐垫",
    "curtain": "curtain blind drape 窗帘",
    "mug": "mug cup glass tumbler teapot coffee tea espresso 杯 茶壶 咖啡 茶具 茶叶",
    "pan": "pan pot wok skillet saucepan cookware 锅 炒锅 平底锅",
    "kettle": "kettle blender mixer toaster cooker juicer fryer oven microwave rice 水壶 电饭煲 微波炉 烤箱 榨汁机 "
    "空气炸锅 破壁机",
    "knife": "knife cutlery fork spoon utensil 刀 餐具 筷子 叉 勺",
    "fridge": "fridge refrigerator freezer 冰箱 冰柜",
    "washer": "washer washing dishwasher dryer 洗衣机 洗碗机 烘干机",
    "heater": "heater boiler radiator 热水器 取暖器 暖气",
    "fan": "fan ventilator purifier humidifier 风扇 净化器 加湿器 油烟机",
    "cooler": "air conditioner aircon 空调",
    "vacuum": "vacuum hoover mop broom cleaner robot 吸尘器 扫地机 拖把",
    "tent": "tent tarp canopy camping shelter 帐篷 天幕 露营",
    "sleeping": "sleeping bag 睡袋",
    "bottle": "bottle flask thermos canteen shampoo wine 瓶 保温杯 水壶 水杯 洗发水",
    "bike": "bike bicycle cycling scooter skateboard 自行车 单车 滑板",
    "ball": "ball football basketball soccer tennis volleyball 球 足球 篮球 羽毛球",
    "dumbbell": "dumbbell weight yoga fitness gym kettlebell treadmill 哑铃 瑜伽 健身 跑步机",
    "book": "book novel journal diary magazine planner 书 小说 笔记本子 日记本",
    "pen": "pen pencil marker brush crayon stationery 笔 铅笔 文具 画笔",
    "toy": "toy puzzle block doll lego jigsaw kit 玩具 积木 拼图 娃娃",
    "pram": "pram stroller baby pushchair crib 婴儿 推车 童车",
    "plant": "plant garden flower seed planter vase soil 植物 花 种子 花盆 园艺 花瓶",
    "paw": "pet dog cat leash litter collar 宠物 狗 猫 猫砂",
    "food": "food snack fruit chocolate nut honey cookie organic 食品 零食 水果 巧克力 坚果 蜂蜜",
    "beauty": "cream lotion serum perfume makeup lipstick skincare soap sunscreen 面霜 精华 香水 口红 护肤 面膜 防晒 "
    "乳液",
    "tool": "tool drill wrench hammer screwdriver saw hardware 工具 电钻 扳手 锤 螺丝刀",
    "car": "car tire tyre vehicle automotive 汽车 轮胎 车载",
    "music": "guitar piano violin drum ukulele instrument 吉他 钢琴 小提琴 乐器",
    "tag": "voucher gift card 礼品卡 优惠券",
}

# Name of a tone -> hue and saturation; the lightness is the picture's. The words are colours as shops write them.
_TONES: Final[Mapping[str, tuple[int, int]]] = {
    "grey": (220, 7),
    "ink": (222, 22),
    "red": (4, 66),
    "orange": (24, 78),
    "yellow": (43, 82),
    "green": (145, 40),
    "teal": (178, 44),
    "blue": (214, 62),
    "purple": (266, 44),
    "pink": (338, 60),
    "brown": (26, 34),
    "sand": (36, 36),
}
_COLOURS: Final[Mapping[str, str]] = {
    "grey": "grey gray silver white steel chrome 灰 银 白",
    "ink": "black charcoal graphite anthracite 黑 石墨",
    "red": "red crimson burgundy maroon scarlet 红 酒红",
    "orange": "orange coral amber copper 橙 橘",
    "yellow": "yellow gold mustard 黄 金",
    "green": "green olive khaki sage forest mint moss 绿 橄榄",
    "teal": "teal turquoise cyan aqua 青",
    "blue": "blue navy indigo azure denim sky 蓝",
    "purple": "purple violet lavender lilac plum 紫",
    "pink": "pink rose magenta fuchsia 粉 玫红",
    "brown": "brown chocolate walnut tan bronze oak 棕 褐 咖啡色",
    "sand": "beige cream ivory sand natural linen bamboo 米 杏 原木",
}
_QUIET_TONES: Final = ("blue", "teal", "green", "sand", "orange", "purple", "pink", "brown")
_DRAWN_NAME: Final = re.compile(r"([a-z]+)-([a-z]+)\.svg")


class Pictures:
    """Where the picture of every product of one shop is.

    `named` are the files that records name. `remote` allows pictures on other hosts; without it the page asks nobody
    but this server.
    """

    def __init__(self, folder: Path, named: Container[str], remote: bool = False) -> None:
        self._folder = folder.resolve()
        self._remote = remote
        self._named = named
        self._found: dict[str, Path | None] = {}  # looked up once: a card is drawn many times while an answer streams

    def url(self, card: ProductCard) -> str:
        """The URL of a card's picture: the shop's file, a remote one where allowed, else `drawn_url`."""
        if card.image is None:
            return drawn_url(card)
        if re.match(r"https?://", card.image, re.IGNORECASE):
            return card.image if self._remote else drawn_url(card)
        return SHOP_PREFIX + quote(card.image) if self.file(card.image) is not None else drawn_url(card)

    def file(self, name: str) -> Path | None:
        """The file of an image that a record names, or None: not named, outside the folder, missing or no picture."""
        name = name if name in self._named else unquote(name)
        if name not in self._named or Path(name).suffix.lower() not in MEDIA_TYPES:
            return None
        if name not in self._found:
            path = (self._folder / name).resolve()
            self._found[name] = path if path.is_relative_to(self._folder) and path.is_file() else None
        return self._found[name]


def drawn_url(card: ProductCard) -> str:
    """The URL of the picture drawn for a card's kind and colour."""
    return _drawn_url(card.id, card.title, card.category, tuple(card.options.values()))


@lru_cache(maxsize=4096)
def _drawn_url(product_id: str, title: str, category: tuple[str, ...], options: tuple[str, ...]) -> str:
    return f"{DRAWN_PREFIX}{kind_of(title, category)}-{tone_of(product_id, title, options)}.svg"


def kind_of(title: str, category: tuple[str, ...] = ()) -> str:
    """What to draw: by the category's leaf first, then the title, then the department; "box" when nothing tells."""
    for text in (*category[-1:], title, *reversed(category[:-1])):
        if kind := _matching_kind(text):
            return kind
    return "box"


def tone_of(product_id: str, title: str, options: tuple[str, ...] = ()) -> str:
    """The tone of the drawing: a colour among the options or in the title, else one that stays with the product."""
    for text in (*options, title):
        for tone, words in _COLOURS.items():
            if any(_stands_in(word, fold(text)) for word in words.split()):
                return tone
    return _QUIET_TONES[zlib.crc32(product_id.encode()) % len(_QUIET_TONES)]


def draw(name: str) -> str | None:
    """The SVG of a drawn picture by its file name ("tent-green.svg"), or None where there is no such drawing."""
    match = _DRAWN_NAME.fullmatch(name)
    if match is None or match[1] not in _symbols() or match[2] not in _TONES:
        return None
    return _draw(match[1], match[2])


@cache
def _draw(kind: str, tone: str) -> str:
    hue, saturation = _TONES[tone]
    light, dark = f"hsl({hue} {saturation}%", f"hsl({hue} {round(saturation * 0.8)}%"
    deep = 24 if tone == "ink" else 46
    style = (
        f".a{{stop-color:{light} 96%)}}.b{{stop-color:{light} 88%)}}.g{{fill:{light} 80%);opacity:.5}}"
        f".f{{fill:{light} {deep + 14}%)}}.d{{fill:{light} {deep - 8}%)}}.h{{fill:{light} 95%)}}"
        f".m{{fill:{light} 77%)}}"
        f".s{{fill:none;stroke:{light} {deep - 16}%);stroke-width:3;stroke-linecap:round;stroke-linejoin:round}}"
        "@media(prefers-color-scheme:dark){"
        f".a{{stop-color:{dark} 20%)}}.b{{stop-color:{dark} 14%)}}.g{{fill:{dark} 30%)}}"
        f".f{{fill:{dark} 58%)}}.d{{fill:{dark} 38%)}}.h{{fill:{dark} 84%)}}"
        f".m{{fill:{dark} 76%)}}.s{{stroke:{dark} 82%)}}}}"
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 180" width="240" height="180">'
        f"<style>{style}</style>"
        '<defs><linearGradient id="p" x2=".4" y2="1"><stop class="a"/><stop class="b" offset="1"/></linearGradient>'
        "</defs>"
        '<path fill="url(#p)" d="M0 0h240v180H0z"/><ellipse class="g" cx="120" cy="146" rx="66" ry="7"/>'
        f'<g transform="translate(52 20) scale(1.4167)">{_symbols()[kind]}</g></svg>'
    )


@cache
def _symbols() -> Mapping[str, str]:
    """The drawings of assets/pictures.svg: kind -> the markup inside its symbol."""
    namespace = "{http://www.w3.org/2000/svg}"
    ElementTree.register_namespace("", namespace[1:-1])
    root = ElementTree.parse(Path(__file__).parent / "assets" / "pictures.svg").getroot()
    return {
        symbol.attrib["id"]: "".join(
            ElementTree.tostring(part, encoding="unicode").strip().replace(f' xmlns="{namespace[1:-1]}"', "")
            for part in symbol
        )
        for symbol in root.iter(namespace + "symbol")
    }


def _matching_kind(text: str) -> str | None:
    folded = fold(text)
    found = [
        (len(word) * (2 if word[0] > "\u2e80" else 1), -folded.rfind(word), kind)
        for kind, words in _WORDS.items()
        for word in words.split()
        if _stands_in(word, folded)
    ]
    return max(found)[2] if found else None


def _stands_in(word: str, folded: str) -> bool:
    """Whether an English word (or its plural) or a run of Chinese stands in a folded text."""
    if word[0] > "\u2e80":
        return word in folded
    return re.search(rf"(?<![a-z]){re.escape(fold(word))}(?:s|es)?(?![a-z])", folded) is not None
