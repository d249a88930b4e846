"""The units of a product whose services are systemd's."""
import subprocess

UMBRELLA = "carbonio.target"
SLAPD = "carbonio-openldap.service"
# Package → its target, and the unit → service that the target has.
OF_PACKAGE = {
    "core": (None, {}),
    "ldap": ("carbonio-directory-server.target", {SLAPD: "ldap"}),
    "store": ("carbonio-appserver.target", {"carbonio-appserver.service": "mailbox"}),
    "mta": ("carbonio-mta.target", {"carbonio-postfix.service": "mta"}),
    "proxy": ("carbonio-proxy.target", {"carbonio-nginx.service": "proxy"}),
}
CONFIGD = {"carbonio-configd.service": "zmconfigd"}


def targets(packages):
    """The targets of a node, with the one above them."""
    return [UMBRELLA, *(target for target in (OF_PACKAGE[name][0] for name in packages) if target)]


def enabled(packages):
    """The targets of a node that start at boot, with their units."""
    rows = [OF_PACKAGE[name] for name in packages if OF_PACKAGE[name][0]]
    return [(target, [*own, *CONFIGD]) for target, own in rows if ask("is-enabled", target)]


def ask(question, unit):
    return subprocess.run(["systemctl", "-q", question, unit], check=False).returncode == 0
