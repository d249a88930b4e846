"""The defaults that are compiled into zmlocalconfig, of the keys that matter here."""
import os
import re

from standin import localconfig

COMMON = {
    "ldap_accesslog_maxsize": "85899345920",
    "ldap_amavis_password": "zmamavis",
    "ldap_bes_searcher_password": "zmbes-searcher",
    "ldap_bind_url": "",
    "ldap_common_loglevel": "49152",
    "ldap_db_maxsize": "85899345920",
    "ldap_host": "",
    "ldap_is_master": "false",
    "ldap_master_root_password": "",
    "ldap_master_url": "",
    "ldap_monitor_critical": "90",
    "ldap_monitor_warning": "80",
    "ldap_nginx_password": "zmnginx",
    "ldap_overlay_accesslog_logpurge": "01+00:00  00+04:00",
    "ldap_overlay_syncprov_checkpoint": "20 10",
    "ldap_overlay_syncprov_sessionlog": "10000000",
    "ldap_port": "",
    "ldap_postfix_password": "zmpostfix",
    "ldap_replication_password": "zmreplica",
    "ldap_root_password": "zimbra",
    "ldap_starttls_required": "true",
    "ldap_starttls_supported": "0",
    "ldap_url": "",
    "mysql_root_password": "zimbra",
    "zimbra_ldap_password": "zimbra",
    "zimbra_ldap_userdn": "uid=zimbra,cn=admins,cn=zimbra",
    "zimbra_log_directory": "${zimbra_home}/log",
    "zimbra_mysql_password": "zimbra",
    "zimbra_require_interprocess_security": "1",
    "zimbra_server_hostname": "localhost",
}
PROTECTED = {
    "zimbra_home",
    "ldap_root_password",
    "zimbra_ldap_password",
    "zimbra_mysql_password",
    "mysql_root_password",
}


def defaults(product):
    return {**COMMON, "zimbra_home": product.home, "zimbra_user": product.user}


def expanded(value, keys):
    """${other_key} gives way to that key's value, as deep as it goes; an unknown one stays."""
    for _ in range(10):
        value, count = re.subn(r"\$\{(\w+)\}", lambda name: keys.get(name.group(1), name.group(0)), value)
        if not count:
            break
    return value


def read(product):
    """What `zmlocalconfig -x -s` says of all keys; of a file that cannot be read, the defaults."""
    stored = localconfig.parse(product.localconfig) if os.access(product.localconfig, os.R_OK) else {}
    keys = {**defaults(product), **stored}
    return {name: expanded(value, keys) for name, value in keys.items()}
