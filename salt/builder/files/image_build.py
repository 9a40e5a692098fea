"""Runs one build: a BuildKit daemon in its own namespaces, for the first client that connects to the socket."""

import os
import socket
import subprocess
import sys
import time

WORK = "/var/tmp/image-build"
SOCKET = f"{WORK}/run/buildkitd.sock"
NAMESPACES = (
    "rootlesskit",
    f"--state-dir={WORK}/rootlesskit",
    *("--pidns", "--ipcns", "--utsns", "--copy-up=/etc", "--copy-up=/run"),
    *("--net=slirp4netns", "--slirp4netns-sandbox=auto", "--slirp4netns-seccomp=auto", "--disable-host-loopback"),
)
DAEMON = ("buildkitd", "--config=/etc/image-build/buildkitd.toml", f"--root={WORK}/store", f"--addr=unix://{SOCKET}")


def accept_client() -> None:
    """Connects the first client to standard input and output. No other client is accepted."""
    with socket.socket(fileno=3) as listener:
        client, _ = listener.accept()
    for descriptor in (0, 1):
        os.dup2(client.fileno(), descriptor)


def enter_namespaces() -> None:
    os.umask(0o077)
    for folder in ("home", "run"):
        os.makedirs(f"{WORK}/{folder}")
    environment = {"PATH": os.environ["PATH"], "HOME": f"{WORK}/home", "XDG_RUNTIME_DIR": f"{WORK}/run"}
    os.execvpe(NAMESPACES[0], [*NAMESPACES, sys.executable, __file__, "in-namespaces"], environment)


def serve() -> None:
    daemon = subprocess.Popen(DAEMON, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    while not os.path.exists(SOCKET):
        if daemon.poll() is not None:
            sys.exit(f"buildkitd ended with {daemon.returncode}")
        time.sleep(0.05)
    # It ends when the client disconnects, and with it the namespaces and everything in them.
    os.execvp("buildctl", ["buildctl", f"--addr=unix://{SOCKET}", "dial-stdio"])


if __name__ == "__main__":
    if sys.argv[1:] == ["in-namespaces"]:
        serve()
    else:
        accept_client()
        enter_namespaces()
