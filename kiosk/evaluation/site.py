"""This site's own gallery, ready to be weighed; refuses to hand on whose reference is whose."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from kiosk.vision.arrays import Floats
from kiosk.vision.gallery import REFERENCES_A_PERSON, Gallery, ReferenceLike
from kiosk.vision.manifest import Pack


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """What is enrolled at this door.

    Attributes:
        references: the last five of each person, turned by the store; a person's key is a number that means nothing.
        persons: N x D float32 of unit length, one a person.
    """

    references: Mapping[str, Sequence[Floats]] = field(repr=False)
    persons: Floats = field(repr=False)


def of(references: Iterable[ReferenceLike], pack: Pack) -> Site:
    """The references that are of this pack; people under restriction are not among them, as at the door."""
    kept = [each for each in references if each.model == pack.embedding_space]
    gallery = Gallery.build(kept, pack.embedding_space, pack.dimension, centred=False)
    of_person: dict[str, list[Floats]] = {}
    for reference in kept:
        of_person.setdefault(reference.person, []).append(reference.vector)
    numbered = {str(i): each[-REFERENCES_A_PERSON:] for i, each in enumerate(of_person.values())}
    return Site(numbered, np.ascontiguousarray(gallery.matrix.T))
