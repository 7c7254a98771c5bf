"""Errors of the fake arXiv, in the words of the real one."""

from typing import Final

ERRORS: Final = "https://arxiv.org/api/errors"


class SearchError(Exception):
    """arXiv answers with its error entry, which links to a place, and this HTTP status."""

    def __init__(self, message: str, place: str = ERRORS, *, status: int = 400) -> None:
        super().__init__(message)
        self.message, self.place, self.status = message, place, status


class InternalError(SearchError):
    """arXiv's code fails: https://werkzeug.palletsprojects.com/en/stable/exceptions/."""

    def __init__(self) -> None:
        super().__init__(
            "The server encountered an internal error and was unable to complete your request."
            " Either the server is overloaded or there is an error in the application.",
            status=500,
        )
