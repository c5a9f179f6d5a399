"""What the device itself did, for the ledger and for nobody else; refuses names, codes and scores in its details."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeAlias


class LocalKind(StrEnum):
    """The closed list of local acts; each becomes an entry sealed under the device key of its month."""

    CREATED = "created"
    STARTED = "started"
    STOPPED = "stopped"
    CLOCK_STEPPED = "clock_stepped"
    PERSON_ADDED = "person_added"
    PIN_SET = "pin_set"
    ENROLLED = "enrolled"
    WITHDRAWN = "withdrawn"
    TAMPERED = "tampered"
    EXCHANGE_REBUILT = "exchange_rebuilt"


# Ids, kinds, counts and durations.
Detail: TypeAlias = Mapping[str, str | int]
AppendLocal: TypeAlias = Callable[[LocalKind, Detail], object]
