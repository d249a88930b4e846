"""What every tool does before its own work, and how it ends."""
import os
import pwd
import subprocess
import sys


def stop(text, status, stream=None):
    print(text, file=stream or sys.stdout)
    sys.exit(status)


def need_openldap(product):
    """The tools lie on every node; where there is no openldap they stop here."""
    if not os.path.isdir(product.schema_dir):
        stop("ERROR: openldap does not appear to be installed - exiting", 1)


def need_user(user):
    if user_name() != user:
        stop(f"Error: must be run as {user} user", 1, sys.stderr)


def user_name():
    return pwd.getpwuid(os.getuid()).pw_name


def run_as_service_user(product, argv):
    """Runs a tool of the product as its user also where root calls; the exit status."""
    if os.getuid() == 0:
        argv = ["runuser", "-u", product.user, "--", *argv]
    return subprocess.run(argv, check=False).returncode


def give_to_service_user(product, directory):
    """What root made below the product's home is the service user's."""
    if os.getuid() == 0:
        subprocess.run(["chown", "-R", f"{product.user}:{product.user}", directory], check=False)
