"""How the set-up of a node works and tells: steps on the screen, reasons and the output of tools in its log."""
import shlex
import shutil
import subprocess
import time

from standin import localconfig, slapd_service, units


class Failed(Exception):
    """What the log says last; the set-up then ends with 1."""


class Work:
    """The log lies in /tmp until the end, as long as the product may not be there yet."""

    def __init__(self, product):
        self.product = product
        self.log = f"/tmp/zmsetup.{time.strftime('%Y%m%d-%H%M%S')}.log"
        print(f"Operations logged to {self.log}", flush=True)

    def begin(self, step):
        self.say(f"{step}...")

    def done(self, text="done."):
        self.say(f"{text}\n")

    def say(self, text):
        print(text, end="", flush=True)
        self.note(text)

    def note(self, text):
        with open(self.log, "a", encoding="utf-8") as file:
            file.write(text if text.endswith("\n") else f"{text}\n")

    def end(self):
        shutil.move(self.log, self.product.path("log"))

    def save(self, values):
        """Keys of localconfig.xml."""
        path, user = self.product.localconfig, self.product.user
        localconfig.write(path, {**localconfig.read(self.product), **values})
        shutil.chown(path, user, user)

    def run(self, argv):
        """The exit status; what the program says goes to the log."""
        with open(self.log, "a", encoding="utf-8") as log:
            streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
            return subprocess.run(argv, check=False, cwd="/", **streams).returncode

    def as_user(self, program, *words):
        command = shlex.join([self.product.path(program), *words])
        return self.run(["su", "-", self.product.user, "-c", command])

    def systemctl(self, *words):
        return self.run(["systemctl", "-q", *words])

    def start_slapd(self, verb="start"):
        """Whether it listens then."""
        if self.product.systemd:
            return self.systemctl(verb, units.SLAPD) == 0 and slapd_service.listens(self.product)
        return self.as_user("bin/ldap", verb) == 0
