import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.code_links.extract import code_link
from tests.material import real_rows

REPO = "https://github.com/some-one/some_thing.v2"


@pytest.mark.parametrize(
    "text",
    [
        f"Our code is available at {REPO}",
        f"Our code is available at {REPO}.",
        f"Our code is available at: {REPO}/.",
        f"Code ({REPO}) is public.",
        f"(Code: {REPO}).",
        f"Code is at [{REPO}]({REPO}).",
        f"Code: <{REPO}>",
        f"Code: {REPO}; data: elsewhere",
        f"Code: {REPO}, data: elsewhere",
        f'Code: "{REPO}"',
        f"Code: “{REPO}”.",
        f"代码见{REPO}。",
        f"代码见 {REPO}，数据见附录",
        f"代码（{REPO}）已公开",
        f"Code: {REPO}.git",
        f"Code: {REPO}.git.",
        f"Code: {REPO}?tab=readme-ov-file",
        f"Code: {REPO}#readme",
        f"Code: {REPO}.Our approach is good.",
        "Code: http://github.com/some-one/some_thing.v2",
        "Code: https://www.github.com/some-one/some_thing.v2",
        "Code: HTTPS://GitHub.com/some-one/some_thing.v2",
        "Code: github.com/some-one/some_thing.v2.",
        "Code: www.github.com/some-one/some_thing.v2",
        r"Code: \url{https://github.com/some-one/some_thing.v2}.",
        r"Code: \url{https://github.com/some-one/some\_thing.v2}",
        r"Code: \href{https://github.com/some-one/some_thing.v2}{here}.",
        r"Code: \href{https://github.com/some-one/some_thing.v2}{github.com/some-one/some\_thing}.",
        r"Code: \texttt{github.com/some-one/some\_thing.v2}",
        r"we release $\href{https://github.com/some-one/some_thing.v2}{codes}$",
        f"Code: ${REPO}$",
        f"Code:\n{REPO}\nData: none",
        f"12 pages, 3 figures, {REPO}",
        REPO,
    ],
)
def test_a_repository_is_found_however_it_is_written(text: str) -> None:
    assert code_link(text) == REPO


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "We release nothing.",
        "Code: https://github.com",
        "Code: https://github.com/",
        "Code: https://github.com/some-one",
        "Code: https://github.com/some-one/.",
        "Code: https://github.com/features/actions",
        "Code: https://github.com/topics/deep-learning",
        "Code: https://github.com/orgs/some-one",
        "Code: https://gist.github.com/some-one/0123456789abcdef",
        "Code: https://raw.githubusercontent.com/some-one/thing/main/a.py",
        "Code: mail@github.com/some/thing",
        "Code: https://huggingface.co/some-one",
        "Models: https://huggingface.co/datasets/squad",
        "Code: https://huggingface.co/papers/2505.00001",
        "Project page: https://arxiv.org/abs/2505.00001",
        "Project page: https://doi.org/10.1000/1",
        "Project page: https://youtu.be/abc",
        "Project page: https://www.youtube.com/watch?v=abc",
        "Project page: https://openreview.net/forum?id=abc",
        "Project page: https://",
        "Project page: https://localhost/",
        "Project page: https://[::1",
        "Published at https://some.journal.org/volume/3",
        "Accepted at the workshop (https://some-workshop.github.io/2025/)",
        "Workshop website: https://some-workshop.github.io/2025/",
        "We use PyTorch (https://github.com/pytorch/pytorch).",
        "We used the toolbox https://github.com/open-mmlab/mmdetection in all runs.",
        "Built on https://github.com/huggingface/transformers and tested.",
        "Our method is based on the framework at https://github.com/facebookresearch/detectron2",
        "Existing systems such as Foo (https://github.com/foo/foo) fail.",
        "See the blog https://some-one.github.io/post",
    ],
)
def test_what_is_not_the_papers_own_code_is_left_alone(text: str | None) -> None:
    assert code_link(text) is None


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("Project page: https://a.github.io/p/. Code: https://github.com/a/p",), "github.com/a/p"),
        (("Data: https://huggingface.co/datasets/a/d. Code: github.com/a/p",), "github.com/a/p"),
        (("Project page: https://a.github.io/p/", "Code: github.com/a/p"), "github.com/a/p"),
        (("We use X (https://github.com/x/x). Code: https://github.com/a/p",), "github.com/a/p"),
        (("Code: https://github.com/a/p; we use https://github.com/x/x",), "github.com/a/p"),
        (("Code: https://github.com/a/p and https://github.com/a/q",), "github.com/a/p"),
        (("Code at github.com/a/p", "Code at github.com/a/q"), "github.com/a/p"),
        (("Code: https://github.com/a/p/tree/main/sub.",), "github.com/a/p/tree/main/sub"),
        (("Code: https://gitlab.com/group/sub/p",), "gitlab.com/group/sub/p"),
        (("Code: https://gitlab.inria.fr/a/p.",), "gitlab.inria.fr/a/p"),
        (("Code: https://bitbucket.org/a/p",), "bitbucket.org/a/p"),
        (("Code: https://codeberg.org/a/p",), "codeberg.org/a/p"),
        (("Code: https://anonymous.4open.science/r/p-1A2B/.",), "anonymous.4open.science/r/p-1A2B"),
        (("The model is at https://huggingface.co/a/m.",), "huggingface.co/a/m"),
        (("Data: hf.co/datasets/a/d/viewer",), "huggingface.co/datasets/a/d"),
        (("A demo is at https://huggingface.co/spaces/a/s!",), "huggingface.co/spaces/a/s"),
        (("Project page: https://a.github.io/p/",), "a.github.io/p/"),
        (("Videos and code are available at a.github.io.",), "a.github.io"),
        (("Project website: http://www.some-lab.org/p?x=1#top",), "www.some-lab.org/p?x=1"),
        ((r"Homepage: https://lab.edu/$\sim$ada/p",), "lab.edu/~ada/p"),
        ((None, "Project page: https://a.dev/p (with videos)"), "a.dev/p"),
    ],
)
def test_the_best_link_is_chosen(texts: tuple[str | None, ...], expected: str) -> None:
    assert code_link(*texts) == f"https://{expected}"


