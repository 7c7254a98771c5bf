"""Detect simplified or traditional Chinese, by the commonest characters that differ."""

_SIMPLIFIED = (
    "这们个来时为会对学习数图现过还应实验结网络训练识标关与无种类发动态计设误"
    "处产总业东车门问间题线视觉语义频输层级维轻从进运选优势较显详单双测试场点"
    "据远边图则约"
)
_TRADITIONAL = (
    "這們個來時為會對學習數圖現過還應實驗結網絡訓練識標關與無種類發動態計設誤"
    "處產總業東車門問間題線視覺語義頻輸層級維輕從進運選優勢較顯詳單雙測試場點"
    "據遠邊圖則約"
)
_EITHER = set("据")
_ONLY = {
    "zh-CN": frozenset(_SIMPLIFIED) - frozenset(_TRADITIONAL) - _EITHER,
    "zh-TW": frozenset(_TRADITIONAL) - frozenset(_SIMPLIFIED) - _EITHER,
}
_ENOUGH = 3
"""Fewer may be a name, or a variant that both know."""


def is_of_the_other_kind(text: str, language: str) -> bool:
    """Tell whether a text for `zh-CN` is written in traditional characters, or the reverse.

    Only where such characters are several and outnumber the right ones: a mixture is an engine's
    oddity, the other kind a wrong answer. Of other languages nothing is said.
    """
    if language not in _ONLY:
        return False
    right = sum(sign in _ONLY[language] for sign in text)
    other = next(kind for kind in _ONLY if kind != language)
    wrong = sum(sign in _ONLY[other] for sign in text)
    return wrong >= _ENOUGH and wrong > right
