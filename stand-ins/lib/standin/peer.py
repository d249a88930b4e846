"""Another server of the pool, over the network. The tools that look there do not verify its certificate."""
import ldap

from standin.localconfig import is_true


def open_peer(url, keys):
    """Raises ldap.CONNECT_ERROR when StartTLS is wanted and refused."""
    connection = ldap.initialize(url)
    connection.set_option(ldap.OPT_NETWORK_TIMEOUT, 10)
    connection.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_NEVER)
    connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
    if url.startswith("ldap://") and is_true(keys.get("ldap_starttls_supported")):
        connection.start_tls_s()
    return connection


def bare(url):
    """Without a slash at the end."""
    return url.rstrip("/")
