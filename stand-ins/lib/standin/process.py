"""Which slapd runs on this host."""
import os


def slapd_pid(product):
    """Its pid, or None. Zimbra asks the pid file; Carbonio asks for the program, as pidof does."""
    if product.is_carbonio:
        return next((pid for pid in pids() if program(pid) == product.slapd), None)
    try:
        with open(product.pid_file, encoding="ascii") as file:
            pid = int(file.read())
    except (OSError, ValueError):
        return None
    return pid if program(pid).endswith("/slapd") else None


def pids():
    return sorted(int(name) for name in os.listdir("/proc") if name.isdigit())


def program(pid):
    """argv[0]: /proc/PID/exe of a program with file capabilities is for root alone."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().split(b"\0")[0].decode("utf-8", "replace")
    except OSError:
        return ""
