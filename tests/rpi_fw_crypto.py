"""Stands in for `rpi-fw-crypto hmac`: the documented HMAC-SHA256, its limits and exits, under a key in a file."""

import hmac
import sys
from pathlib import Path

LARGEST = 2048


def main(arguments: list[str]) -> int:
    given = dict(zip(arguments[1::2], arguments[2::2], strict=False))
    if arguments[:1] != ["hmac"] or "--in" not in given or "--key-id" not in given:
        sys.stderr.write("Usage: rpi-fw-crypto <command> [args]\n")
        return 1
    key = Path(__file__).with_name(f"otp-{int(given['--key-id'])}")
    if not key.exists():
        sys.stderr.write("Last crypto error: 3 (Key not found)\n")
        return 255
    with Path(given["--in"]).open("rb") as file:
        message = file.read(LARGEST + 1)
    if len(message) > LARGEST:
        sys.stderr.write(f"Input file too large (max {LARGEST} bytes)\n")
        return 255
    digest = hmac.digest(key.read_bytes(), message, "sha256")
    answer = digest.hex().encode() if given.get("--outform") == "hex" else digest
    if "--out" in given:
        Path(given["--out"]).write_bytes(answer)
    else:
        sys.stdout.buffer.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
