"""The accesslog as the tools make it: a database {2} that pushes the main one to {3}, and two overlays there.

No step looks at what slapd answered: that is how the tools are, and a run that does nothing ends 0.
"""
import os

import ldap

from standin import ldapi, tool
from standin.layout import ADMIN, CONFIG, LOG, LOG_SUFFIX, MAIN, REPLICATOR

READERS = [ADMIN, "cn=config", REPLICATOR]
SYNCPROV = ["olcOverlayConfig", "olcSyncProvConfig"]


def exists(connection):
    return bool(ldapi.search(connection, LOG_SUFFIX, ldap.SCOPE_BASE))


def add_database(product, connection):
    directory = product.path("data/ldap/accesslog/db")
    try:
        os.makedirs(directory, exist_ok=True)
    except OSError:
        pass
    # slapd has to write there, also where root runs the tool.
    tool.give_to_service_user(product, os.path.dirname(directory))
    ldapi.add(connection, LOG, database(directory, product.db_maxsize))


def database(directory, maxsize):
    may_read = "".join(f'  by dn.exact="{reader}" read' for reader in READERS)
    return {
        "objectClass": ["olcDatabaseConfig", "olcMdbConfig"],
        "olcDatabase": "{2}mdb",
        "olcDbDirectory": directory,
        "olcSuffix": LOG_SUFFIX,
        "olcAccess": f'{{0}}to dn.subtree="{LOG_SUFFIX}"{may_read}',
        "olcLastMod": "TRUE",
        "olcMaxDerefDepth": "15",
        "olcReadOnly": "FALSE",
        "olcRootDN": CONFIG,
        "olcSizeLimit": "unlimited",
        "olcTimeLimit": "unlimited",
        "olcMonitoring": "TRUE",
        "olcDbCheckpoint": "0 0",
        "olcDbEnvFlags": ["writemap", "nometasync"],
        "olcDbNoSync": "TRUE",
        "olcDbIndex": ["entryCSN eq", "objectClass eq", "reqEnd eq", "reqResult eq", "reqStart eq"],
        "olcDbMode": "0600",
        "olcDbSearchStack": "16",
        "olcDbMaxsize": str(maxsize),
    }


def add_log_provider(connection):
    attributes = {"objectClass": SYNCPROV, "olcOverlay": "syncprov"}
    attributes.update(olcSpNoPresent="TRUE", olcSpReloadHint="TRUE")
    ldapi.add(connection, f"olcOverlay=syncprov,{LOG}", attributes)


def add_main_provider(product, connection):
    attributes = {"objectClass": SYNCPROV, "olcOverlay": "{0}syncprov", **provider_settings(product)}
    ldapi.add(connection, f"olcOverlay={{0}}syncprov,{MAIN}", attributes)


def provider_settings(product):
    settings = {"olcSpCheckpoint": "20 10"}
    if product.generation["sessionlog"]:
        settings["olcSpSessionlog"] = "10000000"
    return settings


def add_log_overlay(connection):
    attributes = {
        "objectClass": ["olcOverlayConfig", "olcAccessLogConfig"],
        "olcOverlay": "{1}accesslog",
        "olcAccessLogDB": LOG_SUFFIX,
        "olcAccessLogOps": "writes",
        "olcAccessLogSuccess": "TRUE",
        "olcAccessLogPurge": "01+00:00  00+04:00",
    }
    ldapi.add(connection, f"olcOverlay={{1}}accesslog,{MAIN}", attributes)
