"""What a person must repair before Odoo gets anything, one sentence each; refuses to quote a server or a secret."""

from typing import Final

from sync.contract import BackendMisconfigured

_RIGHTS: Final = (
    "The kiosk's user in Odoo may not do this. Give it the rights Attendances: Administrator and Employees: Officer,"
    " and every company whose people use this door."
)
_SENTENCES: Final = {
    "http_401": "Odoo does not accept the API key. Make a new one for the kiosk's user and put it into the credential"
    " file; also look whether `database` is the right one.",
    "http_403": _RIGHTS,
    "http_404": "There is no Odoo 19 with this database at this address. Correct `url` and `database` in sync.toml.",
    "http_407": "A proxy asks for a password. The device must reach Odoo directly.",
    "redirected": "The address leads to another one, which is not followed. Put Odoo's own address into `url`.",
    "call_unknown": "Odoo does not know what it is asked for. Install its app Attendances, and use Odoo 19 or newer.",
    "credential_unreadable": "The API key cannot be read. Put it into the credential file, one line, mode 0400, owned"
    " by the user of kiosk-sync.",
    "time_differs": "Odoo has stored another time than it was sent. Somebody must look which customisation of Odoo"
    " changes the times of attendances, and switch it off for the kiosk's user.",
    "roster_too_large": "Odoo has more people than a device can hold. Give the kiosk's user only the companies whose"
    " people use this door.",
    "host_not_registered": "The address is not the one in the register of recipients. Correct `url` or the register.",
    "certificate_unusable": "The file `ca` holds no certificate. Put the authority of Odoo's certificate there.",
    "tls_expired": "Odoo's certificate has expired. Renew it on the server.",
    "tls_not_yet_valid": "Odoo's certificate is not valid yet. Look whether the device's clock is right.",
    "tls_wrong_host": "Odoo's certificate is for another host. Correct `url`, or the certificate on the server.",
    "tls_untrusted": "Odoo's certificate is not of the authority in `ca`. Put the right authority there.",
}
_ANYTHING_ELSE: Final = (
    "Odoo, or something before it, refuses what it is sent. Look into Odoo's own log for the reason."
)


def sentence(detail: str) -> str:
    """What to do about a finding."""
    return _SENTENCES.get(detail, _ANYTHING_ELSE)


def misconfigured(detail: str) -> BackendMisconfigured:
    """The error for a finding, with the sentence."""
    return BackendMisconfigured(detail, sentence(detail))
