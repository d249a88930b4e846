"""A slapd that holds nothing yet, or the product's own tree: cn=config and data, loaded by slapadd."""
import base64
import hashlib
import os
import shutil
import subprocess
from string import Template

OWN = "/usr/local/lib/lockstep-stand-in"


def make(product, node):
    """Databases of a node as the product makes them; only a master begins with a tree."""
    for below in ("config", "mdb/db", "state/run"):
        make_directory(product, product.path(f"data/ldap/{below}"))
    slapadd(product, 0, config(product, node))
    if node.is_master:
        slapadd(product, 2, tree(node.passwords()))


def make_directory(product, path):
    os.makedirs(path, mode=0o750, exist_ok=True)
    owner = product.user
    while path.startswith(product.path("data/")):
        shutil.chown(path, owner, owner)
        path = os.path.dirname(path)


def slapadd(product, number, ldif):
    argv = ["runuser", "-u", product.user, "--", f"{product.openldap}/sbin/slapadd", "-q"]
    argv += ["-n", str(number), "-F", product.path("data/ldap/config")]
    subprocess.run(argv, input=ldif, text=True, check=True, cwd="/")


def config(product, node):
    values = {
        "home": product.home,
        "state": os.path.dirname(product.ldapi),
        "openldap": product.openldap,
        "maxsize": product.db_maxsize,
        "root_password": hashed(node.root_password),
        "tls": tls(product),
    }
    return template("slapd.ldif").substitute(values)


def tls(product):
    """GnuTLS before OpenLDAP 2.5 knows no directory of authorities, so that the file is named as well."""
    if not os.path.exists(product.path("conf/slapd.crt")):
        return ""
    return (
        f"olcTLSCertificateFile: {product.path('conf/slapd.crt')}\n"
        f"olcTLSCertificateKeyFile: {product.path('conf/slapd.key')}\n"
        f"olcTLSCACertificatePath: {product.path('conf/ca')}\n"
        f"olcTLSCACertificateFile: {product.path('conf/ca/ca.pem')}\n"
        "olcTLSVerifyClient: never\n"
    )


def tree(passwords):
    admins = "\n".join(admin(user, password) for user, password in passwords.items())
    return template("tree.ldif").substitute({"admins": admins}) + people()


def admin(user, password):
    dn = f"dn: uid={user},cn=admins,cn=zimbra"
    names = [f"{attribute}: {user}" for attribute in ("uid", "cn", "sn")]
    return "\n".join([dn, "objectClass: inetOrgPerson", *names, f"userPassword: {hashed(password)}", ""])


def people():
    """Those that a lab wants in the directory of its first master."""
    path = f"{OWN}/people.ldif"
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read()


def template(name):
    with open(f"{OWN}/config/{name}", encoding="utf-8") as file:
        return Template(file.read())


def hashed(password):
    salt = os.urandom(8)
    digest = hashlib.sha512(password.encode() + salt).digest()
    return "{SSHA512}" + base64.b64encode(digest + salt).decode()
