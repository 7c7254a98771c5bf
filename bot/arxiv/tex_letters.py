r"""TeX's accents, Greek letters and signs as Unicode, where arXiv's API has them so.

OAI-PMH's `arXivRaw` hands out what the authors typed (`Erd\H{o}s`, `$\alpha$`); the API's feeds
hold it after one conversion of arXiv's own, in formulas as well. The same paper has to read the
same whichever way it came, so this follows that conversion's rules, the odd ones included:
`tex2utf` in https://github.com/arXiv/arxiv-base/blob/develop/arxiv/util/tex2utf.py. What it
leaves alone is left alone here; `bot.tex.to_unicode` is for what people read.
"""

import re
import unicodedata

from bot.regex.lazy_pattern import lazily
from bot.tex.symbols import ACCENTS

_LETTERS = (
    "AA=Å AE=Æ DH=Ð DJ=Đ ETH=Ð L=Ł NG=Ŋ O=Ø oe=œ OE=Œ TH=Þ aa=å ae=æ dh=ð dj=đ eth=ð i=ı l=ł ng=ŋ"
    " o=ø ss=ß th=þ"
)
_GREEK = (
    "Gamma=Γ Delta=Δ Theta=Θ Lambda=Λ Xi=Ξ Pi=Π Sigma=Σ Upsilon=Υ Phi=Φ Psi=Ψ Omega=Ω alpha=α"
    " beta=β gamma=γ delta=δ epsilon=ε zeta=ζ eta=η theta=θ iota=ι kappa=κ lambda=λ mu=μ nu=ν xi=ξ"
    " omicron=ο pi=π rho=ρ varsigma=ς sigma=σ tau=τ varphi=φ phi=ϕ chi=χ psi=ψ omega=ω"
)
_SIGNS = "P=¶ S=§ copyright=© guillemotleft=« guillemotright=» pounds=£ dag=† ddag=‡ div=÷ deg=°"
_ACCENTED = {
    "'": "ACEILNORSUYZ", '"': "AEIOUY", ".": "ACEGIOZ", "=": "AEIOUY", "^": "ACEGHIJOSUWY",
    "`": "AEIOU", "~": "AINOU", "H": "OU", "c": "CEGKLNRST", "k": "AEIOU", "r": "AU",
    "u": "AEGIOU", "v": "ACDEGHIKLNORSTUZ",
}  # fmt: skip
"""The letters, as capitals, that arXiv knows under each accent."""


class _Table:
    r"""Names of characters: `{\o}`, or a bare `\o` with the space that only ends the name."""

    def __init__(self, pairs: str) -> None:
        self._letters = dict(pair.split("=") for pair in pairs.split())
        name = rf"\\({'|'.join(self._letters)})(?:\b|(?=_))"
        self._pattern = lazily(rf"\{{{name}\}}|{name}(?:\\(?= )| |\{{\}})?")

    def read(self, tex: str) -> str:
        return self._pattern.sub(lambda found: self._letters[found[1] or found[2]], tex)


_TABLES = [_Table(_LETTERS), _Table(_GREEK), _Table(_SIGNS)]
_DOTLESS_J = lazily(r"\{\\j\}|\\j\s")
_DEEPEST = 20
_ACCENTS = [
    lazily(r"""\\(['`^"~=.])([a-zA-Z])"""),
    lazily(r"""\\(['`^"~=.])\{([a-zA-Z])\}"""),
    lazily(r"\\([Hckruv])\{([a-zA-Z])\}"),
]
_TIED = lazily(r"\\t\{([^}])\}")


def to_letters(tex: str) -> str:
    """Return text as arXiv's feeds have it; without TeX, the text itself."""
    for table in _TABLES:
        tex = table.read(tex)
    tex = _DOTLESS_J.sub("j", tex)
    for _ in range(_DEEPEST):
        if (simpler := _less_nested(tex)) == tex:
            break
        tex = simpler
    for accent in _ACCENTS:
        tex = accent.sub(_accented, tex)
    return _TIED.sub(r"\1", tex)


def _less_nested(tex: str) -> str:
    """Return text with one pair of braces fewer around the same, as in `{{x}}`."""
    *pieces, end = tex.split("}}")
    simpler = []
    for piece in pieces:
        before, brace, within = piece.rpartition("}")
        nested = "{{" in within
        inner = within.replace("{{", "{", 1)
        simpler.append(f"{before}{brace}{inner}{'}' if nested else '}}'}")
    return "".join([*simpler, end])


def _accented(found: re.Match[str]) -> str:
    mark, letter = found.groups()
    if letter.upper() in _ACCENTED[mark]:
        composed = unicodedata.normalize("NFC", letter + ACCENTS[mark])
        return composed if len(composed) == 1 else letter
    return mark + letter if mark.isalpha() else letter
