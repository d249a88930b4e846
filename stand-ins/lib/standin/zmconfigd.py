"""Puts ldap_* keys of localconfig.xml into cn=config, over what somebody wrote there by hand.

Only where product.json says how often ("zmconfigd_every_s"; the real one every 60 s); 0 is never.
"""
import sys
import time

import ldap

from standin import accesslog, known_keys, ldapi, localconfig
from standin.layout import LOG, MAIN, MAIN_ALONE


def watch(product):
    while product.zmconfigd_every_s > 0:
        time.sleep(product.zmconfigd_every_s)
        try:
            turn(product)
        except (ldap.LDAPError, OSError) as trouble:
            print(f"zmconfigd: {trouble}", file=sys.stderr, flush=True)


def turn(product):
    keys = known_keys.read(product)
    connection = ldapi.open_as_config(product, keys["ldap_root_password"])
    is_multimaster = keys["ldap_is_master"].lower() == "true" and accesslog.exists(connection)
    # A size that nobody set is the lab's, not the product's 80 GiB.
    sizes = {"ldap_db_maxsize": str(product.db_maxsize), "ldap_accesslog_maxsize": str(product.db_maxsize)}
    wanted = {**keys, **sizes, **localconfig.parse(product.localconfig)}
    push(connection, MAIN if is_multimaster else MAIN_ALONE, "olcDbMaxSize", wanted["ldap_db_maxsize"])
    if is_multimaster:
        push(connection, LOG, "olcDbMaxSize", wanted["ldap_accesslog_maxsize"])
        push_overlays(connection, wanted)


def push_overlays(connection, wanted):
    syncprov, log = f"olcOverlay={{0}}syncprov,{MAIN}", f"olcOverlay={{1}}accesslog,{MAIN}"
    push(connection, syncprov, "olcSpCheckpoint", wanted["ldap_overlay_syncprov_checkpoint"])
    push(connection, log, "olcAccessLogPurge", wanted["ldap_overlay_accesslog_logpurge"])
    # A session log that is missing is not added: the real one refuses to.
    if ldapi.values(connection, syncprov, "olcSpSessionlog"):
        push(connection, syncprov, "olcSpSessionlog", wanted["ldap_overlay_syncprov_sessionlog"])


def push(connection, dn, attribute, value):
    if ldapi.values(connection, dn, attribute) != [value]:
        ldapi.modify(connection, dn, ldap.MOD_REPLACE, attribute, value)
