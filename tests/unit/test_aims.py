"""Service or goods: what a message is about decides where its answer is looked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.aims import AimModel, aim_model, aims_sha256, asks_service


def test_the_model_is_the_one_of_the_messages_beside_it() -> None:
    assert aim_model().sources == aims_sha256(), "run `python -m benchmarks.aims`"


@pytest.mark.parametrize(
    "text",
    [
        "can I pay for the bike in instalments?",
        "my parcel has not moved for three days",
        "I sent it back last week and the money is not there yet",
        "退的东西你们收到了，钱怎么还没退",
        "分期的话要不要手续费",
        "快递停在中转站不动了",
    ],
)
def test_questions_about_service_are_told_from_wishes_for_goods(text: str) -> None:
    assert asks_service(text, None) > 0.8


@pytest.mark.parametrize(
    "text",
    [
        "a waterproof jacket under 80",
        "which of your lamps is the brightest",
        "something to carry a laptop to school",
        "two hundred pieces of gift ribbon, any colour",
        "想买个轻一点的帐篷",
        "有没有黑色的换鞋凳",
    ],
)
def test_wishes_for_goods_are_not_taken_for_questions_about_service(text: str) -> None:
    assert asks_service(text, None) < 0.6


def test_a_message_without_a_known_word_is_undecided() -> None:
    assert asks_service("zxqv", None) == 0.5


def test_a_model_comes_back_from_its_file(tmp_path: Path) -> None:
    words = np.array([[1.0, 2.0], [-1.0, 0.5]], np.float32)
    model = AimModel(
        ("ship", "lamp"), words, np.array([0.25, 0.5], np.float32), np.ones(3, np.float32), "some-embedder", "sum"
    )
    model.save(tmp_path / "model.npz")
    back = AimModel.load(tmp_path / "model.npz")
    assert (back.terms.names, back.embedder, back.sources) == (model.terms.names, "some-embedder", "sum")
    assert back.service("lamp") == model.service("lamp") < 0.5 < model.service("ship")
    assert back.service("lamp", np.ones(3, np.float32)) == model.service("lamp", np.ones(3, np.float32))


def test_reading_the_model_needs_no_heavy_library() -> None:
    code = (
        "import sys, knowledge_base.aims as a; a.asks_service('hi', None); print({'torch', 'sklearn'} & {*sys.modules})"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
