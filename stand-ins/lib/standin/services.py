"""The services of a node as processes with a pid file; slapd has a module of its own."""
import os
import signal
import subprocess
import sys
import time

RUN = "/usr/local/lib/lockstep-stand-in/services/run"
PATIENCE = 10

# Package → its services, as zimbraServiceEnabled names them; `service` is a webapp in the mailbox's process.
OF_PACKAGE = {"core": [], "ldap": ["ldap"], "store": ["mailbox", "service"], "mta": ["mta"], "proxy": ["proxy"]}
WEBAPPS = ("service",)
DIRECTORY = ("ldap", "directory-server")
# In the order in which zmcontrol starts them; it stops them the other way round, but zmconfigd first.
ALL = ("ldap", "zmconfigd", "mailbox", "mta", "proxy")


def of_packages(product, packages):
    names = [name for package in packages for name in OF_PACKAGE[package]]
    if product.is_carbonio:
        names = ["directory-server" if name == "ldap" else name for name in names]
    return names


def pid_of(product, name):
    """The pid of a running service, or None."""
    if name in WEBAPPS:
        name = "mailbox"
    try:
        with open(product.path(f"log/{name}.pid"), encoding="ascii") as file:
            pid = int(file.read())
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read().split(b"\0")
    except (OSError, ValueError):
        return None
    return pid if RUN.encode() in words and name.encode() in words else None


def start(product, name):
    """True once its process is there."""
    if pid_of(product, name):
        return True
    with open(product.path(f"log/{name}.out"), "a", encoding="utf-8") as out:
        quiet = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": out}
        subprocess.Popen([sys.executable, RUN, name], start_new_session=True, cwd="/", **quiet)
    return waited(lambda: pid_of(product, name) is not None)


def stop(product, name):
    """True once its process is gone."""
    pid = pid_of(product, name)
    if pid:
        os.kill(pid, signal.SIGTERM)
    return waited(lambda: pid_of(product, name) is None)


def waited(done):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if done():
            return True
        time.sleep(0.05)
    return False
