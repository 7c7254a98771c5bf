"""A fake server for arXiv's OAI-PMH, over the papers of the fake API.

It answers as https://github.com/arXiv/oaipmh does, with its limits and its errors: pages of 2,500
records, resumption tokens that are offsets and say when they expire, errors with HTTP 200. It is
stricter where the protocol is: a token is good until then, and only where it was given out. In
front of it is a cache, as there, which keeps an error until midnight; what is posted passes it by.
https://www.openarchives.org/OAI/openarchivesprotocol.html
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode

from bot.playground.arxiv import oai_xml
from bot.playground.arxiv.calendar import announced_at, ready_at
from bot.playground.arxiv.faults import ArxivFault
from bot.playground.arxiv.oai_xml import Code, OaiError, Record
from bot.playground.arxiv.papers import ArxivEntry
from bot.playground.arxiv.service import Asked, Reply, Service
from bot.playground.arxiv.stand_in import FakeArxiv

_EARLIEST = date(2005, 9, 16)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_IDENTIFIER = re.compile(r"oai:arXiv\.org:(.+)")
_RECORDS = 2_500
_HEADERS = 20_000
_DAY = timedelta(days=1)


class _Selection(NamedTuple):
    """What a list is asked for."""

    first: date
    last: date
    set: str
    prefix: str


class FakeOai(Service):
    """arXiv's OAI-PMH in a box; `await start()` returns the address for ARXIV_OAI_URL."""

    path = "/oai"

    def __init__(
        self,
        arxiv: FakeArxiv,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        page_size: int = _RECORDS,
        min_delay: float = 0.0,
        seed: int = 0,
    ) -> None:
        """Stand beside a fake API.

        now: its clock, by which papers are announced. page_size: the most records that one answer
        has; of headers it has eight times as many.
        """
        super().__init__(min_delay=min_delay, seed=seed)
        self.arxiv = arxiv
        self._now = now
        self._page_size = page_size
        self._edited: dict[str, datetime] = {}
        self._deleted: set[str] = set()
        self._tokens: dict[str, datetime] = {}
        self._cached: dict[frozenset[tuple[str, str]], tuple[datetime, str]] = {}

    def edit(self, ids: Iterable[str], at: datetime | None = None) -> None:
        """Let something about these papers be changed, so that their records are of that day."""
        self._edited.update(dict.fromkeys(ids, at or self._now()))

    def delete(self, ids: Iterable[str]) -> None:
        """Let these records be deleted today."""
        gone = list(ids)
        self._deleted.update(gone)
        self.edit(gone)

    def expire_tokens(self) -> None:
        """Let no resumption token that was given out be good any more."""
        self._tokens.clear()

    def reply(self, asked: Asked, fault: ArxivFault | None) -> Reply:
        """Return what OAI-PMH says: HTTP 200, whatever it is."""
        key = frozenset(asked.arguments.items())
        until, body = self._cached.get(key, (self._now(), ""))
        if asked.method != "GET" or until <= self._now():
            try:
                answer = self._answer(asked, fault)
                body = oai_xml.document(asked.arguments, answer, now=self._now())
            except OaiError as error:
                # What can't be understood is not repeated.
                arguments = asked.arguments if error.code is Code.NO_RECORDS else {}
                body = oai_xml.document(arguments, oai_xml.error(error), now=self._now())
                if asked.method == "GET":
                    self._cached[key] = self._expiry(), body
        return Reply(body, "text/xml")

    def _answer(self, asked: Asked, fault: ArxivFault | None) -> str:
        if asked.repeated:
            raise OaiError(Code.BAD_ARGUMENT, "Duplicate parameters not allowed")
        if fault is ArxivFault.ERROR_ENTRY:
            raise OaiError(Code.BAD_ARGUMENT, "unexpected error")
        arguments = asked.arguments
        verb = arguments.get("verb", "")
        match verb:
            case "ListRecords" | "ListIdentifiers":
                return self._list(verb, arguments, fault)
            case "GetRecord":
                _only(arguments, "verb", "identifier", "metadataPrefix", all_of_them=True)
                return f"<GetRecord>{self._one(arguments)}</GetRecord>"
            case "Identify":
                _only(arguments, "verb")
                return oai_xml.identify(_EARLIEST)
            case "ListMetadataFormats":
                _only(arguments, "verb", "identifier")
                if "identifier" in arguments:
                    self._record_of(arguments["identifier"])
                return oai_xml.formats()
            case "ListSets":
                _only(arguments, "verb")
                return oai_xml.sets({name for record in self._records() for name in record.sets})
            case _:
                raise OaiError(Code.BAD_VERB, "Invalid verb provided")

    def _one(self, arguments: Mapping[str, str]) -> str:
        prefix = _format(arguments)
        return self._record_of(arguments["identifier"]).xml(prefix)

    def _record_of(self, identifier: str) -> Record:
        found = _IDENTIFIER.fullmatch(identifier)
        if found is None:
            raise OaiError(Code.NO_ID, "All identifiers start with: oai:arXiv.org:")
        for record in self._records():
            if record.entry.id == found[1]:
                return record
        raise OaiError(Code.NO_ID, "Nothing found for this ID")

    def _list(self, verb: str, arguments: Mapping[str, str], fault: ArxivFault | None) -> str:
        skip = 0
        resumed = "resumptionToken" in arguments
        if resumed:
            _only(arguments, "verb", "resumptionToken")
            arguments, skip = self._resumed(verb, arguments["resumptionToken"])
        _only(arguments, "verb", "metadataPrefix", "from", "until", "set")
        selection = self._selection(arguments)
        size = self._page_size * (1 if verb == "ListRecords" else _HEADERS // _RECORDS)
        found = self._select(selection)[skip:]
        if not found or fault is ArxivFault.NOTHING:
            raise OaiError(Code.NO_RECORDS)
        page = found[:size]
        token = oai_xml.token("", self._expiry()) if resumed else ""
        if found[size:]:
            token = self._token(verb, selection, found[: size + 1], skip)
        # Selected by the second, but shown by the day.
        page.sort(key=lambda record: (record.changed.date(), record.entry.id))
        if verb == "ListIdentifiers":
            shown = [record.header for record in page]
        else:
            shown = [record.xml(selection.prefix) for record in page]
        return f"<{verb}>{''.join(oai_xml.spoilt(shown, fault))}{token}</{verb}>"

    def _selection(self, arguments: Mapping[str, str]) -> _Selection:
        today = self._now().date()
        first = _day(arguments, "from") or _EARLIEST
        last = _day(arguments, "until") or today
        if first > last:
            raise OaiError(
                Code.BAD_ARGUMENT, "until date must be greater than or equal to from date"
            )
        if first < _EARLIEST:
            raise OaiError(Code.BAD_ARGUMENT, "start date too early")
        if datetime.combine(last, time.max, UTC) > self._now() + _DAY:
            raise OaiError(Code.BAD_ARGUMENT, "until date too late")
        name = arguments.get("set", "")
        if name and not any(record.is_in(name) for record in self._records()):
            raise OaiError(Code.BAD_ARGUMENT, "Set does not exist")
        return _Selection(first, last, name, _format(arguments))

    def _select(self, selection: _Selection) -> list[Record]:
        found = [
            record
            for record in self._records()
            if selection.first <= record.changed.date() <= selection.last
            and (not selection.set or record.is_in(selection.set))
        ]
        return sorted(found, key=lambda record: (record.changed, record.entry.id))

    def _records(self) -> list[Record]:
        return [record for entry in self.arxiv.entries if (record := self._record(entry))]

    def _record(self, entry: ArxivEntry) -> Record | None:
        """Return what is known of a paper by now: its newest version that has been announced."""
        now = self._now()
        for version in {entry.version: entry.updated, 1: entry.published}.items():
            if ready_at(version[1]) <= now:
                changed = announced_at(version[1])
                edited = self._edited.get(entry.id)
                if edited is not None and edited <= now:
                    changed = max(changed, edited)
                return Record(entry.at(version[0]), changed, entry.id in self._deleted)
        return None

    def _token(self, verb: str, selection: _Selection, found: list[Record], skip: int) -> str:
        """Return the token for what comes behind a page, as arXiv makes it: an offset.

        found: the page, and the record behind it.
        """
        days = [record.changed.date() for record in found]
        next_day = days.pop()
        whole_page = next_day == days[0]
        skip = skip + len(days) if whole_page else days.count(next_day)
        asked = {
            "verb": verb,
            "metadataPrefix": selection.prefix,
            "from": (selection.first if whole_page else next_day).isoformat(),
            "until": selection.last.isoformat(),
            **({"set": selection.set} if selection.set else {}),
            "skip": str(skip),
        }
        text = quote(urlencode(asked))
        self._tokens[text] = self._expiry()
        return oai_xml.token(text, self._tokens[text])

    def _resumed(self, verb: str, token: str) -> tuple[dict[str, str], int]:
        if self._tokens.get(token, self._now()) <= self._now():
            raise OaiError(Code.BAD_RESUMPTION, "Token decoding failed or format is invalid.")
        arguments = dict(parse_qsl(unquote(token)))
        if arguments["verb"] != verb:
            raise OaiError(Code.BAD_RESUMPTION, "token from different verb")
        return arguments, int(arguments.pop("skip"))

    def _expiry(self) -> datetime:
        return datetime.combine(self._now().date() + _DAY, time(), UTC)


def _only(arguments: Mapping[str, str], *names: str, all_of_them: bool = False) -> None:
    if arguments.keys() - set(names) or (all_of_them and set(names) - arguments.keys()):
        raise OaiError(Code.BAD_ARGUMENT, f"Allowed parameters: {', '.join(names)}")


def _format(arguments: Mapping[str, str]) -> str:
    if "metadataPrefix" not in arguments:
        raise OaiError(Code.BAD_ARGUMENT, "metadataPrefix required.")
    if arguments["metadataPrefix"] not in oai_xml.FORMATS:
        raise OaiError(Code.BAD_FORMAT, "Did not recognize requested format")
    return arguments["metadataPrefix"]


def _day(arguments: Mapping[str, str], name: str) -> date | None:
    text = arguments.get(name)
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not _DATE.fullmatch(text):
        raise OaiError(Code.BAD_ARGUMENT, f"{name} date format must be YYYY-MM-DD")
    return day
