"""Where things lie in slapd. The tools know these numbers by heart: any other database breaks them."""
CONFIG = "cn=config"
LOG_SUFFIX = "cn=accesslog"
LOG = "olcDatabase={2}mdb,cn=config"
MAIN = "olcDatabase={3}mdb,cn=config"
# Where there is no accesslog: a replica, and a master that never had one.
MAIN_ALONE = "olcDatabase={2}mdb,cn=config"
ADMIN = "uid=zimbra,cn=admins,cn=zimbra"
REPLICATOR = "uid=zmreplica,cn=admins,cn=zimbra"
