"""Who an answer is written for: company, language, request; refuses to stop at a word that came later."""

from dataclasses import dataclass

from kiosk.rights import saying
from kiosk.rights.company import Company
from kiosk.words import say


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom the document is made: company, language (two letters), and the request that it answers, or ""."""

    company: Company
    language: str
    request: str = ""

    def say(self, key: str, **values: str | int) -> str:
        """A sentence of this document."""
        return say(self.language, f"access.{key}", **values)

    def known(self, family: str, word: str) -> str:
        """The word for a value of a closed list; a value that came later stands as it is."""
        return saying.known(self.language, f"access.{family}", word)
