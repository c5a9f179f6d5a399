"""`kiosk models`: what is installed is whole and known, wherever it came from, or nothing is installed."""

import base64
import hashlib
import io
import os
import tarfile
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import replace
from email.message import Message
from pathlib import Path
from urllib.response import addinfourl

import pytest
from onnx_kit import manifest, model

from kiosk.cli import models_fetch
from kiosk.cli.models import main
from kiosk.cli.models_fetch import NotThere, Tell, from_git, from_npm, from_throw_away_node, members
from kiosk.vision.manifest import ModelFile, NpmSource, Pack, find

FILES = {"a.onnx": model(), "b.onnx": model(operator=b"Relu")}


def silent(_: str) -> None:
    """Nobody listens."""


def gives(files: dict[str, bytes]) -> models_fetch.Source:
    def source(pack: Pack, wanted: Sequence[ModelFile], tell: Tell) -> dict[str, bytes]:
        del pack
        tell("here they are")
        return {file.name: files[file.name] for file in wanted}

    return source


def has_nothing(pack: Pack, wanted: Sequence[ModelFile], tell: Tell) -> dict[str, bytes]:
    del pack, wanted, tell
    raise NotThere("I have nothing.")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return manifest(tmp_path, FILES)


def run(words: str, tmp_path: Path, path: Path, *sources: models_fetch.Source) -> int:
    return main([*words.split(), "--models", str(tmp_path / "models")], sources, path)


def installed(tmp_path: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in (tmp_path / "models").rglob("*") if each.is_file()}


