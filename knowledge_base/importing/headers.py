"""What exporters call their columns, in English, Chinese, German, French and Spanish.

In: a header. Out: the forms under which it may be known, and the role its name suggests. It sees no cells.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from knowledge_base.importing.money import currency_of
from knowledge_base.text import fold

# Headers by role, the most telling first, as `header_key` folds them.
_WRITTEN: Mapping[str, str] = {
    "id": (
        "id|product id|item id|article id|商品id|商品编号|商品编码|产品编号|产品id|货号|编号|商品货号|编码|sku|"
        "product sku|article number|item number|item no|artikelnummer|artikel nr|artikelnr|art nr|produkt id|"
        "produktnummer|bestellnummer|id produit|référence|reference|référence produit|ref|réf|code article|"
        "id producto|referencia|código|codigo|sku id|asin|handle|slug|uniq id|unique id|code|product code|"
        "url key|part number|tcin|ean|gtin|upc|barcode"
    ),
    "variant_id": "variant id|variation id|variant sku|variante id|规格id|sku编码|sku编号",
    "group": (
        "item group id|group id|parent sku|parent id|parent asin|parent product id|product group id|spu|spu id|款号"
    ),
    "title": (
        "title|product title|product name|name|item name|item title|item|product|商品名称|商品标题|商品名|"
        "产品名称|产品名|宝贝名称|宝贝标题|名称|标题|品名|produktname|produkttitel|produktbezeichnung|"
        "artikelbezeichnung|artikelname|bezeichnung|titel|artikel|produkt|nom du produit|nom produit|nom|titre|"
        "désignation|designation|libellé|libelle|nombre del producto|nombre producto|nombre|título|titulo|"
        "denominación|producto"
    ),
    "description": (
        "description|product description|long description|full description|body html|body|content|details|"
        "overview|about|about product|about this item|商品描述|商品详情|产品描述|产品详情|描述|详情|商品介绍|"
        "简介|商品简介|beschreibung|produktbeschreibung|artikelbeschreibung|langbeschreibung|description longue|"
        "description produit|descriptif|descripción|descripcion|descripción larga|detalle|short description|"
        "summary|kurzbeschreibung|description courte|résumé|descripción corta|卖点"
    ),
    "features": "features|bullet points|bullets|highlights|key features|feature bullets|product highlight|商品卖点",
    "brand": (
        "brand|brand name|品牌|品牌名称|marke|markenname|marque|marca|manufacturer|maker|vendor|hersteller|"
        "fabricant|fabricante|厂商|生产厂家|制造商|producer"
    ),
    "category_path": (
        "breadcrumb|breadcrumbs|category tree|category path|categories|full category|category breadcrumb|"
        "类目路径|kategoriepfad|kategorien|catégories|categorías|product type|google product category"
    ),
    "category": (
        "root category|root category name|department|main category|top category|一级分类|一级类目|hauptkategorie|"
        "warengruppe|"
        "category level 1|category 1|category l1|category|product category|category name|类目|分类|商品分类|"
        "商品类目|所属分类|类别|品类|kategorie|produktkategorie|catégorie|categorie|rayon|categoría|categoria|"
        "type|category level 2|category 2|category l2|二级分类|二级类目|subcategory|sub category|unterkategorie|"
        "sous catégorie|subcategoría|category level 3|category 3|category l3|三级分类|三级类目|sub sub category|"
        "leaf category|collection"
    ),
    "price_cents": "price cents|price in cents|amount cents|price minor",
    "price": (
        "final price|current price|price|selling price|offer price|discounted price|our price|price amount|"
        "商品价格|价格|售价|现价|销售价|销售价格|到手价|最终价|优惠价|活动价|单价|零售价|价钱|preis|"
        "verkaufspreis|vk preis|vk|vk brutto|bruttopreis|endpreis|preis brutto|prix ttc|prix de vente|"
        "prix actuel|prix|precio final|precio de venta|precio actual|precio|unit price|price value"
    ),
    "sale_price": (
        "sale price|special price|promo price|promotional price|aktionspreis|sonderpreis|angebotspreis|"
        "prix promo|prix soldé|precio oferta|precio de oferta|precio rebajado|促销价|折扣价|特价"
    ),
    "list_price": (
        "list price|initial price|regular price|original price|old price|was price|retail price|msrp|rrp|mrp|"
        "compare at price|compare price|actual price|strike price|price before discount|原价|市场价|划线价|"
        "吊牌价|标价|参考价|uvp|listenpreis|streichpreis|alter preis|statt preis|prix barré|prix public|"
        "prix initial|ancien prix|precio original|precio anterior|precio regular|precio de lista|pvp"
    ),
    "currency": "currency|currency code|price currency|货币|币种|währung|waehrung|devise|monnaie|moneda|divisa",
    "in_stock": (
        "in stock|availability|available|is in stock|instock|stock status|availability status|is available|"
        "库存状态|是否有货|有货|上架状态|商品状态|verfügbarkeit|verfuegbarkeit|lieferbarkeit|lagerstatus|"
        "auf lager|verfügbar|disponibilité|disponibilite|en stock|disponibilidad|disponible|en existencia|状态"
    ),
    "stock": (
        "stock|stock quantity|inventory quantity|quantity available|available quantity|inventory|quantity|qty|"
        "inventory level|stock level|units in stock|on hand|库存|库存数量|库存量|可售库存|剩余数量|数量|"
        "lagerbestand|bestand|stückzahl|menge|quantité en stock|quantité|quantite|existencias|inventario|"
        "cantidad"
    ),
    "rating": (
        "rating|average rating|avg rating|review rating|star rating|customer rating|rating value|overall rating|"
        "stars|ratings|reviews rating|review score|评分|商品评分|综合评分|星级|好评率|好评度|bewertung|"
        "durchschnittsbewertung|sterne|note moyenne|note|évaluation|valoración|valoracion|calificación|"
        "calificacion|puntuación|score"
    ),
    "review_count": (
        "review count|reviews count|number of reviews|num reviews|rating count|ratings count|no of ratings|"
        "number of ratings|total reviews|reviews|评论数|评价数|评论数量|评价数量|累计评价|anzahl bewertungen|"
        "bewertungen|nombre d'avis|nb avis|avis|número de reseñas|reseñas|valoraciones|opiniones"
    ),
    "url": (
        "url|product url|link|product link|page url|canonical url|product page|item url|permalink|商品链接|链接|"
        "网址|商品地址|产品链接|produkt url|produktlink|lien|lien produit|url produit|enlace|url producto"
    ),
    "image": (
        "image|image url|image link|main image|main image url|primary image|image src|featured image|images|"
        "image urls|picture|pictures|photo|photos|thumbnail|img|img link|img url|主图|商品图片|图片|图片链接|"
        "图片地址|主图链接|bild|bild url|bilder|produktbild|image principale|imagen|imágenes|url imagen|foto|"
        "additional image link"
    ),
    "language": "language|lang|locale|语言|sprache|langue|idioma",
    "added_on": (
        "added on|date added|created at|date created|created on|created|creation date|date first available|"
        "first available|release date|date released|released|launch date|publish date|published at|publication date|"
        "listing date|listed on|上架时间|上架日期|发布时间|创建时间|上市时间|添加时间|erstellt am|erscheinungsdatum|"
        "date d'ajout|date de création|date de sortie|fecha de alta|fecha de creación|date|datum|fecha|日期"
    ),
    "attributes": (
        "attributes|specifications|product specifications|specs|technical details|technical specifications|"
        "product details|other attributes|additional attributes|product attributes|properties|"
        "additional information|product information|item specifics|details|规格参数|商品规格|商品属性|产品参数|"
        "参数|属性|规格|eigenschaften|merkmale|technische daten|attribute|caractéristiques|"
        "caractéristiques techniques|fiche technique|características|especificaciones|attributs|atributos"
    ),
    "variants": "variants|variations|skus|varianten|variantes|sku列表|规格列表",
    "active": "published|active|is active|enabled|visible|is visible|aktiv|actif|activo|是否上架",
}


@lru_cache(maxsize=4096)
def header_key(header: str) -> str:
    """A header as synonyms are written: camelCase and punctuation opened, "g:" and brackets gone, folded."""
    text = unicodedata.normalize("NFKC", header).strip()
    text = re.sub(r"^g:|:(?:token|float|string|int|text)(?:_seq)?$", "", text)
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    text = re.sub(r"\s*[(\[【].*?[)\]】]\s*", " ", text)
    return fold(re.sub(r"[^\w\s']+", " ", text))


@lru_cache(maxsize=4096)
def header_keys(header: str) -> tuple[str, ...]:
    """The forms under which a header may be known, the exact one first: with brackets, without, without currency."""
    exact = fold(re.sub(r"[^\w\s']+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", re.sub(r"^g:", "", header))))
    plain = header_key(header)
    keys = [exact, plain]
    if currency_of(header) or currency_of(plain):
        words = [word for word in plain.split() if not currency_of(word)]
        keys.append(" ".join(words))
    keys += [
        re.sub(r"^(?:product|item|article|produkt|artikel|produit|producto|商品|产品)\s*(?=\S)", "", k)
        for k in (*keys,)
    ]
    return tuple(dict.fromkeys(key for key in keys if key))


RANKS: Mapping[str, Mapping[str, int]] = {
    role: {fold(name): rank for rank, name in enumerate(names.split("|"))} for role, names in _WRITTEN.items()
}


def role_of(header: str) -> str | None:
    """The role a header's name alone suggests, for the keys of nested objects."""
    best: tuple[int, int, str] | None = None
    for role, ranks in RANKS.items():
        for place, key in enumerate(header_keys(header)):
            if key in ranks and (best is None or (place, ranks[key]) < best[:2]):
                best = (place, ranks[key], role)
    return best[2] if best else None
