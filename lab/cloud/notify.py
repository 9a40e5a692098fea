"""Tells systemd the state of a service, so that units which start after it find its sockets open."""

import os
import socket


def tell_systemd(state: str) -> None:
    path = os.environ.get("NOTIFY_SOCKET")
    if path:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.sendto(state.encode(), path)
