"""A digest as files, none larger than Telegram takes."""

from dataclasses import replace

from bot.digest.markdown import Digest, Form, Section, file_name, render


def files(digest: Digest, form: Form, *about: str, most_bytes: int) -> list[tuple[str, bytes]]:
    """Return the name and the content of each file, in the order in which they are read.

    `about` goes into the names, as in `file_name`.
    """
    pages = _pages(digest, form, most_bytes)
    if len(pages) == 1:
        return [(file_name(digest.updated, *about), pages[0])]
    digits = len(str(len(pages)))
    return [
        (file_name(digest.updated, *about, f"{number:0{digits}}of{len(pages)}"), page)
        for number, page in enumerate(pages, 1)
    ]


def _pages(digest: Digest, form: Form, most_bytes: int) -> list[bytes]:
    page = render(digest, form).encode()
    halves = _halves(digest)
    if len(page) <= most_bytes or halves is None:
        return [page]
    return [part for half in halves for part in _pages(half, form, most_bytes)]


def _halves(digest: Digest) -> tuple[Digest, Digest] | None:
    """Return the digest in two; None where there is nothing left to divide."""
    sections = digest.sections
    if len(sections) > 1:
        middle = len(sections) // 2
        return (
            replace(digest, sections=sections[:middle]),
            replace(digest, sections=sections[middle:]),
        )
    if not sections or len(sections[0].papers) < 2:  # noqa: PLR2004 - what can be halved
        return None
    label = sections[0].label
    papers = sorted(
        sections[0].papers, key=lambda paper: (paper.published_at, paper.id), reverse=True
    )
    middle = len(papers) // 2
    first, second = Section(label, tuple(papers[:middle])), Section(label, tuple(papers[middle:]))
    return replace(digest, sections=(first,)), replace(digest, sections=(second,))
