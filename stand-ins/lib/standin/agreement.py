"""One olcSyncrepl value: its text as the tools store it, and what they read out of it."""
import re

from standin.layout import REPLICATOR
from standin.localconfig import is_true

STARTTLS = "starttls=critical "


def wants_starttls(keys, uri):
    secure = is_true(keys.get("ldap_starttls_supported"))
    return (
        uri.startswith("ldap://") and secure and is_true(keys.get("zimbra_require_interprocess_security"))
    )


def value(product, keys, rid, uri):
    """The password goes in without quotes: a blank in it breaks the value, and no tool tells."""
    return (
        f"rid={rid} provider={uri} bindmethod=simple timeout=0 network-timeout=0 binddn={REPLICATOR}"
        f" credentials={keys.get('ldap_replication_password', '')} "
        + (STARTTLS if wants_starttls(keys, uri) else "")
        + 'filter="(objectclass=*)" searchbase=""'
        + ' logfilter="(&(objectClass=auditWriteObject)(reqResult=0))" logbase=cn=accesslog scope=sub'
        + ' schemachecking=off type=refreshAndPersist retry="60 +" syncdata=accesslog'
        + f" tls_cacertdir={product.path('conf/ca')} keepalive=240:10:30"
    )


def rid(text):
    found = re.search(r"\brid=(\d+)", text)
    return int(found.group(1)) if found else None


def provider(text):
    return word("provider", text)


def starttls(text):
    """`critical`, or nothing at all. ldaps agreements have nothing, too."""
    return word("starttls", text)


def word(name, text):
    found = re.search(rf"\b{name}=(\S+)", text)
    return found.group(1) if found else ""


def with_rid(text, new):
    return re.sub(r"\brid=\d+", lambda _: f"rid={new}", text, count=1)


def with_provider(text, uri):
    return re.sub(r"\bprovider=\S+", lambda _: f"provider={uri}", text, count=1)


def with_starttls(text):
    return text if "starttls=" in text else text.replace("filter=", STARTTLS + "filter=", 1)


def without_starttls(text):
    return text.replace(STARTTLS, "")


def last_with_rid(agreements, number):
    """Its place. Where several share the rid, the last one: the tools walk on after a hit."""
    return max((place for place, text in enumerate(agreements) if rid(text) == number), default=None)


def edited(text, keys, new_rid, uri, tls):
    """What -u of zmldapmmrtool and -m of zmldapreplicatool make of it; an ldaps URL keeps an old starttls."""
    if new_rid is not None:
        text = with_rid(text, new_rid)
    if uri:
        text = with_provider(text, uri)
    if tls == "critical" or (uri and not tls and wants_starttls(keys, uri)):
        return with_starttls(text)
    return without_starttls(text) if tls == "off" else text
