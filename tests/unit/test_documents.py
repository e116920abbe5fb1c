"""FAQ and policies to entries that can be cited."""

import json
from pathlib import Path

import pytest

from knowledge_base.documents import read_documents
from knowledge_base.importing.passages import markdown_sections, split_long, text_sections, weight
from knowledge_base.shop import open_shop
from knowledge_base.types import Entry, Problem


def documents(folder: Path, **files: str | bytes) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    """The entries of a shop with these files; "policies__returns_md" is policies/returns.md."""
    (folder / "products.csv").write_text("id,title\n1,Cup\n", encoding="utf-8")
    for key, content in files.items():
        path = folder / ".".join(key.replace("__", "/").rsplit("_", 1))
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_documents(open_shop(folder))


FAQ_MD = """# Questions

Everything people ask.

## Shipping

### How long does delivery take?

**Two to four** working days, see [our page](https://s.example/ship).

- Express: one day

### Do you ship abroad?
Yes, to the EU.

## Can I pay on invoice?
No.
"""


def test_questions_of_a_markdown_faq_are_its_headings(tmp_path: Path) -> None:
    entries, problems = documents(tmp_path, faq_md=FAQ_MD)
    assert [(e.id, e.title, e.text) for e in entries] == [
        (
            "faq:how-long-does-delivery-take",
            "How long does delivery take?",
            "Two to four working days, see our page (https://s.example/ship).\n\n- Express: one day",
        ),
        ("faq:do-you-ship-abroad", "Do you ship abroad?", "Yes, to the EU."),
        ("faq:can-i-pay-on-invoice", "Can I pay on invoice?", "No."),
    ]
    assert not problems
    assert {e.kind for e in entries} == {"faq"}
    assert {e.source for e in entries} == {"faq.md"}


ROWS = [
    {"id": "a", "question": "How long?", "answer": "Two days."},
    {"id": "b", "question": "Abroad?", "answer": "Yes."},
]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("faq_csv", "question,answer\nHow long?,Two days.\nAbroad?,Yes.\n"),
        ("faq_csv", "Frage;Antwort\nHow long?;Two days.\nAbroad?;Yes.\n"),
        ("faq_tsv", "Q\tA\nHow long?\tTwo days.\nAbroad?\tYes.\n"),
        ("faq_csv", "问题,答案\nHow long?,Two days.\nAbroad?,Yes.\n"),
        ("faq_json", json.dumps({"faqs": ROWS})),
        ("faq_json", '{"How long?": "Two days.", "Abroad?": "Yes."}'),
        ("faq_jsonl", "\n".join(json.dumps(row) for row in ROWS)),
        ("faq_md", "Q: How long?\nA: Two days.\n\nQ: Abroad?\nA: Yes.\n"),
        ("faq_txt", "**问：** How long?\n**答：** Two days.\n\n**问：** Abroad?\n**答：** Yes.\n"),
        ("faq_html", "<h1>FAQ</h1><h2>How long?</h2><p>Two <b>days</b>.</p><h2>Abroad?</h2><p>Yes.</p>"),
        ("faq_html", "<dl><dt>How long?</dt><dd>Two days.</dd><dt>Abroad?</dt><dd>Yes.</dd></dl>"),
        ("faq_html", "<details><summary>How long?</summary>Two days.</details><h3>Abroad?</h3>Yes."),
    ],
)
def test_a_faq_is_read_in_any_form(tmp_path: Path, name: str, content: str) -> None:
    entries, problems = documents(tmp_path, **{name: content})
    assert [(e.title, e.text) for e in entries] == [("How long?", "Two days."), ("Abroad?", "Yes.")]
    assert not problems


def test_faq_rows_keep_their_id_product_and_link(tmp_path: Path) -> None:
    row = {
        "id": 7,
        "question": "Washable?",
        "answer": "Yes",
        "product_id": 1,
        "url": "https://s.example",
        "language": "en",
    }
    entries, _ = documents(tmp_path, faq_jsonl=json.dumps(row))
    assert entries == (Entry("faq:7", "faq", "Washable?", "Yes", "faq.jsonl", "en", "https://s.example", "1"),)


def test_a_faq_without_an_answer_or_with_a_known_id_is_refused_with_its_row(tmp_path: Path) -> None:
    entries, problems = documents(tmp_path, faq_csv="id,question,answer\n1,A?,a\n2,B?,\n1,C?,c\n")
    assert [e.id for e in entries] == ["faq:1"]
    assert [(p.row, p.severity) for p in problems] == [(3, "error"), (4, "error")]


