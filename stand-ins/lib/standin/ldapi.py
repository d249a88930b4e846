"""slapd's own socket, as cn=config with ldap_root_password: the one way in that all LDAP tools take."""
import os
import socket
import sys
from urllib.parse import quote

import ldap

ROOT_DN = "cn=config"
# RFC 4511 section 4.1.9; python3-ldap of Debian 11 does not tell the number.
CODES = {
    ldap.UNDEFINED_TYPE: 17,
    ldap.CONSTRAINT_VIOLATION: 19,
    ldap.TYPE_OR_VALUE_EXISTS: 20,
    ldap.INVALID_SYNTAX: 21,
    ldap.NO_SUCH_OBJECT: 32,
    ldap.INSUFFICIENT_ACCESS: 50,
    ldap.UNWILLING_TO_PERFORM: 53,
    ldap.ALREADY_EXISTS: 68,
    ldap.OTHER: 80,
}


def url(product):
    return "ldapi://" + quote(product.ldapi, safe="")


def connect(product, password):
    """Ends with the errno (2 no socket, 111 nobody behind it), or with 255 when the password is refused."""
    knock(product.ldapi)
    try:
        return open_as_config(product, password)
    except ldap.LDAPError as error:
        print(f"Bind: {reason(error)}", file=sys.stderr)
        sys.exit(255)


def open_as_config(product, password):
    connection = ldap.initialize(url(product))
    connection.simple_bind_s(ROOT_DN, password or "")
    return connection


def knock(path):
    probe = socket.socket(socket.AF_UNIX)
    try:
        probe.connect(path)
    except OSError as error:
        print(f"connect: {os.strerror(error.errno)} at {sys.argv[0]} line 1.", file=sys.stderr)
        sys.exit(error.errno)
    finally:
        probe.close()


def code(error):
    """The LDAP result code of an exception."""
    told = error.args[0] if error.args else {}
    return told.get("result") or CODES.get(type(error), 1)


def reason(error):
    told = error.args[0] if error.args else {}
    return told.get("info") or told.get("desc") or str(error)


def add(connection, dn, attributes):
    """Values are strings or lists of them. The LDAP result code, 0 when all is well: most tools ignore it."""
    entry = [(name, encode(values)) for name, values in attributes.items()]
    return result_of(lambda: connection.add_s(dn, entry))


def modify(connection, dn, operation, attribute, values):
    """`operation` is ldap.MOD_ADD, MOD_DELETE or MOD_REPLACE; `values` None deletes the attribute."""
    change = (operation, attribute, None if values is None else encode(values))
    return result_of(lambda: connection.modify_s(dn, [change]))


def result_of(call):
    try:
        call()
    except ldap.LDAPError as error:
        return code(error)
    return 0


def search(connection, base, scope, query="(objectClass=*)", attributes=None):
    """[(dn, {attribute: [text]})]; an entry or a base that is not there gives an empty list."""
    try:
        found = connection.search_s(base, scope, query, attributes)
    except ldap.LDAPError:
        return []
    return [(dn, decode(entry)) for dn, entry in found if dn is not None]


def values(connection, dn, attribute):
    for _, entry in search(connection, dn, ldap.SCOPE_BASE, attributes=[attribute]):
        return entry.get(attribute, [])
    return []


def encode(values):
    return [value.encode() for value in ([values] if isinstance(values, str) else values)]


def decode(entry):
    return {name: [value.decode("utf-8", "replace") for value in found] for name, found in entry.items()}
