"""The directory over the network, as the services of the product see it: one URL after the other, as uid=zimbra."""
import ldap

from standin import localconfig

TIMEOUT = 30
ADMINS = "cn=admins,cn=zimbra"
SERVERS = "cn=servers,cn=zimbra"


def connect(product, keys, urls, user="zimbra", password=None, timeout=TIMEOUT):
    """Bound to the first URL that answers: (url, connection). Raises the last LDAPError when none does."""
    failure = ldap.SERVER_DOWN({"desc": "no URL"})
    secret = keys.get("zimbra_ldap_password", "") if password is None else password
    for url in urls.split():
        try:
            connection = open_url(product, keys, url, timeout)
            connection.simple_bind_s(f"uid={user},{ADMINS}", secret)
            return url, connection
        except ldap.LDAPError as error:
            failure = error
    raise failure


def open_url(product, keys, url, timeout):
    connection = ldap.initialize(url)
    connection.set_option(ldap.OPT_NETWORK_TIMEOUT, timeout)
    connection.set_option(ldap.OPT_TIMEOUT, timeout)
    if uses_tls(keys):
        connection.set_option(ldap.OPT_X_TLS_CACERTFILE, product.path("conf/ca/ca.pem"))
        connection.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND)
        connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
        if url.startswith("ldap://"):
            connection.start_tls_s()
    return connection


def uses_tls(keys):
    switches = ("ldap_starttls_supported", "zimbra_require_interprocess_security")
    return all(localconfig.is_true(keys.get(name)) for name in switches)


def services_of(connection, host):
    """The values of zimbraServiceEnabled of a server."""
    found = connection.search_s(f"cn={host},{SERVERS}", ldap.SCOPE_BASE, attrlist=["zimbraServiceEnabled"])
    return sorted(value.decode() for value in found[0][1].get("zimbraServiceEnabled", []))