def test_a_table_without_questions_says_so_once(tmp_path: Path) -> None:
    entries, problems = documents(tmp_path, faq_csv="x,y\n1,2\n3,4\n")
    assert not entries
    assert [p.severity for p in problems] == ["error"]


def test_a_policy_is_cut_at_headings_and_titled_by_their_path(tmp_path: Path) -> None:
    text = "# Returns\n\nWe are generous.\n\n## How long do I have?\n30 days.\n\n## Who pays?\n### In the EU\nWe do.\n"
    entries, _ = documents(tmp_path, policies__returns_md=text)
    assert [(e.id, e.title, e.text) for e in entries] == [
        ("policy:policies/returns.md#1", "Returns", "We are generous."),
        ("policy:policies/returns.md#2", "Returns > How long do I have?", "30 days."),
        ("policy:policies/returns.md#3", "Returns > Who pays? > In the EU", "We do."),
    ]


def test_a_policy_without_a_title_is_led_by_its_file_name(tmp_path: Path) -> None:
    entries, _ = documents(
        tmp_path,
        policies__returns_md="## How long?\n30 days.\n\n## Who pays?\nWe do.\n",
        policies__policy_txt="Be kind.",
    )
    assert [e.title for e in entries] == ["Policy", "Returns > How long?", "Returns > Who pays?"]


def test_a_plain_text_policy_is_cut_at_its_short_lines() -> None:
    text = "Returns policy\n\nYou can return.\n\n1. Deadline\nThirty days.\n\nLate orders\n\nCall us, we help.\n"
    assert [(s.headings, s.text) for s in text_sections(text)] == [
        (("Returns policy",), "You can return."),
        (("Returns policy", "1. Deadline"), "Thirty days."),
        (("Returns policy", "Late orders"), "Call us, we help."),
    ]


def test_an_html_policy_loses_navigation_and_scripts(tmp_path: Path) -> None:
    page = (
        "<html><head><title>x</title><script>alert(1)</script></head><body><nav>Home</nav><h1>Privacy</h1>"
        "<p>We keep <b>little</b>.</p><h2>What?</h2><ul><li>Name</li><li>Mail</li></ul>"
        "<table><tr><th>Data</th><th>Days</th></tr><tr><td>Logs</td><td>7</td></tr></table><footer>©</footer></body></html>"
    )
    entries, problems = documents(tmp_path, policies__privacy_html=page)
    assert [(e.title, e.text) for e in entries] == [
        ("Privacy", "We keep little."),
        ("Privacy > What?", "- Name\n- Mail\n\nData | Days\nLogs | 7"),
    ]
    assert [p.severity for p in problems] == ["warning"]


def test_headings_in_code_are_text_and_underlines_are_headings() -> None:
    sections = markdown_sections("Terms\n=====\na\n\nMore\n----\n```\n# not a heading\n```\n\n**Exceptions**\n\nnone\n")
    assert [(s.headings, s.text) for s in sections] == [
        (("Terms",), "a"),
        (("Terms", "More"), "# not a heading"),
        (("Terms", "More", "Exceptions"), "none"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "\n\n".join(f"Paragraph {n} " + "with some words in it. " * 12 for n in range(9)),
        "\n".join(f"- item {n} " + "with some words in it " * 8 for n in range(20)),
        " ".join(f"Sentence number {n} is here." for n in range(200)),
        "本店支持七天无理由退货。" * 120,
        "x" * 5000,
    ],
)
def test_long_sections_are_split_without_losing_a_word(text: str) -> None:
    pieces = list(split_long(text))
    assert len(pieces) > 1
    assert all(weight(piece) <= 1200 for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_a_pdf_is_refused_with_a_remedy(tmp_path: Path) -> None:
    entries, problems = documents(tmp_path, policies__terms_pdf=b"%PDF-1.7")
    assert not entries
    assert [(p.file, p.severity) for p in problems] == [("policies/terms.pdf", "error")]
    assert "Markdown" in problems[0].remedy


def test_chinese_policies_in_gbk_are_read(tmp_path: Path) -> None:
    text = "# 退货政策\n\n## 退货期限\n签收后七天内可以退货，运费由买家承担。\n"
    entries, _ = documents(tmp_path, policies__tuihuo_md=text.encode("gbk"))
    assert [(e.title, e.text, e.language) for e in entries] == [
        ("退货政策 > 退货期限", "签收后七天内可以退货，运费由买家承担。", "zh")
    ]
