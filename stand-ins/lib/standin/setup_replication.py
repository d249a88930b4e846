"""The set-up's part for a node that has its directory from a master."""
import ldap

from standin import directory, ldapi, localconfig
from standin.setup_work import Failed


def check_master(here, node, work):
    """Who joins needs the master's own passwords, and a master that tells its changes."""
    work.begin(f"Checking ldap on {node.ldap_host}:{node.port}")
    keys = localconfig.read(here)
    url = node.url(node.ldap_host)
    for user, password in node.passwords().items():
        try:
            _, connection = directory.connect(here, keys, url, user=user, password=password)
        except ldap.INVALID_CREDENTIALS:
            raise Failed(f"Unable to bind to {url} as {user}: Invalid credentials") from None
        except ldap.LDAPError as error:
            raise Failed(f"Unable to contact {url}: {ldapi.reason(error)}") from None
        if user == "zmreplica":
            check_accesslog(connection)
    work.done()


def check_accesslog(connection):
    try:
        connection.search_s("cn=accesslog", ldap.SCOPE_BASE, attrlist=["1.1"])
    except ldap.LDAPError:
        raise Failed("Please run zmldapenable-mmr on the master.") from None


def replicate(here, node, work):
    """Whether the directory of the node is one to serve. A failure is told, and the set-up goes on and ends well."""
    if not node.has_slapd or (node.is_master and not node.force_replication):
        return node.is_master
    work.begin("Enabling ldap replication")
    if join(node, work) if node.replication == "mmr" else follow(here, work):
        with open(here.path(".enable_replica"), "w", encoding="ascii"):
            work.done()
        return True
    work.done("failed.")
    work.say("You will have to correct the problem and manually enable replication.\n")
    if not node.is_master:
        work.say(f"Disabling ldap on {node.host}...done.\n")
    return node.is_master


def join(node, work):
    """A master beside the old one, whose URL stays the only one in ldap_master_url."""
    old = node.url(node.ldap_host)
    work.save({"ldap_is_master": "true", "ldap_url": f"{node.url(node.host)} {old}"})
    enable = ("libexec/zmldapenable-mmr", "-s", node.server_id, "-m", f"{old}/")
    return work.start_slapd() and work.as_user(*enable) == 0 and work.start_slapd("restart")


def follow(here, work):
    """On a master, which tells its changes from then on; on a replica, which hears them."""
    program = "libexec/zmldapenablereplica"
    if here.generation["enablereplica_user"] == "root":
        return work.run([here.path(program)]) == 0
    return work.as_user(program) == 0
