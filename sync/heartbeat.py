"""Tells systemd how the work loop does, over its own datagram socket; refuses any address but a local one."""

import os
import socket


def notify(message: str) -> bool:
    """Send one message of sd_notify(3), like `READY=1`; returns False where no systemd listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
        line.settimeout(1.0)  # a supervisor that does not read must not hold up the work
        try:
            line.connect(address)
            line.sendall(message.encode())
        except OSError:  # a supervisor that went away is no reason to stop working
            return False
    return True
