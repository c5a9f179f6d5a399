"""What may lie in the repository: no path of one machine, no index host, no weights, no photograph, no long file."""

import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "hq.lock", "dev.lock")
LONGEST = 400
# Written so that this file does not hold what it looks for.
INDEX_HOSTS = re.compile(r"pypi[.]org|files[.]pythonhosted|registry[.]npmjs|deb[.]debian")
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|farm)/|/(?:home|Users)/\w|(?<![\w.-])/roo[t]/")
WEIGHTS = re.compile(r".*[.](onnx|pt|pth|npy|npz|tflite|caffemodel|h5|pb|safetensors|bin|tgz)")
PHOTOGRAPHS = re.compile(r".*[.](jpg|jpeg|heic|webp|bmp|gif|tif|tiff|mp4|mov|avi|mkv)", re.IGNORECASE)
PICTURES_OF_SCREENS = "docs/pictures/"


@cache
def files() -> tuple[Path, ...]:
    """What the repository holds, relative to its root; new files that nobody has ignored count too."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(Path(name) for name in sorted(listed.split("\0")) if name and (ROOT / name).is_file())


def text_of(path: Path) -> str | None:
    """The text of a file, None for a binary one."""
    raw = (ROOT / path).read_bytes()
    return None if b"\0" in raw[:4096] else raw.decode("utf-8")


def texts() -> dict[str, str]:
    """Every text file of the repository by its path."""
    read = {path.as_posix(): text_of(path) for path in files()}
    return {name: text for name, text in read.items() if text is not None}


def test_the_listing_saw_the_repository() -> None:
    names = {path.as_posix() for path in files()}
    assert {"install.sh", ".ci/run", "pyproject.toml", "README.md", "CHANGELOG.md", "kiosk/faults.py"} <= names
    assert not any(name.startswith(".venv/") for name in names)
    assert "uv.lock" not in names


@pytest.mark.parametrize("forbidden", [INDEX_HOSTS, MACHINE_PATHS], ids=["index hosts", "machine paths"])
def test_no_file_names_an_index_host_or_a_path_of_one_machine(forbidden: re.Pattern[str]) -> None:
    found = {name: match.group() for name, text in texts().items() if (match := forbidden.search(text))}
    assert found == {}


def test_the_search_finds_what_it_looks_for() -> None:
    assert INDEX_HOSTS.search("https://pypi" + ".org/simple")
    assert MACHINE_PATHS.search("open('/wo" + "rk/main/x')")
    assert MACHINE_PATHS.search("/ho" + "me/somebody/.cache")
    assert not MACHINE_PATHS.search("docs/work/plan and ./farm/")


def test_no_weights_and_no_photographs() -> None:
    names = [path.as_posix() for path in files()]
    assert [name for name in names if WEIGHTS.fullmatch(name) or PHOTOGRAPHS.fullmatch(name)] == []
    assert [name for name in names if name.endswith(".png") and not name.startswith(PICTURES_OF_SCREENS)] == []
    heavy = [path.as_posix() for path in files() if (ROOT / path).stat().st_size > 400_000]
    assert heavy == []


def test_no_file_is_too_long_to_read() -> None:
    written = {name: text for name, text in texts().items() if name not in LOCKS and "/vectors/" not in name}
    assert {name: lines for name, text in written.items() if (lines := text.count("\n")) > LONGEST} == {}


def test_the_licence_is_there_and_named() -> None:
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["license"] == "Apache-2.0"


def _locked(name: str) -> dict[tuple[str, str], str]:
    """(package, condition) -> version, of one lock."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    heads = [re.fullmatch(r"([\w.-]+)==(\S+)(?: ; (.+?))? \\", line) for line in lines if not line.startswith(" ")]
    assert all(heads), name
    return {(head[1], _environment(head[3] or "")): head[2] for head in heads if head}


def _environment(condition: str) -> str:
    """The part of a condition that tells two versions of one package apart."""
    found = re.search(r"python_full_version [<>=]+ '[\d.]+'", condition)
    return found.group() if found else ""


def test_every_dependency_is_locked_by_hash() -> None:
    for name in LOCKS:
        requirements = re.split(r"\n(?=\S)", (ROOT / name).read_text(encoding="utf-8").strip())
        assert len(requirements) > 10
        assert [entry for entry in requirements if "--hash=sha256:" not in entry] == []
        assert not re.search(r"^-|://", "\n".join(requirements), re.MULTILINE)


def test_the_development_lock_holds_the_two_others() -> None:
    development = _locked("dev.lock")
    for name in ("requirements.lock", "hq.lock"):
        assert _locked(name).items() <= development.items()


def test_the_device_gets_no_package_of_hq_and_no_second_opencv() -> None:
    device = {package for package, _ in _locked("requirements.lock")}
    assert device.isdisjoint(
        {"fastapi", "sqlalchemy", "uvicorn", "jinja2", "opencv-python", "pyside6-addons", "pytest"}
    )


def test_every_decision_is_numbered_named_by_a_verb_phrase_and_short() -> None:
    records = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert len(records) >= 4
    for number, record in enumerate(records, start=1):
        assert re.fullmatch(rf"{number:04d}(-[a-z0-9]+){{2,}}\.md", record.name)
        assert record.read_text(encoding="utf-8").count("\n") <= 40, record.name


def test_every_link_between_our_pages_leads_somewhere() -> None:
    pages = {name: text for name, text in texts().items() if name.endswith(".md")}
    assert len(pages) >= 10
    dead = [
        f"{name}: {target}"
        for name, text in pages.items()
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text)
        if not (ROOT / name).parent.joinpath(target).exists()
    ]
    assert dead == []


def test_the_changelog_begins_with_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    first = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert first is not None
    assert first[1] == version
