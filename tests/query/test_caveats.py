"""What is said of a query that may find less than its writer expects."""

import pytest

from bot.query.caveats import has_other_script, other_classes
from bot.query.parser import parse, parse_stored


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # letters that English has not
        ("大模型", True),
        ("多模态 cs.CV", True),
        ("拡散モデル", True),
        ("딥러닝", True),
        ("нейронные сети", True),
        ("شبكة عصبية", True),
        ("רשת", True),
        ("图", True),
        ("gan OR 生成", True),
        ("au:李飞飞", True),
        ('"diffusion 模型"', True),
        # letters that it has, or borrows
        ("gan", False),
        ("Schrödinger", False),
        ("naïve", False),
        ("Poincaré", False),
        ("Łojasiewicz", False),
        ("señal", False),
        ("β-decay", False),
        ("α", False),
        ("µP", False),
        ("ℵ", False),
        ("ℏ 𝔸", False),
        ("Hawaiʻi", False),
        ("ﬁne-tuning", False),
        ("ＧＡＮ", False),
        # what is not looked for
        ("gan -综述", False),
        ("作者：“Yann LeCun”", False),
        ("标题：gan", False),
        ("（gan｜vae）", False),
    ],
)
def test_letters_that_english_has_not_are_noticed(query: str, *, expected: bool) -> None:
    assert has_other_script(parse(query)) is expected


@pytest.mark.parametrize(
    ("query", "classes"),
    [
        ("cat:68T07", ["68T07"]),
        ("cat:i.2.10 gan", ["I.2.10"]),
        ("gan OR (cat:68T07 cs.CV)", ["68T07"]),
        ("gan -cat:68T07", []),
        ("cs.CV", []),
    ],
)
def test_classes_that_arxiv_no_longer_tells_are_noticed(query: str, classes: list[str]) -> None:
    assert other_classes(parse_stored(query)) == classes
