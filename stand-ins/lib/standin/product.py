"""The product and release that this host plays, from product.json beside the package."""
import json
import os

FILE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "product.json")


class Product:
    """Paths, user and generation flags; see releases.json for what each release says."""

    def __init__(self, row):
        self.name = row["product"]
        self.release = row["release"]
        self.generation = row["generation"]
        self.home = row["home"]
        self.user = row["user"]
        self.openldap = row["openldap"]
        self.ldapi = row["ldapi"]
        self.log = row["log"]
        self.systemd = row["systemd"]
        self.db_maxsize = row["db_maxsize"]
        self.latency_ms = row["latency_ms"]
        self.zmconfigd_every_s = row["zmconfigd_every_s"]
        self.packages = row.get("packages", [])

    @property
    def is_carbonio(self):
        return self.name == "carbonio"

    def path(self, below):
        return f"{self.home}/{below}"

    @property
    def localconfig(self):
        return self.path("conf/localconfig.xml")

    @property
    def schema_dir(self):
        """Without it openldap is not installed, say the tools; 8.6 and older look at etc alone."""
        old = self.openldap.endswith("/openldap")
        return self.openldap + ("/etc" if old else "/etc/openldap/schema")

    @property
    def slapd(self):
        return f"{self.openldap}/libexec/slapd"

    @property
    def pid_file(self):
        return self.path("data/ldap/state/run/slapd.pid")


def load():
    with open(FILE, encoding="utf-8") as file:
        return Product(json.load(file))
