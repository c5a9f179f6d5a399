"""The `tpm2` provider: half of the key sealed by a TPM, half kept in it; refuses to call a key dead that is not."""

import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.store.files import reason, refused, write_secret
from kiosk.store.roots.command import run
from kiosk.store.roots.contract import SecurityLevel
from kiosk.store.roots.credential import needs_no_tpm
from kiosk.store.roots.description import Fields, Shape, checked, invalid
from kiosk.store.vault import derive
from wire.sealed import KEY_SIZE

KIND: Final = "tpm2"
# The kernel's resource manager; a TCTI configuration string as tpm2-tools and systemd-creds both take it.
DEVICE: Final = "device:/dev/tpmrm0"
_SHAPE: Final[Shape] = {"blob": str, "nv": str, "device": str}
_BLOB: Final = re.compile(r"root-[0-9a-f]{8}\.tpm2")
_NV: Final = re.compile(r"0x01[89ab][0-9a-f]{5}")
_TCTI: Final = re.compile(r"[a-z]+:[A-Za-z0-9/=,._-]+")
# TCG Registry of Reserved TPM 2.0 Handles and Localities: NV indices for the owner of the machine.
_NV_FIRST: Final = 0x01800000
_NV_COUNT: Final = 0x00400000
# Read and written by whoever has the owner's authorisation, which is empty as systemd-creds expects it; failures lock
# nothing out.
_NV_ATTRIBUTES: Final = "ownerread|ownerwrite|no_da"
# systemd's own choice is written out: with an empty list systemd 252 seals what it then cannot open.
_PCRS: Final = "7"
_CREDENTIAL: Final = "--name=ambang-root"
_LARGEST: Final = 65_536


class Tpm2RootKey:
    """The `tpm2` provider: root key = HKDF(what systemd-creds has sealed, what lies in an NV index of the TPM).

    The sealed file opens on this TPM for ever, however often another one is made; the NV index can be deleted, and with
    it dies the key.

    Args:
        state: the directory that holds the sealed file.
        blob: its name.
        nv: the NV index, "0x01800000" to "0x01bfffff".
        device: TCTI configuration string: "device:/dev/tpmrm0", "swtpm:path=...".
    """

    def __init__(self, state: Path, blob: str, nv: str, device: str = DEVICE) -> None:
        if not (_BLOB.fullmatch(blob) and _NV.fullmatch(nv) and _TCTI.fullmatch(device)):
            raise invalid("blob, nv or device")
        self._blob = state / blob
        self._nv = nv
        self._device = device

    @classmethod
    def fresh(cls, state: Path, device: str = DEVICE) -> "Tpm2RootKey":
        """A provider with a new file and a new NV index."""
        nv = f"0x{_NV_FIRST + secrets.randbelow(_NV_COUNT):08x}"
        return cls(state, f"root-{secrets.token_hex(4)}.tpm2", nv, device)

    @classmethod
    def described(cls, state: Path, fields: Fields) -> "Tpm2RootKey":
        """The provider that root.json describes. Raises Fault CONFIG_INVALID."""
        found = checked(fields, _SHAPE)
        return cls(state, found["blob"], found["nv"], found["device"])

    @property
    def security_level(self) -> SecurityLevel:
        """HARDWARE with a TPM that is a device; WEAK with one in software, which lies on the same card."""
        return SecurityLevel.HARDWARE if self._device.startswith("device:") else SecurityLevel.WEAK

    def describe(self) -> Mapping[str, str]:
        """The name of the sealed file, the NV index and the TPM."""
        return {"provider": KIND, "blob": self._blob.name, "nv": self._nv, "device": self._device}

    def obtain(self) -> bytes:
        """Make both halves, unless they are there, and open them once to be sure."""
        if not self._blob.exists():
            self._make()
        return self.read()

    def read(self) -> bytes:
        """Ask the TPM for both halves. Raises Fault KEY_MISSING, KEY_UNREADABLE, PROVIDER_FAILED."""
        try:
            with self._blob.open("rb") as file:
                blob = file.read(_LARGEST)
        except FileNotFoundError:
            raise Fault(FaultCode.KEY_MISSING, self._blob.name) from None
        except OSError as error:
            raise Fault(FaultCode.KEY_UNREADABLE, f"{self._blob.name}: {reason(error)}") from error
        size = str(KEY_SIZE)
        kept = self._tool("tpm2_nvread", "-C", "o", "-s", size, self._nv)
        sealed = self._creds("decrypt", blob)
        if len(kept) != KEY_SIZE or len(sealed) != KEY_SIZE:
            raise Fault(FaultCode.PROVIDER_FAILED, "the TPM gave a key of a wrong size")
        return joined(sealed, kept)

    def forget(self) -> bool:
        """Delete the NV index, see that it is gone, and delete the file: True, old copies of the store stay closed."""
        if self._there():
            self._tool("tpm2_nvundefine", "-C", "o", self._nv)
            if self._there():
                raise Fault(FaultCode.PROVIDER_FAILED, f"NV index {self._nv} is still there")
        try:
            self._blob.unlink(missing_ok=True)
        except OSError as error:
            raise refused(self._blob, error) from error
        return True

    def _make(self) -> None:
        kept, sealed = secrets.token_bytes(KEY_SIZE), secrets.token_bytes(KEY_SIZE)
        self._tool("tpm2_nvdefine", "-C", "o", "-s", str(KEY_SIZE), "-a", _NV_ATTRIBUTES, self._nv)
        try:
            self._tool("tpm2_nvwrite", "-C", "o", "-i", "-", self._nv, given=kept)
            write_secret(self._blob, self._sealed(sealed))
        except BaseException:
            with suppress(Fault):
                self._tool("tpm2_nvundefine", "-C", "o", self._nv)
            raise

    def _sealed(self, secret: bytes) -> bytes:
        blob = self._creds("encrypt", secret)
        if needs_no_tpm(blob):  # for a user who is not root, newer systemd asks a service, which chooses by itself
            raise Fault(FaultCode.PROVIDER_FAILED, "systemd-creds did not seal by the TPM; be root")
        return blob

    def _there(self) -> bool:
        listed = self._tool("tpm2_getcap", "handles-nv-index").decode(errors="replace")
        return int(self._nv, 16) in {int(each, 16) for each in re.findall(r"0x[0-9A-Fa-f]+", listed)}

    def _tool(self, name: str, *arguments: str, given: bytes = b"") -> bytes:
        return run([name, "-T", self._device, *arguments], given)

    def _creds(self, act: str, given: bytes) -> bytes:
        """`systemd-creds` from standard input to standard output; the kind of key is named: `auto` takes the host's."""
        how = ("--with-key=tpm2", f"--tpm2-pcrs={_PCRS}") if act == "encrypt" else ("--newline=no",)
        argv = ["systemd-creds", act, *how, f"--tpm2-device={self._device}", _CREDENTIAL, "-", "-"]
        try:
            return run(argv, given)
        finally:
            if self._device != DEVICE:  # without the kernel's resource manager its sessions stay, and the fourth fails
                with suppress(Fault):
                    self._tool("tpm2_flushcontext", "--loaded-session")


def joined(sealed: bytes, kept: bytes) -> bytes:
    """The root key of both halves, 32 bytes each: what is sealed in the file, and what is kept in the NV index."""
    return derive(sealed, salt=kept, info="ambang/root/tpm2/v1")
