"""A checkout as small as install.sh can work with: empty locks, and a `kiosk` that says what it is asked."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[1]

PYPROJECT = """[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "ambang"
version = "0"
"""

# A build backend of our own, so that pip needs neither the network nor setuptools.
BACKEND = """import zipfile
from pathlib import Path


def build_editable(directory, config_settings=None, metadata_directory=None):
    name = "ambang-0-py3-none-any.whl"
    files = {
        "ambang.pth": str(Path.cwd()),
        "ambang-0.dist-info/METADATA": "Metadata-Version: 2.1\\nName: ambang\\nVersion: 0\\n",
        "ambang-0.dist-info/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        "ambang-0.dist-info/entry_points.txt": "[console_scripts]\\nkiosk = tiny_kiosk:main\\n",
    }
    record = "".join(f"{path},,\\n" for path in [*files, "ambang-0.dist-info/RECORD"])
    with zipfile.ZipFile(Path(directory) / name, "w") as wheel:
        for path, text in [*files.items(), ("ambang-0.dist-info/RECORD", record)]:
            wheel.writestr(path, text)
    return name
"""

KIOSK = """import sys
from pathlib import Path

MODEL = Path("model")


def main():
    if sys.argv[1:] == ["models", "verify"]:
        sys.exit(not MODEL.exists())
    if sys.argv[1:] == ["models", "fetch"]:
        if Path("offline").exists():
            sys.exit(1)
        MODEL.touch()
        return
    print("kiosk was asked:", *sys.argv[1:])
"""


def make(folder: Path) -> Path:
    """The small checkout in `folder`, ready for ./install.sh --demo."""
    shutil.copy(ROOT / "install.sh", folder)
    for lock in ("requirements.lock", "hq.lock", "dev.lock"):
        (folder / lock).write_text("# nothing\n")
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "backend.py").write_text(BACKEND)
    (folder / "tiny_kiosk.py").write_text(KIOSK)
    return folder