def test_a_pack_is_fetched_from_the_first_source_that_has_it(
    tmp_path: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("fetch tiny", tmp_path, path, has_nothing, gives(FILES)) == 0
    assert installed(tmp_path) == FILES
    assert "I have nothing." in capsys.readouterr().out
    assert run("verify", tmp_path, path) == 0
    assert run("fetch tiny", tmp_path, path, has_nothing) == 0
    assert "installed already" in capsys.readouterr().out


def test_a_wrong_byte_is_refused_with_a_sentence_and_nothing_is_installed(
    tmp_path: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = FILES | {"b.onnx": FILES["b.onnx"][:-1] + b"\x07"}
    assert run("fetch tiny", tmp_path, path, gives(wrong)) == 1
    said = capsys.readouterr().out
    assert "b.onnx is not the file that this program knows. It was refused" in said
    assert "could not be fetched" in said
    assert installed(tmp_path) == {}


def test_an_altered_file_is_fetched_again_and_the_others_are_not(
    tmp_path: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("fetch tiny", tmp_path, path, gives(FILES)) == 0
    (tmp_path / "models" / "tiny" / "a.onnx").write_bytes(b"x")
    assert run("verify tiny", tmp_path, path) == 1
    assert "is not the one that this program knows" in capsys.readouterr().out
    assert run("fetch tiny", tmp_path, path, gives({"a.onnx": FILES["a.onnx"]})) == 0
    assert run("verify tiny", tmp_path, path) == 0


def test_an_import_takes_a_folder_and_refuses_a_wrong_one(
    tmp_path: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stick = tmp_path / "stick"
    (stick / "tiny").mkdir(parents=True)
    assert run(f"import {stick}", tmp_path, path) == 1
    assert "no model file" in capsys.readouterr().out
    (stick / "a.onnx").write_bytes(FILES["a.onnx"])
    assert run(f"import {stick}", tmp_path, path) == 1
    assert "b.onnx is not in that folder" in capsys.readouterr().out
    (stick / "tiny" / "b.onnx").write_bytes(FILES["b.onnx"] + b"\x00")
    assert run(f"import {stick}", tmp_path, path) == 1
    assert installed(tmp_path) == {}
    (stick / "tiny" / "b.onnx").write_bytes(FILES["b.onnx"])
    assert run(f"import {stick} tiny", tmp_path, path) == 0
    assert installed(tmp_path) == FILES
    assert run(f"import {tmp_path}/nowhere", tmp_path, path) == 1


def test_the_list_says_what_is_installed(tmp_path: Path, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", tmp_path, path) == 0
    assert "not installed" in capsys.readouterr().out
    run("fetch tiny", tmp_path, path, gives(FILES))
    (tmp_path / "models" / "tiny" / "a.onnx").write_bytes(b"x")
    run("list", tmp_path, path)
    assert "ALTERED" in capsys.readouterr().out


def test_a_command_that_does_not_exist_is_refused(tmp_path: Path, path: Path) -> None:
    assert run("paint", tmp_path, path) == 2
    assert run("fetch nobody", tmp_path, path) == 1
    assert main(["--help"]) == 0


def test_a_folder_that_cannot_be_written_is_said(
    tmp_path: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")
    assert run("fetch tiny", tmp_path, path, gives(FILES)) == 1
    assert "cannot be written" in capsys.readouterr().out


def archive(folder: Path, entries: dict[str, bytes], *, link: str = "") -> Path:
    target = folder / "tiny-1.0.0.tgz"
    with tarfile.open(target, "w:gz") as tar:
        for name, data in entries.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        if link:
            info = tarfile.TarInfo(link)
            info.type = tarfile.SYMTYPE
            info.linkname = "/etc/passwd"
            tar.addfile(info)
    return target


def npm_source(path: Path) -> NpmSource:
    digest = base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    return NpmSource("tiny", "1.0.0", f"sha512-{digest}", "package/model")


def test_only_the_named_members_of_an_npm_package_are_read(tmp_path: Path, path: Path) -> None:
    pack = find("tiny", path)
    entries = {f"package/model/{name}": data for name, data in FILES.items()} | {"package/../../evil": b"x"}
    packed = archive(tmp_path, entries)
    assert members(packed, npm_source(packed), pack.files) == FILES
    assert {each.name for each in tmp_path.iterdir()} == {"manifest.toml", "tiny-1.0.0.tgz"}


@pytest.mark.parametrize("fault", ["integrity", "missing", "link", "longer", "no archive"])
def test_another_npm_package_is_refused(tmp_path: Path, path: Path, fault: str) -> None:
    pack = find("tiny", path)
    entries = {f"package/model/{name}": data for name, data in FILES.items()}
    if fault in ("missing", "link"):
        del entries["package/model/a.onnx"]
    if fault == "longer":
        entries["package/model/a.onnx"] += b"x"
    packed = archive(tmp_path, entries, link="package/model/a.onnx" if fault == "link" else "")
    if fault == "no archive":
        packed.write_bytes(b"no archive")
    source = npm_source(packed)
    if fault == "integrity":
        source = replace(source, integrity="sha512-" + base64.b64encode(bytes(64)).decode())
    with pytest.raises(NotThere):
        members(packed, source, pack.files)


def stand_in(folder: Path, script: str) -> None:
    """Put a program called npm at the front of the path."""
    program = folder / "npm"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_npm_runs_no_script_of_the_package(tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = archive(tmp_path, {f"package/model/{name}": data for name, data in FILES.items()})
    pack = replace(find("tiny", path), npm=npm_source(packed))
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    stand_in(
        bin_folder,
        f'echo "$@" > {tmp_path}/words\nwhile [ "$1" != --pack-destination ]; do shift; done\ncp {packed} "$2"',
    )
    monkeypatch.setenv("PATH", f"{bin_folder}:{os.environ['PATH']}")
    assert from_npm(pack, pack.files, silent) == FILES
    words = (tmp_path / "words").read_text().split()
    assert words[:3] == ["pack", "--ignore-scripts", "--no-update-notifier"]
    assert words[-1] == "tiny@1.0.0"


def test_an_npm_that_fails_or_is_not_there_is_said(tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = find("tiny", path)
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    stand_in(bin_folder, "exit 1")
    monkeypatch.setenv("PATH", f"{bin_folder}:{os.environ['PATH']}")
    with pytest.raises(NotThere, match="npm could not"):
        from_npm(pack, pack.files, silent)
    with pytest.raises(NotThere, match="not published"):
        from_npm(replace(pack, npm=None), pack.files, silent)
    stand_in(bin_folder, "exit 0")
    with pytest.raises(NotThere, match="npm could not"):
        from_npm(pack, pack.files, silent)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotThere, match="not installed"):
        from_npm(pack, pack.files, silent)
    with pytest.raises(NotThere, match="this kind of machine"):
        from_throw_away_node(replace(pack, npm=None), pack.files, silent)


class InMemory(urllib.request.HTTPSHandler):
    """The public repository, in memory."""

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__()
        self.files = files

    def https_open(self, req: urllib.request.Request) -> addinfourl:  # type: ignore[override] # HTTPResponse is a socket's
        name = req.full_url.rpartition("/")[2]
        if name not in self.files:
            raise urllib.error.URLError("not there")
        answer = addinfourl(io.BytesIO(self.files[name]), Message(), req.full_url, 200)
        answer.msg = "OK"  # type: ignore[attr-defined] # urllib's own handlers set it so
        return answer


def test_the_public_repository_is_read_over_https_and_never_past_the_end(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = find("tiny", path)
    said: list[str] = []
    endless = FILES | {"b.onnx": FILES["b.onnx"] + bytes(1 << 20)}
    monkeypatch.setattr(urllib.request, "_opener", urllib.request.build_opener(InMemory(endless)))
    found = from_git(pack, pack.files, said.append)
    assert found["a.onnx"] == FILES["a.onnx"]
    assert len(found["b.onnx"]) == len(FILES["b.onnx"]) + 1
    assert any("100%" in each for each in said)
    monkeypatch.setattr(urllib.request, "_opener", urllib.request.build_opener(InMemory({})))
    with pytest.raises(NotThere, match="cannot be reached"):
        from_git(pack, pack.files, silent)
    with pytest.raises(NotThere, match="not an https address"):
        from_git(replace(pack, git="http://example.invalid/{name}"), pack.files, silent)


def test_each_file_of_a_pack_is_asked_for_where_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Noting(InMemory):
        def https_open(self, req: urllib.request.Request) -> addinfourl:  # type: ignore[override] # as above
            asked.append(req.full_url)
            return super().https_open(req)

    pack = find("opencv-zoo")
    names = {file.name: b"" for file in pack.files}
    monkeypatch.setattr(urllib.request, "_opener", urllib.request.build_opener(Noting(names)))
    from_git(pack, pack.files, silent)
    assert [url.split("/")[-2:] for url in asked] == [
        ["face_detection_yunet", "face_detection_yunet_2026may.onnx"],
        ["face_recognition_sface", "face_recognition_sface_2021dec.onnx"],
    ]


def test_the_addons_are_tried_once_and_may_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = manifest(tmp_path, FILES)
    addon = path.read_text().replace('name = "tiny"', 'name = "more"', 1).replace('kind = "pack"', 'kind = "addon"', 1)
    path.write_text(path.read_text() + addon.replace("default = true", "default = false"))
    monkeypatch.setattr(urllib.request, "_opener", urllib.request.build_opener(InMemory({})))
    assert run("fetch tiny", tmp_path, path, gives(FILES), from_git) == 0
    assert "The add-on more (a tiny pack) is not installed" in capsys.readouterr().out
    monkeypatch.setattr(urllib.request, "_opener", urllib.request.build_opener(InMemory(FILES)))
    assert run("fetch tiny", tmp_path, path, from_git) == 0
    assert "The add-on more is installed and verified" in capsys.readouterr().out
    assert run("verify", tmp_path, path) == 0
