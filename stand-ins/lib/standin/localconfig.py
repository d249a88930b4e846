"""conf/localconfig.xml: read as the LDAP tools read it (no defaults), written as zmlocalconfig writes it."""
import os
import sys
import tempfile
import xml.etree.ElementTree as xml


def read(product):
    """The keys that are in the file; a missing key is missing. Ends with 2 when the file is not there."""
    path = product.localconfig
    if not os.path.exists(path):
        print(f"File does not exist: {path}", file=sys.stderr)
        sys.exit(2)
    return parse(path)


def parse(path):
    keys = xml.parse(path).getroot().iter("key")
    return {key.get("name"): key.findtext("value") or "" for key in keys}


def write(path, values):
    """The whole file anew. Between unlink and rename there is none, and nothing locks: as in the product."""
    handle, new = tempfile.mkstemp(prefix="localconfig", dir=os.path.dirname(path))
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text(values))
    os.chmod(new, 0o640)
    if os.path.exists(path):
        os.unlink(path)
    os.rename(new, path)


def text(values):
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "", "<localconfig>"]
    for name in sorted(values):
        lines.append(entry(name, values[name]))
    return "\n".join([*lines, "</localconfig>", ""])


def entry(name, value):
    quoted = escaped(name).replace('"', "&quot;")
    return f'  <key name="{quoted}">\n    <value>{escaped(value)}</value>\n  </key>'


def escaped(value):
    """Not by xml.sax.saxutils, which takes longer to load than the rest of a tool."""
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def is_true(value):
    """True in Perl's terms, which is how the LDAP tools read a switch."""
    return value not in (None, "", "0")
