"""Sets a node up from a file, as root: its passwords and URLs, its slapd, its place in the directory, its services."""
import glob
import os
import shutil
import subprocess
import sys

from standin import new_slapd, product, server_entry, setup_file, setup_replication, tool, units
from standin.setup_work import Failed, Work

CERTIFICATES = f"{new_slapd.OWN}/certificates"
USAGE = """{program} [-h] [-c <config file>]
	-h	display this help message
	-c	configure with values in <config file>
"""


def main():
    here = product.load()
    words = sys.argv[1:]
    if os.getuid() != 0:
        tool.stop("Run as the root user!", 1)
    if len(words) != 2 or words[0] != "-c":
        tool.stop(USAGE.format(program=sys.argv[0]), 1)
    if not os.path.exists(words[1]):
        tool.stop(f"Can't open {words[1]}: No such file or directory", 1)
    # What it writes is for the services to read, whatever the administrator's own umask.
    os.umask(0o022)
    work = Work(here)
    try:
        set_up(here, setup_file.Node(here, setup_file.read(words[1])), work)
        work.say("\nConfiguration complete - press return to exit\n")
    except Failed as failure:
        work.note(str(failure))
        work.say(f"\nConfiguration failed. Please address the above error and re-run {sys.argv[0]}\n")
        sys.exit(1)
    finally:
        work.end()


def set_up(here, node, work):
    work.begin("Setting local config values")
    work.save(node.localconfig())
    work.done()
    lay_certificates(here, work)
    if node.has_slapd and not node.is_master:
        setup_replication.check_master(here, node, work)
    if node.has_slapd:
        make_slapd(here, node, work)
    directory = server_entry.enter(here, node, work)
    if setup_replication.replicate(here, node, work):
        server_entry.serve_directory(here, node, directory)
    if "mta" in here.packages:
        work.as_user("libexec/zmmtainit")
    work.begin("Starting servers")
    start_services(here, work)
    work.done()


def lay_certificates(here, work):
    if not os.path.isdir(CERTIFICATES):
        return
    work.begin("Installing certificates")
    os.makedirs(here.path("conf/ca"), exist_ok=True)
    for name, place in (("slapd.crt", "conf"), ("slapd.key", "conf"), ("ca.pem", "conf/ca")):
        shutil.copy(f"{CERTIFICATES}/{name}", here.path(f"{place}/{name}"))
        os.chmod(here.path(f"{place}/{name}"), 0o640)
    # OpenSSL finds an authority in a directory by the hash of its name.
    subprocess.run(["openssl", "rehash", here.path("conf/ca")], check=True)
    for path in [here.path("conf/ca"), *glob.glob(here.path("conf/slapd.*")), *glob.glob(here.path("conf/ca/*"))]:
        shutil.chown(path, here.user, here.user)
    work.done()


def make_slapd(here, node, work):
    if os.path.exists(here.path("data/ldap/config/cn=config.ldif")):
        work.say("Already initialized ldap...skipping.\n")
    else:
        work.begin("Initializing ldap")
        new_slapd.make(here, node)
        work.done()
    if node.is_master and not work.start_slapd():
        raise Failed("Failed to start ldap")


def start_services(here, work):
    """Now, and after each boot."""
    if here.systemd:
        work.systemctl("enable", "--now", *units.targets(here.packages))
        return
    unit = f"{here.name}.service"
    shutil.copy(f"{new_slapd.OWN}/services/{unit}", f"/etc/systemd/system/{unit}")
    work.systemctl("daemon-reload")
    work.systemctl("enable", unit)
    work.as_user("bin/zmcontrol", "start")
