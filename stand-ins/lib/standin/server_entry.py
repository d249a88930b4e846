"""A node's own entry below cn=servers, which says what services it has."""
import uuid

import ldap

from standin import directory, ldapi, localconfig, services
from standin.setup_work import Failed


def enter(here, node, work):
    """Written on the master; the node's directory is not yet among its services. The connection to that master."""
    work.begin(f"Creating server entry for {node.host}")
    keys = localconfig.read(here)
    url = keys["ldap_master_url"]
    try:
        _, connection = directory.connect(here, keys, url)
    except ldap.LDAPError as error:
        raise Failed(f"Unable to contact {url}: {ldapi.reason(error)}") from None
    installed = services.of_packages(here, here.packages)
    entry = {
        "objectClass": "zimbraServer",
        "cn": node.host,
        "zimbraId": str(uuid.uuid4()),
        "zimbraServiceHostname": node.host,
        "zimbraServiceInstalled": installed,
        "zimbraServiceEnabled": [name for name in installed if name not in services.DIRECTORY],
    }
    ldapi.add(connection, dn_of(node), {name: values for name, values in entry.items() if values})
    work.done()
    return connection


def serve_directory(here, node, connection):
    own = [name for name in services.of_packages(here, here.packages) if name in services.DIRECTORY]
    ldapi.modify(connection, dn_of(node), ldap.MOD_ADD, "zimbraServiceEnabled", own)


def dn_of(node):
    return f"cn={node.host},{directory.SERVERS}"
