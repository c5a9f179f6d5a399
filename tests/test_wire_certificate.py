"""A certificate of erasure counts as long as not one byte of it was changed."""

import json
from dataclasses import replace

import pytest
from wire_samples import KEY, OTHER
from wire_strategies import flips
from wire_vectors_certificate import sample

from wire import certificate
from wire.certificate import CLASSES, FILE_LIMIT, Certificate, Limit, Scope
from wire.errors import BadSignature, FormatError

FILE = certificate.sign(sample(), KEY)


@pytest.mark.parametrize("scope", Scope)
def test_a_certificate_survives_the_journey(scope: Scope) -> None:
    for what in (sample(scope), replace(sample(scope), limits=tuple(Limit)), replace(sample(scope), limits=())):
        file = certificate.sign(what, KEY)
        assert certificate.read(file, KEY.public) == what
        assert len(file) < FILE_LIMIT / 2


def test_one_flipped_bit_at_any_place_is_refused() -> None:
    altered = list(flips(FILE))
    assert len(altered) == 8 * len(FILE)
    for file in altered:
        with pytest.raises(FormatError):
            certificate.read(file, KEY.public)


def test_another_byte_at_any_place_a_missing_one_or_one_more_is_refused() -> None:
    for at in range(len(FILE)):
        other = b"0" if FILE[at : at + 1] != b"0" else b"1"
        for file in (FILE[:at] + other + FILE[at + 1 :], FILE[:at] + FILE[at + 1 :], FILE[:at] + other + FILE[at:]):
            with pytest.raises(FormatError):
                certificate.read(file, KEY.public)


def test_a_certificate_of_another_device_is_refused() -> None:
    with pytest.raises(BadSignature):
        certificate.read(FILE, OTHER.public)
    with pytest.raises(BadSignature):
        certificate.read(certificate.sign(sample(), OTHER), KEY.public)
    with pytest.raises(BadSignature):
        certificate.read(certificate.sign(sample(), OTHER), OTHER.public)  # its checkpoint is the first device's


WRONG: dict[str, dict[str, object]] = {
    "a name as subject": {"subject": "Budi Santoso"},
    "no subject": {"subject": ""},
    "an entry beyond the checkpoint": {"seq": 6},
    "a class missing": {"destroyed": dict.fromkeys(CLASSES[Scope.FACE], 0)},
    "a place missing": {"searched": {}},
    "limits out of order": {"limits": (Limit.FLASH, Limit.EARLIER_COPIES)},
    "a negative count": {"pieces": -1},
    "a bad id": {"id": "0" * 15 + "G"},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_certificate_that_its_format_could_not_spell_is_never_made(wrong: str) -> None:
    fields = {name: getattr(sample(), name) for name in Certificate.__slots__}
    with pytest.raises(FormatError):
        Certificate(**{**fields, **WRONG[wrong]})


def test_there_is_no_field_for_a_name_a_code_a_time_of_work_or_a_vector() -> None:
    said = json.loads(FILE)
    texts = [value for name, value in said.items() if isinstance(value, str) and name not in {"checkpoint", "sig"}]
    assert max(map(len, texts)) <= 64
    assert {name for name, value in said.items() if isinstance(value, list)} == {"limits"}