@given(st.lists(st.one_of(st.none(), st.text(max_size=80)), max_size=3))
def test_no_text_is_too_strange(texts: list[str | None]) -> None:
    assert code_link(*texts) is None or str(code_link(*texts)).startswith("https://")


@example("", "./", "")
@example("", "/(a)", "")
@given(
    st.text(max_size=20), st.text(alphabet="./:?&=%\\{}()[]'\"，。、#~-_ab", max_size=40), st.text()
)
def test_a_link_is_always_one_clean_address(before: str, tail: str, after: str) -> None:
    link = code_link(f"{before} Code: https://github.com/some-one/thing{tail} {after}")
    if link is not None:
        assert re.fullmatch(r"https://[A-Za-z0-9][\x21-\x7e]*", link)
        assert link[-1] not in ".,;:!?'\"])}\\"


def test_hostile_text_takes_no_time() -> None:
    began = time.thread_time()
    for piece in ("(", ")", "a-", "https://", "github.com/", "made a ", "\\_", ".Our", "a.github."):
        code_link("Code: https://github.com/a/b" + piece * 20_000, piece * 20_000)
    assert time.thread_time() - began < 5


def test_nearly_every_real_paper_that_links_a_repository_gets_its_link() -> None:
    texts = [(row["abstract"], row.get("comment")) for row in real_rows()]
    linking = [pair for pair in texts if "github.com/" in f"{pair[0]} {pair[1]}".lower()]
    found = [link for pair in linking if (link := code_link(*pair))]
    assert len(linking) > 700
    assert len(found) / len(linking) > 0.98
    for link in filter(None, (code_link(*pair) for pair in texts)):
        assert re.fullmatch(r"https://[\w.-]+(/[\x21-\x7e]*)?", link)
        assert not re.search(r"youtu|arxiv\.org|doi\.org|gist\.|[\\{}$]", link)
