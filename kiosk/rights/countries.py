"""Which countries count as one for data protection; refuses to guess a name for two letters."""

from typing import Final

EEA: Final = frozenset(
    (
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS"),
        *("IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
    )
)
"""The 27 of the European Union, and Iceland, Liechtenstein and Norway; ISO 3166-1 alpha-2."""


def abroad(country: str, home: str) -> bool:
    """Whether data that goes from one country to another leaves the space where the same law protects it.

    Within the EEA nothing leaves (GDPR Chapter V); from anywhere else the border does it (UU PDP 27/2022 Article 56).
    A country that nobody has stated counts as abroad.
    """
    return country not in EEA if home in EEA else country != home
