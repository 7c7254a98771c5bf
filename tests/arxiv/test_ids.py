"""arXiv's ids where people write or paste them."""

import pytest

from bot.arxiv.ids import ids_in

CASES = [
    ("2406.11840", ["2406.11840"]),
    ("arXiv:2406.11840v3", ["2406.11840"]),
    ("2406.11840 2406.11841,2406.11840", ["2406.11840", "2406.11841"]),
    ("hep-th/9901001", ["hep-th/9901001"]),
    ("math.AG/0601001v2", ["math/0601001"]),
    ("https://arxiv.org/abs/2406.11840", ["2406.11840"]),
    ("http://www.arxiv.org/pdf/2406.11840v1.pdf", ["2406.11840"]),
    ("see arxiv.org/abs/hep-th/9901001.", ["hep-th/9901001"]),
    ("https://huggingface.co/papers/2406.11840 is good", ["2406.11840"]),
    ("看 https://arxiv.org/abs/2406.11840，很好", ["2406.11840"]),
    ("https://doi.org/10.48550/arXiv.2406.11840", ["2406.11840"]),
    ("https://www.alphaxiv.org/overview/2406.11840", ["2406.11840"]),
    ("q-bio.NC/0501001", ["q-bio/0501001"]),
    ("arxiv.org/pdf/cond-mat.str-el/0601001", ["cond-mat/0601001"]),
    ("[2406.11840]", ["2406.11840"]),
    ("2406.11840.", ["2406.11840"]),
    ("“2406.11840”。", ["2406.11840"]),
    ("see arXiv:2406.11840 and arXiv:hep-th/9901001v2.", ["2406.11840", "hep-th/9901001"]),
    ("doi: 10.48550/arXiv.2406.11840", ["2406.11840"]),
    ("it is 10.48550/arXiv.2406.11840, I think", ["2406.11840"]),
    ("https://ar5iv.org/abs/2406.11840", ["2406.11840"]),
    ("https://ar5iv.labs.arxiv.org/html/2406.11840v2", ["2406.11840"]),
    ("http://cn.arxiv.org/pdf/2406.11840", ["2406.11840"]),
    ("http://xxx.lanl.gov/abs/hep-th/9901001", ["hep-th/9901001"]),
    ("https://hf.co/papers/2406.11840", ["2406.11840"]),
    ("https://papers.cool/arxiv/2406.11840", ["2406.11840"]),
    ("https://scirate.com/arxiv/2406.11840", ["2406.11840"]),
    ("https://inspirehep.net/arxiv/2406.11840", ["2406.11840"]),
    ("https://ui.adsabs.harvard.edu/abs/arXiv:2406.11840/abstract", ["2406.11840"]),
    ("https://www.emergentmind.com/papers/2406.11840", ["2406.11840"]),
    ("https://arxiv.org/src/2406.11840", ["2406.11840"]),
    ("notarXiv:2406.11840 is none", []),
    ("https://notarxiv.org/abs/2406.11840", []),
    ("id:2406.11840", []),
    ("gaussian splatting 2406.11840", []),
    ("https://arxiv.org/list/cs.CV/recent", []),
    ("https://evil.example/abs/2406.11840", []),
    ("1234", []),
    ("2406.118401", []),
    ("٢٤٠٦.١١٨٤٠", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "ids"), CASES)
def test_links_count_anywhere_and_bare_ids_alone(text: str, ids: list[str]) -> None:
    assert ids_in(text) == ids
