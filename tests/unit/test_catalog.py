"""Product exports to products: every kind of export recognised without configuration, every doubt said aloud."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from knowledge_base.catalog import Catalog, read_catalog, read_products
from knowledge_base.errors import ShopError
from knowledge_base.shop import open_shop
from knowledge_base.types import Problem, Product

TOML = 'name = "Shop"\nlanguage = "en"\ncurrency = "USD"\n'


def catalog(folder: Path, content: str | bytes, name: str = "products.csv", toml: str = TOML) -> Catalog:
    (folder / "shop.toml").write_text(toml, encoding="utf-8")
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return read_catalog(open_shop(folder))


def serious(found: Catalog) -> list[Problem]:
    return [problem for problem in found.problems if problem.severity != "note"]


def only(found: Catalog) -> Product:
    assert len(found.products) == 1, found.problems
    return found.products[0]


# --- canonical rows ---


def test_canonical_rows_are_taken_as_they_are(tmp_path: Path) -> None:
    row = {
        "id": "t1", "title": "T-Shirt™ 1½", "description": "Soft.", "brand": "Acme", "category": ["Men", "Shirts"],
        "price": "19.90", "list_price": "25", "currency": "EUR", "stock": 3, "rating": 4.5, "review_count": 12,
        "url": "https://a.example/t1", "image": "/t1.png", "language": "en", "added_on": "2026-01-31",
        "attributes": {"washable": True, "weight g": 180.0, "colours": ["red", "blue"], "none": None},
        "variants": [
            {"id": "t1-m", "options": {"size": "M"}, "price": "19.90", "stock": 3},
            {"id": "t1-l", "options": {"size": "L"}, "price": "21.90", "in_stock": False, "image": "/l.png"},
        ],
    }  # fmt: skip
    found = catalog(tmp_path, json.dumps(row), "products.jsonl")
    product = only(found)
    assert not found.problems
    assert (product.id, product.title, product.category) == ("t1", "T-Shirt™ 1½", ("Men", "Shirts"))
    assert (product.price, product.list_price, product.currency) == (Decimal("19.90"), Decimal(25), "EUR")
    assert (product.stock, product.in_stock, product.rating, product.review_count) == (3, True, Decimal("4.5"), 12)
    assert product.added_on == date(2026, 1, 31)
    assert product.attributes == {"washable": "yes", "weight g": "180", "colours": "red, blue"}
    assert [(v.id, v.label, v.price, v.stock, v.in_stock) for v in product.variants] == [
        ("t1-m", "M", Decimal("19.90"), 3, True),
        ("t1-l", "L", Decimal("21.90"), None, False),
    ]


def test_unknown_stays_unknown(tmp_path: Path) -> None:
    product = only(catalog(tmp_path, '{"id": 7, "title": "Cup"}', "products.jsonl"))
    assert product == Product(id="7", title="Cup", currency="USD")


# --- exports nobody prepared ---


def test_a_marketplace_export_is_recognised_without_configuration(tmp_path: Path) -> None:
    text = (
        "product_id,product_name,initial_price,final_price,currency,availability,breadcrumb,product_specifications,"
        "image_urls,reviews_count,rating,brand,timestamp,seller_id,color\n"
        '77,Kettle & Co,"1,299.00","US $1,099.50",USD,In Stock,"[""Home"",""Kitchen"",""Kettles""]",'
        '"[{""name"":""Power"",""value"":""2200 W""},{""name"":""Cordless"",""value"":true}]",'
        '"[""https://i.example/1.jpg"",""https://i.example/2.jpg""]","1,204",4.6,Kett,2024-05-01T10:00:00Z,S-99,Steel\n'
        '78,Mug,,"$5 - $9",USD,Out of stock,"[{""name"":""Kitchen"",""url"":""https://x.example""}]",,,,,Kett,'
        "2024-05-01T10:00:00Z,S-98,\n"
    )
    found = catalog(tmp_path, text)
    kettle, mug = found.products
    assert (kettle.id, kettle.title, kettle.brand, kettle.currency) == ("77", "Kettle & Co", "Kett", "USD")
    assert (kettle.price, kettle.list_price) == (Decimal("1099.50"), Decimal("1299.00"))
    assert (kettle.in_stock, kettle.category) == (True, ("Kitchen", "Kettles"))
    assert kettle.attributes == {"color": "Steel", "Power": "2200 W", "Cordless": "yes"}
    assert (kettle.image, kettle.review_count, kettle.rating) == ("https://i.example/1.jpg", 1204, Decimal("4.6"))
    assert (mug.price, mug.in_stock, mug.category, mug.image) == (Decimal(5), False, ("Kitchen",), None)
    assert mug.attributes["price range"] == "$5 - $9"
    reading = found.readings["products.csv"]
    assert reading["final_price"] == "price"
    assert reading["timestamp"].startswith("not used")
    assert reading["seller_id"].startswith("not used")
    assert any(p.column == "final_price" and p.severity == "note" for p in found.problems)


def test_other_notations_of_lists_and_objects_are_opened(tmp_path: Path) -> None:
    text = (
        "uniq_id;product_name;product_category_tree;images;specs;discounted_price;actual_price;user_name;review_title\n"
        """1;Sofa;["Home >> Furniture >> Sofas >> Sofa"];['https://i.example/a.jpg'];{"spec"=>[{"key"=>"Seats", """
        """"value"=>"3"}]};₹22,646;₹32,157;Ann;Great\n"""
        "2;Lamp;;;{'Dimmable': True, 'Watt': 5.0};₹399;₹1,099;Bob;Bad\n"
    )
    sofa, lamp = catalog(tmp_path, text).products
    assert (sofa.category, sofa.image) == (("Furniture", "Sofas"), "https://i.example/a.jpg")
    assert (sofa.attributes, lamp.attributes) == ({"Seats": "3"}, {"Dimmable": "yes", "Watt": "5"})
    assert (sofa.price, sofa.list_price, sofa.currency) == (Decimal(22646), Decimal(32157), "INR")


def test_what_is_in_the_pack_is_not_what_is_on_the_shelf(tmp_path: Path) -> None:
    product = only(catalog(tmp_path, "id,name,quantity,unit\n1,Flour,500,g\n"))
    assert (product.stock, product.attributes) == (None, {"quantity": "500", "unit": "g"})


EXPORTS = {
    "german": (
        "Artikelnummer;Bezeichnung;Beschreibung;Hersteller;Kategorie;VK brutto;UVP;Lagerbestand;Farbe\n"
        "A1;Wasserkocher;Ein Kocher.;Kett;Küche > Kocher;1.299,00;1.499,00;4;Silber\n"
        "A2;Becher;Ein Becher.;Kett;Küche > Becher;9,5;;0;Rot\n"
    ),
    "french": (
        "Référence;Désignation;Descriptif;Marque;Catégorie;Prix TTC;Prix barré;Quantité en stock;Couleur\n"
        "A1;Bouilloire;Une bouilloire.;Kett;Cuisine > Bouilloires;1 299,00 €;1 499,00 €;4;Argent\n"
        "A2;Tasse;Une tasse.;Kett;Cuisine > Tasses;9,50 €;;0;Rouge\n"
    ),
    "spanish": (
        "Código;Nombre;Descripción;Marca;Categoría;Precio;Precio anterior;Existencias;Color\n"
        "A1;Hervidor;Un hervidor.;Kett;Cocina > Hervidores;1.299,00 €;1.499,00 €;4;Plata\n"
        "A2;Taza;Una taza.;Kett;Cocina > Tazas;9,50 €;;0;Rojo\n"
    ),
    "chinese": (
        "商品编号,商品名称,商品描述,品牌,分类,售价,原价,库存,颜色\n"
        'A1,电热水壶,一个水壶。,凯特,厨房>水壶,"¥1,299.00","¥1,499.00",4,银色\n'
        "A2,马克杯,一个杯子。,凯特,厨房>杯子,¥9.50,,0,红色\n"
    ),
    "english": (
        "SKU|Product Name|Long Description|Manufacturer|Category Path|Selling Price|MSRP|Qty|Colour\n"
        'A1|Kettle|A kettle.|Kett|Kitchen > Kettles|"$1,299.00"|"$1,499.00"|4|Silver\n'
        "A2|Mug|A mug.|Kett|Kitchen > Mugs|$9.50||0|Red\n"
    ),
}


@pytest.mark.parametrize("language", EXPORTS)
def test_headers_are_understood_in_five_languages(tmp_path: Path, language: str) -> None:
    found = catalog(tmp_path, EXPORTS[language], toml='name = "S"\ncurrency = "EUR"\n')
    first, second = found.products
    assert not serious(found)
    assert (first.id, first.brand is not None, len(first.category)) == ("A1", True, 2)
    assert (first.price, first.list_price) == (Decimal("1299.00"), Decimal("1499.00"))
    assert (first.stock, first.in_stock) == (4, True)
    assert (second.price, second.list_price, second.stock, second.in_stock) == (Decimal("9.5"), None, 0, False)
    assert list(first.attributes) == [
        EXPORTS[language].split("\n")[0].replace("|", ";").replace(",", ";").split(";")[-1]
    ]
    assert first.description


def test_the_whole_price_column_decides_between_comma_and_point(tmp_path: Path) -> None:
    found = catalog(tmp_path, "id;name;preis\n1;a;1.299\n2;b;12,50\n3;c;999\n")
    assert [p.price for p in found.products] == [Decimal(1299), Decimal("12.50"), Decimal(999)]
    assert any("decimal mark" in p.message for p in found.problems)
    found = catalog(tmp_path, "id;name;price\n1;a;1,299\n2;b;12.50\n3;c;999\n")
    assert [p.price for p in found.products] == [Decimal(1299), Decimal("12.50"), Decimal(999)]


def test_a_price_header_may_name_currency_or_cents(tmp_path: Path) -> None:
    found = catalog(tmp_path, "id,name,price_eur\n1,Cup,4.50\n")
    assert (only(found).price, only(found).currency) == (Decimal("4.50"), "EUR")
    found = catalog(tmp_path, "id,name,price_cents\n1,Cup,450\n")
    assert (only(found).price, only(found).currency) == (Decimal("4.5"), "USD")


def test_a_sale_price_wins_and_the_regular_price_becomes_the_list_price(tmp_path: Path) -> None:
    found = catalog(tmp_path, "id,name,price,sale price\n1,Cup,10,8\n2,Pot,10,\n3,Jar,8,10\n")
    assert [(p.price, p.list_price) for p in found.products] == [(8, 10), (10, None), (10, None)]


@pytest.mark.parametrize(
    ("column", "wanted"),
    [
        (["4.5", "3", "0"], ["4.5", "3", None]),
        (["90", "45", "100"], ["4.5", "2.25", "5"]),
        (["9.0", "7", "10"], ["4.5", "3.5", "5"]),
        (["4.5 out of 5 stars", "4,5/5", "★★★☆☆"], ["4.5", "4.5", "3"]),
        (["4.5", "4.4", "4.1", "4.8", "3.9", "47"], ["4.5", "4.4", "4.1", "4.8", "3.9", None]),
        (["-1", "x 3", "4.9"], [None, None, "4.9"]),
    ],
)
def test_ratings_are_brought_to_a_scale_of_five(tmp_path: Path, column: list[str], wanted: list[str | None]) -> None:
    rows = [{"id": n, "title": "Cup", "rating": value} for n, value in enumerate(column)]
    found = catalog(tmp_path, "\n".join(json.dumps(row) for row in rows), "products.jsonl")
    assert [p.rating for p in found.products] == [None if text is None else Decimal(text) for text in wanted]


@pytest.mark.parametrize(
    ("header", "cell", "stock", "in_stock"),
    [
        ("availability", "In Stock", None, True),
        ("availability", "out_of_stock", None, False),
        ("availability", "https://schema.org/InStock", None, True),
        ("availability", "In stock (22 available)", 22, True),
        ("in_stock", "1", None, True),
        ("in_stock", "false", None, False),
        ("stock", "12", 12, True),
        ("stock", "0", 0, False),
        ("stock", "-2", 0, False),
        ("stock", "12 pcs", 12, True),
        ("库存状态", "有货", None, True),
        ("商品状态", "已下架", None, False),
        ("verfügbarkeit", "nicht lieferbar", None, False),
        ("disponibilité", "en stock", None, True),
    ],
)
def test_stock_is_a_count_or_a_word(tmp_path: Path, header: str, cell: str, stock: int | None, in_stock: bool) -> None:
    product = only(catalog(tmp_path, f"id,name,{header}\n1,Cup,{cell}\n"))
    assert (product.stock, product.in_stock) == (stock, in_stock)


def test_dates_follow_the_column(tmp_path: Path) -> None:
    found = catalog(tmp_path, "id,name,date added\n1,a,03/04/2026\n2,b,12/31/2025\n")
    assert [p.added_on for p in found.products] == [date(2026, 3, 4), date(2025, 12, 31)]
    found = catalog(tmp_path, "id,name,date added\n1,a,03/04/2026\n2,b,31/12/2025\n")
    assert [p.added_on for p in found.products] == [date(2026, 4, 3), date(2025, 12, 31)]


def test_columns_that_look_like_attributes_become_attributes(tmp_path: Path) -> None:
    text = "id,name,price,material,weight (kg),waterproof,ean,updated at,link to pdf\n"
    text += "".join(
        f"{n},Bag {n},10,nylon,1.{n},true,40000000000{n},2024-01-0{n},https://x.example/{n}\n" for n in range(1, 6)
    )
    product = catalog(tmp_path, text).products[0]
    assert product.attributes == {"material": "nylon", "weight": "1.1 kg", "waterproof": "yes"}


def test_long_texts_nobody_recognised_are_kept_in_the_description(tmp_path: Path) -> None:
    care = (
        "Rinse the pot with warm water before the first use, dry it with a soft cloth and never put it away wet. " * 2
    )
    product = only(catalog(tmp_path, f'id,name,description,care instructions\n1,Pot,A pot.,"{care}"\n'))
    assert product.description == f"A pot.\ncare instructions: {care.strip()}"


def test_a_title_nobody_named_is_told_by_its_cells(tmp_path: Path) -> None:
    text = "nr,was es ist,kostet\n" + "".join(f"{n},Blauer Becher Nummer {n},{n}.50 €\n" for n in range(1, 9))
    found = catalog(tmp_path, text)
    assert found.products[0].title == "Blauer Becher Nummer 1"
    assert (found.products[0].price, found.products[0].currency) == (Decimal("1.50"), "EUR")


def test_shop_toml_names_columns_nobody_can_guess(tmp_path: Path) -> None:
    toml = TOML + '[products.columns]\ntitle = "XZ1"\nprice = "XZ2"\n"attributes.colour" = "XZ3"\n'
    product = only(catalog(tmp_path, "id,XZ1,XZ2,XZ3\n1,Cup,4.50,red\n", toml=toml))
    assert (product.title, product.price, product.attributes) == ("Cup", Decimal("4.50"), {"colour": "red"})


def test_a_named_column_that_is_not_there_is_said_with_the_nearest_one(tmp_path: Path) -> None:
    found = catalog(tmp_path, "id,name,Preis\n1,Cup,4\n", toml=TOML + '[products.columns]\nprice = "Preise"\n')
    assert any("'Preise'" in p.message and "'Preis'" in p.remedy for p in found.problems)
    assert only(found).price == 4


# --- feeds ---

SHOPIFY = """Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,\
Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,\
Variant Compare At Price,Image Src,Image Position,Variant Image,Status
tee,Blue Tee,<p>Soft &amp; warm</p>,Acme,Shirts,"a, b",true,Size,S,Color,Blue,T-S,shopify,3,deny,20,25,\
https://i.example/1.jpg,1,,active
tee,,,,,,,,M,,Blue,T-M,shopify,0,deny,21.50,,https://i.example/2.jpg,2,https://i.example/m.jpg,
tee,,,,,,,,M,,Red,,shopify,0,continue,22,,,,,
tee,,,,,,,,,,,,,,,,,https://i.example/3.jpg,3,,
mug,Mug,,Acme,,,true,Title,Default Title,,,M-1,,5,deny,9.99,,https://i.example/4.jpg,1,,active
old,Old Mug,,Acme,,,true,Title,Default Title,,,M-2,,5,deny,9.99,,,,,draft
"""


def test_a_shopify_export_gives_products_with_variants(tmp_path: Path) -> None:
    found = catalog(tmp_path, SHOPIFY)
    tee, mug = found.products
    assert (tee.id, tee.title, tee.description, tee.brand) == ("tee", "Blue Tee", "Soft & warm", "Acme")
    assert (tee.category, tee.attributes) == (("Shirts",), {"tags": "a, b"})
    assert tee.image == "https://i.example/1.jpg"
    assert [(v.id, dict(v.options), v.price, v.list_price, v.stock, v.in_stock) for v in tee.variants] == [
        ("T-S", {"Size": "S", "Color": "Blue"}, Decimal(20), Decimal(25), 3, True),
        ("T-M", {"Size": "M", "Color": "Blue"}, Decimal("21.50"), None, 0, False),
        ("tee-m-red", {"Size": "M", "Color": "Red"}, Decimal(22), None, 0, True),
    ]
    assert tee.variants[1].image == "https://i.example/m.jpg"
    assert (mug.price, mug.stock, mug.variants) == (Decimal("9.99"), 5, ())
    assert [p.message for p in found.problems if p.row == 7] == [
        "the product is not shown in the shop and was left out"
    ]


WOO = """ID,Type,SKU,Name,Published,Short description,Description,In stock?,Stock,Sale price,Regular price,Categories,\
Tags,Images,Parent,Attribute 1 name,Attribute 1 value(s),Attribute 2 name,Attribute 2 value(s),Weight (kg)
1,variable,HOOD,Hoodie,1,Short.,<p>Long.</p>,1,,,,"Clothing > Hoodies, Sale",warm,\
"https://i.example/1.jpg, https://i.example/2.jpg",,Color,"Blue, Green",Fabric,"Cotton, Wool",0.5
2,variation,HOOD-B,Hoodie - Blue,1,,,1,4,42.00,45.00,,,,HOOD,Color,Blue,,,
3,variation,HOOD-G,Hoodie - Green,1,,,0,0,,45.00,,,,id:1,Color,Green,,,
4,simple,CAP,Cap,1,,,1,,,18.00,Accessories,,,,,,,,
5,simple,OLD,Old,0,,,1,,,18.00,,,,,,,,,
6,variation,LOST,Lost - Red,1,,,1,,,18.00,,,,NOPE,Color,Red,,,
"""


def test_a_woocommerce_export_joins_variations_to_their_parents(tmp_path: Path) -> None:
    found = catalog(tmp_path, WOO)
    hoodie, cap, lost = found.products
    assert (hoodie.id, hoodie.title, hoodie.description) == ("1", "Hoodie", "Long.")
    assert hoodie.category == ("Clothing", "Hoodies")
    assert hoodie.attributes == {"Fabric": "Cotton, Wool", "tags": "warm", "weight": "0.5 kg"}
    assert [(v.id, dict(v.options), v.price, v.list_price, v.stock, v.in_stock) for v in hoodie.variants] == [
        ("2", {"Color": "Blue"}, Decimal("42.00"), Decimal("45.00"), 4, True),
        ("3", {"Color": "Green"}, Decimal("45.00"), None, 0, False),
    ]
    assert (cap.price, cap.in_stock) == (Decimal("18.00"), True)
    assert lost.title == "Lost - Red"
    assert [p.column for p in serious(found)] == ["Parent"]


GOOGLE = """id\ttitle\tdescription\tlink\timage_link\tavailability\tprice\tsale_price\tbrand\tgoogle_product_category\t\
product_type\titem_group_id\tcolor\tsize\tgtin\tcondition
S1\tLinen Shirt - Blue / M\tLinen.\thttps://s.example/1\thttps://i.example/1.jpg\tin_stock\t39.90 EUR\t29.90 EUR\t\
Acme\t212\t\
Men > Shirts\tG1\tBlue\tM\t4001\tnew
S2\tLinen Shirt - Red / L\tLinen.\thttps://s.example/2\thttps://i.example/2.jpg\tout_of_stock\t41.90 EUR\t\tAcme\t212\t\
Men > Shirts\tG1\tRed\tL\t4002\tnew
S3\tCap\tA cap.\thttps://s.example/3\thttps://i.example/3.jpg\tpreorder\t15.00 EUR\t\tAcme\t\
212\tMen > Caps\t\tBlack\t\t4003\tnew
"""


def test_a_merchant_feed_groups_items_into_variants(tmp_path: Path) -> None:
    found = catalog(tmp_path, GOOGLE, "products.tsv")
    shirt, cap = found.products
    assert (shirt.id, shirt.title, shirt.currency, shirt.category) == ("G1", "Linen Shirt", "EUR", ("Men", "Shirts"))
    assert shirt.attributes == {"condition": "new"}
    assert [(v.id, dict(v.options), v.price, v.list_price, v.in_stock) for v in shirt.variants] == [
        ("S1", {"color": "Blue", "size": "M"}, Decimal("29.90"), Decimal("39.90"), True),
        ("S2", {"color": "Red", "size": "L"}, Decimal("41.90"), None, False),
    ]
    assert (cap.id, cap.in_stock, cap.attributes) == ("S3", False, {"color": "Black", "condition": "new"})
    assert not serious(found)


def test_a_merchant_feed_may_be_xml(tmp_path: Path) -> None:
    head, *lines = [line.split("\t") for line in GOOGLE.replace("\\\n", "").strip().split("\n")]
    items = "".join(
        "<item>"
        + "".join(f"<g:{h}>{c.replace('>', '&gt;')}</g:{h}>" for h, c in zip(head, line, strict=True))
        + "</item>"
        for line in lines
    )
    xml = f'<rss xmlns:g="http://base.google.com/ns/1.0"><channel>{items}</channel></rss>'
    from_xml = catalog(tmp_path, xml, "products.xml").products
    (tmp_path / "products.xml").unlink()
    assert from_xml == catalog(tmp_path, GOOGLE, "products.tsv").products


def test_rows_with_a_variant_id_are_variants_of_their_product(tmp_path: Path) -> None:
    found = catalog(tmp_path, "product_id,variant_id,title,size,price\n1,1a,Tee,S,10\n1,1b,Tee,M,11\n2,2a,Cap,,5\n")
    tee, cap = found.products
    assert [(v.id, v.label, v.price) for v in tee.variants] == [("1a", "S", 10), ("1b", "M", 11)]
    assert [v.id for v in cap.variants] == ["2a"]


def test_shopify_json_options_are_named_by_the_product(tmp_path: Path) -> None:
    row = {
        "id": 1, "title": "Tee", "body_html": "<p>Soft</p>", "vendor": "Acme", "product_type": "Shirts",
        "options": [{"name": "Size", "values": ["S"]}], "images": [{"src": "https://i.example/1.jpg"}],
        "variants": [{"id": 11, "title": "S", "option1": "S", "sku": "T-S", "price": "20.00", "inventory_quantity": 2}],
    }  # fmt: skip
    product = only(catalog(tmp_path, json.dumps({"products": [row]}), "products.json"))
    assert (product.description, product.brand, product.category) == ("Soft", "Acme", ("Shirts",))
    assert product.image == "https://i.example/1.jpg"
    variant = product.variants[0]
    assert (variant.id, dict(variant.options), variant.price, variant.stock) == (
        "11",
        {"Size": "S"},
        Decimal("20.00"),
        2,
    )


# --- what is wrong is said with its row ---


def test_every_refusal_names_row_column_value_and_remedy(tmp_path: Path) -> None:
    text = "id,title,price,stock,rating\n1,Cup,4,5,4\n1,Cup again,4,5,4\n3,,4,5,4\n,Pot,4,5,4\n"
    text += "5,Jar,-4,many,9\n6,Can,abc,,\n7,Box,0,,\n"
    found = catalog(tmp_path, text)
    assert [p.id for p in found.products] == ["1", "5", "6", "7"]
    assert [(p.price, p.stock, p.rating) for p in found.products[1:]] == [(None, None, None)] * 3
    said = [(p.row, p.column, p.value, p.severity) for p in serious(found)]
    assert said == [
        (3, "id", "1", "error"),
        (4, None, None, "error"),
        (5, None, None, "error"),
        (6, "price", "-4", "warning"),
        (6, "stock", "many", "warning"),
        (6, "rating", "9", "warning"),
        (7, "price", "abc", "warning"),
        (8, "price", "0", "warning"),
    ]
    assert (found.rows, found.refused) == (7, 3)
    assert all(problem.remedy and problem.file == "products.csv" for problem in serious(found))


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("<b>Big</b> &amp; round", "Big & round"),
        ("Tea<script>alert(1)</script> pot", "Tea pot"),
        ("Pot<img src=x onerror=alert(1)>", "Pot"),
        ("&lt;i&gt;Pot&lt;/i&gt;", "Pot"),
        ("Po\u200bt \u202eabc", "Pot abc"),
        ("Ｐｏｔ　Ａ", "Pot A"),
        ("a<b and c>d", "a<b and c>d"),
        ("美的（Midea），白色", "美的（Midea），白色"),
        ("1½ m² Intel® Core™", "1½ m² Intel® Core™"),
    ],
)
def test_titles_are_plain_text(tmp_path: Path, raw: str, shown: str) -> None:
    found = catalog(tmp_path, json.dumps({"id": 1, "title": raw}), "products.jsonl")
    assert only(found).title == shown
    assert any("script" in p.message for p in found.problems) == ("alert" in raw)


def test_a_script_is_no_link(tmp_path: Path) -> None:
    row = {"id": 1, "title": "Cup", "url": "javascript:alert(1)", "image": "data:text/html,x"}
    found = catalog(tmp_path, json.dumps(row), "products.jsonl")
    assert (only(found).url, only(found).image) == (None, None)
    assert [p.column for p in serious(found)] == ["url", "image"] or [p.column for p in serious(found)] == [
        "image",
        "url",
    ]


def test_a_cut_off_row_is_no_product(tmp_path: Path) -> None:
    found = catalog(tmp_path, "id,title,price,stock\n1,Cup,4,5\n2,Pot with a\nline break,12.99,5\n")
    assert [p.id for p in found.products] == ["1", "2"]
    assert found.products[1].price is None
    assert found.refused == 1


def test_a_shop_without_ids_gets_them_from_the_titles(tmp_path: Path) -> None:
    found = catalog(tmp_path, "name,price\nBlue Cup,4\nBlue Cup,5\n")
    assert [p.id for p in found.products] == ["blue-cup", "blue-cup-2"]


def test_duplicate_variants_keep_the_first(tmp_path: Path) -> None:
    row = {"id": 1, "title": "T", "variants": [{"id": "a", "price": "1"}, {"id": "a", "price": "2"}]}
    found = catalog(tmp_path, json.dumps(row), "products.jsonl")
    assert [v.price for v in only(found).variants] == [1]
    assert [p.severity for p in serious(found)] == ["error"]


def test_a_shop_with_nothing_to_sell_says_why(tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text("id,title\n1,\n", encoding="utf-8")
    with pytest.raises(ShopError, match="no title"):
        read_products(open_shop(tmp_path))
