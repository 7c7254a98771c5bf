"""Texts made of what breaks HTML, Markdown, TeX, Liquid and Unicode."""

from hypothesis import strategies as st

__all__ = ["hostile_text"]

_FRAGMENTS = [
    *"|\\`*_[]<>&$#~!:{}()'\"%^=+-/@.,;0aZé中𝔸",
    "\n", "\r\n", "\t", " ", "\x00", "\x1b", "\x85", "\u2028", "\u00a0", "\u200d", "\u202e",
    "\ud800", "\udc00", "\ufdd0", "\ufdd1", "\ufeff", "e\u0301", "\u0301" * 30,
    "👩‍👩‍👧‍👦", "🇩🇪🇫🇷", "👍🏽", "שלום", "مرحبا", "नमस्ते", "각",
    "word", "word ", "$5 and $6", "$x_i$", "$|x|$", r"$\|x\|$", r"$a\\|b$", "$a<b>c$", "$`x`$",
    r"\(x\)", r"\[y\]", "$$z$$", r"\textbf{x}", r"\url{https://a.b/c\_d}", r"\frac", r"\alpha",
    "https://a.b/c_d|e", "https://a.b/(c)", "http://a.b/?x=1&copy;2", "www.a_b_c.org", "a_b@c.org",
    "<b>", "</b>", "<script>", "<!--", "&lt;", "&#124;", "&amp;amp;", "](http://evil.org)",
    "![x](y)", "{{ x }}", "{% x %}", "{:.x}", "{#x}", "<http://x.y>", "[x]: y", "***", "~~x~~",
    "|---|", "\\|", "``", "''", "--", "x" * 300, "中" * 90, "/digest",
]  # fmt: skip


def hostile_text(most: int = 40) -> st.SearchStrategy[str]:
    fragments = st.sampled_from(_FRAGMENTS) | st.text(max_size=5)
    return st.lists(fragments, max_size=most).map("".join)
