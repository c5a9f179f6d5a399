"""Switching packs: faces of another embedding space are compared with nobody's, and who must enrol again is said."""

import logging
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pack_kit import GRANT, buffalo, directory, zoo
from store_kit import CONSENT, MORNING, key_of, new_store
from tiny_networks import recogniser
from vision_kit import Kept, installed

from kiosk.cli import people
from kiosk.cli.models import main
from kiosk.config import Config, Recognition
from kiosk.eye import Eye
from kiosk.store import Reference, Store
from kiosk.vision.gallery import Gallery, GalleryRefused, Match, mean_embedding
from kiosk.vision.known import must_enrol_again
from kiosk.vision.manifest import packs
from kiosk.vision.pipeline import Pipeline
from kiosk.vision.ready import ready


@pytest.fixture(scope="module")
def old_and_new(tmp_path_factory: pytest.TempPathFactory) -> tuple[Pipeline, Pipeline]:
    """Two packs with embeddings of the same size."""
    place = tmp_path_factory.mktemp("packs")
    models, manifest = zoo(place / "zoo")
    folder = directory(place / "buffalo", buffalo() | {"w600k_mbf.onnx": recogniser(128)})
    words = ["import", str(folder), "insightface", "--grant", GRANT, "--models", str(models)]
    assert main(words, manifest=manifest) == 0
    return ready(models, "opencv-zoo", manifest=manifest), ready(models, "insightface", manifest=manifest)


def crop(seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(seed).integers(0, 256, (112, 112, 3), np.uint8)


def enrol(store: Store, pipeline: Pipeline, code: str, seed: int) -> str:
    person = store.people.by_code(code)
    identity = person.id if person else store.people.add(code, f"Person {code}")
    probe = pipeline.embed(crop(seed))
    store.basis.enrol(identity, CONSENT, [Reference(identity, probe.vector, probe.model, 1.0, MORNING)])
    return identity


def gallery(store: Store, pipeline: Pipeline) -> Gallery:
    pack = pipeline.pack
    references, rotation = store.templates.gallery(pack.embedding_space, pack.dimension)
    return Gallery.build(references, pack.embedding_space, pack.dimension, rotation=rotation)


def test_no_two_packs_share_an_embedding_space(old_and_new: tuple[Pipeline, Pipeline]) -> None:
    spaces = [pack.embedding_space for pack in packs() if not pack.addon] + [old_and_new[1].pack.embedding_space]
    assert len(set(spaces)) == len(spaces) == 3
    assert all(0 < len(space) <= 64 for space in spaces)


def test_a_face_of_another_pack_is_never_compared_and_a_new_enrolment_replaces_it(
    tmp_path: Path, old_and_new: tuple[Pipeline, Pipeline]
) -> None:
    old, new = old_and_new
    assert old.pack.dimension == new.pack.dimension
    store = new_store(tmp_path)
    first, second = enrol(store, old, "A-1", 1), enrol(store, old, "A-2", 2)
    third = enrol(store, new, "A-3", 3)
    assert set(gallery(store, old).persons) == {first, second}
    assert set(gallery(store, new).persons) == {third}
    decided = gallery(store, old).decide(old.embed(crop(1)))
    assert isinstance(decided, Match)
    assert decided.person == first
    with pytest.raises(GalleryRefused, match="model"):
        gallery(store, old).decide(new.embed(crop(1)))
    with pytest.raises(GalleryRefused, match="model"):
        mean_embedding([old.embed(crop(1)), new.embed(crop(1))])
    turn, other = (store.templates.gallery(each.pack.embedding_space, 128)[1] for each in old_and_new)
    assert not np.array_equal(turn, other), "each space is turned its own way"
    assert must_enrol_again(store.templates.spaces(), new.pack.embedding_space) == {first, second}
    enrol(store, new, "A-1", 1)
    assert must_enrol_again(store.templates.spaces(), new.pack.embedding_space) == {second}
    assert set(gallery(store, new).persons) == {first, third}
    assert set(gallery(store, old).persons) == {second}


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(("old", "new", "other")))))
def test_whoever_has_a_reference_and_none_in_the_wanted_space_must_enrol_again(pairs: list[tuple[str, str]]) -> None:
    again = must_enrol_again(pairs, "new")
    assert again == {person for person, _ in pairs if not any(pair == (person, "new") for pair in pairs)}
    references = [Kept(person, np.eye(1, 4, dtype=np.float32)[0], model) for person, model in pairs]
    assert again | set(Gallery.build(references, "new", 4).persons) == {person for person, _ in pairs}
    assert again.isdisjoint(Gallery.build(references, "new", 4).persons)


def test_the_list_of_people_marks_whose_face_another_pack_enrolled(
    tmp_path: Path, old_and_new: tuple[Pipeline, Pipeline], capsys: pytest.CaptureFixture[str]
) -> None:
    old, _ = old_and_new
    state = tmp_path / "state"
    store = Store.create(state, provider=key_of(state))
    enrol(store, old, "A-1", 1)
    store.people.add("A-2", "Without A Face")
    store.close()
    config = tmp_path / "kiosk.toml"
    for settings, marks in (
        ('[recognition]\npack = "opencv-zoo"\n', "face"),
        ("", "face of another pack: must enrol again"),
        ('[recognition]\nmode = "off"\n', "face"),
        ('[recognition]\npack = "nobody-s"\n', "face"),
    ):
        config.write_text(settings)
        assert people.main(["list", "--config", str(config)]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert [line[48:].strip() for line in lines] == [marks, ""]


def test_the_start_log_counts_those_who_must_enrol_again_and_names_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pack = installed().pack
    eye = Eye(Config(data=tmp_path), post=lambda _: None, show=lambda _: None)
    here, there = (np.eye(2, 512, dtype=np.float32)[row] for row in (0, 1))
    with caplog.at_level(logging.INFO, "ambang.eye"):
        references = [Kept("anna", here, pack.embedding_space), Kept("budi", there, "another"), Kept("budi", here, "x")]
        eye.enrol(references, None)
        assert "gallery of 1" in caplog.text
        assert "1 enrolled with another pack must enrol again" in caplog.text
        assert not any(name in caplog.text for name in ("anna", "budi"))
        caplog.clear()
        eye.enrol(iter([Kept("anna", here, pack.embedding_space)]), None)
        assert "enrol again" not in caplog.text
        assert "gallery of 1" in caplog.text


def test_a_kiosk_whose_pack_is_not_whole_sees_no_face_and_goes_on(tmp_path: Path) -> None:
    models, _ = zoo(tmp_path / "models")
    eye = Eye(
        Config(data=tmp_path, models=models, recognition=Recognition(pack="opencv-zoo")),
        post=lambda _: None,
        show=lambda _: None,
    )
    assert eye.space is None  # the small networks are not the manifest's
