"""Starts and stops slapd of the product; what bin/ldap says about it is its own matter."""
import os
import signal
import socket
import subprocess
import time
from urllib.parse import quote

from standin import process

START_PATIENCE = 30
STOP_PATIENCE = 1500


def listener(keys):
    """slapd's own URL: the first of ldap_url, whoever stands there, unless ldap_bind_url is set."""
    urls = (keys.get("ldap_bind_url") or keys.get("ldap_url") or "").split()
    return urls[0] if urls else ""


def argv(product, keys, *more):
    sockets = f"ldapi://{quote(product.ldapi, safe='')}/"
    urls = f"{listener(keys)} {sockets}".strip()
    own = ["-u", product.user] if os.getuid() == 0 else []
    config = product.path("data/ldap/config")
    return [product.slapd, "-l", "LOCAL0", *own, "-F", config, "-h", urls, *more]


def start(product, keys):
    """True once slapd has gone into the background, with its sockets open."""
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.run(argv(product, keys), check=False, **quiet).returncode == 0


def complaints(product, keys):
    """Why it does not start: what it says in the foreground about failures and errors."""
    debug = argv(product, keys, "-d", "stats")
    told = subprocess.run(debug, capture_output=True, text=True, timeout=20, check=False).stderr
    return [line for line in told.splitlines() if "failed" in line.lower() or "error" in line.lower()]


def listens(product):
    """Whether its own socket takes connections before the patience is over."""
    deadline = time.monotonic() + START_PATIENCE
    while time.monotonic() < deadline:
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(product.ldapi)
                return True
            except OSError:
                time.sleep(0.1)
    return False


def stop(product, pid, tick=lambda: None):
    """Asks it to end and waits; `tick` once a second. False when it is still there after the patience."""
    os.kill(pid, signal.SIGTERM)
    begun = time.monotonic()
    ticks = 0
    while process.slapd_pid(product) == pid:
        waited = time.monotonic() - begun
        if waited > STOP_PATIENCE:
            return False
        if waited > ticks:
            ticks += 1
            tick()
        time.sleep(0.05)
    return True
