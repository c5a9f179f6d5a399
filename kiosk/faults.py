"""What can go wrong in the world, each with a title and what to do; refuses to carry a name, a score or a secret."""

from enum import StrEnum


class FaultCode(StrEnum):
    """The closed list of faults; `words/*.toml` holds `fault.<code>.title` and `fault.<code>.hint` for each."""

    CAMERA_LOST = "camera_lost"
    MODEL_MISSING = "model_missing"
    MODEL_ALTERED = "model_altered"
    MODEL_UNFIT = "model_unfit"
    MODEL_UNKNOWN = "model_unknown"
    MODEL_FETCH_FAILED = "model_fetch_failed"
    PICTURE_REFUSED = "picture_refused"
    EVALUATION_REFUSED = "evaluation_refused"
    KEY_MISSING = "key_missing"
    KEY_UNREADABLE = "key_unreadable"
    KEY_WRONG = "key_wrong"
    STORE_MISSING = "store_missing"
    STORE_EXISTS = "store_exists"
    STORE_DAMAGED = "store_damaged"
    STORE_FOREIGN = "store_foreign"
    STORE_TAMPERED = "store_tampered"
    STORE_BUSY = "store_busy"
    STORE_ROLLED_BACK = "store_rolled_back"
    ANCHOR_LOST = "anchor_lost"
    PROVIDER_FAILED = "provider_failed"
    PASSPHRASE_WRONG = "passphrase_wrong"  # noqa: S105 - the name of a fault
    LEDGER_BROKEN = "ledger_broken"
    ERASURE_INCOMPLETE = "erasure_incomplete"
    CERTIFICATE_INVALID = "certificate_invalid"
    OUTPUT_REFUSED = "output_refused"
    BACKUP_RECIPIENT = "backup_recipient"
    BACKUP_REFUSED = "backup_refused"
    BACKUP_IDENTITY = "backup_identity"
    EXPORT_REFUSED = "export_refused"
    ACCOUNT_EXISTS = "account_exists"
    ACCOUNT_UNKNOWN = "account_unknown"
    LOGIN_REFUSED = "login_refused"
    ACCOUNT_LOCKED = "account_locked"
    ACCOUNTS_BEGUN = "accounts_begun"
    ACCOUNT_LAST = "account_last"
    APPROVAL_MISSING = "approval_missing"
    PASSWORD_UNFIT = "password_unfit"  # noqa: S105 - the name of a fault
    DISK_FULL = "disk_full"
    DISK_FAILED = "disk_failed"
    CONSENT_MISSING = "consent_missing"
    FACE_OF_A_MINOR = "face_of_a_minor"
    CONFIG_INVALID = "config_invalid"
    EXCHANGE_UNUSABLE = "exchange_unusable"
    SETTING_REFUSED = "setting_refused"
    ENROLMENT_REFUSED = "enrolment_refused"
    PERSON_EXISTS = "person_exists"
    PERSON_UNKNOWN = "person_unknown"
    PERSON_INVALID = "person_invalid"
    PERSON_DAMAGED = "person_damaged"
    PIN_UNFIT = "pin_unfit"
    PAPER_UNKNOWN = "paper_unknown"
    PAPER_CHANGED = "paper_changed"
    PRIVACY_INVALID = "privacy_invalid"
    DESK_REFUSED = "desk_refused"
    REQUEST_REFUSED = "request_refused"
    REQUEST_LIMIT = "request_limit"
    TRIP_REFUSED = "trip_refused"
    NOT_READY = "not_ready"
    FACE_NOT_RELEASED = "face_not_released"
    LEGAL_HOLD = "legal_hold"
    SAVE_TIMED_OUT = "save_timed_out"
    DEMO_FAILED = "demo_failed"
    NO_DISPLAY = "no_display"


class Fault(Exception):  # noqa: N818 - the house word for what the world did; "error" is for our own bugs
    """One thing that the world did to us; people read `words.say(language, f"fault.{code}.title")`.

    Args:
        code: which fault.
        detail: a file name, a model name or a number that helps a technician; never personal data.
    """

    def __init__(self, code: FaultCode, detail: str = "") -> None:
        super().__init__(f"{code.value}: {detail}" if detail else code.value)
        self.code = code
        self.detail = detail
