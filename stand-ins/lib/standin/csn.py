"""contextCSN values, and how far one is behind another in the words of zmreplchk."""
import datetime

UNITS = [("w", 7 * 86400), ("d", 86400), ("h", 3600), ("m", 60), ("s", 1)]


def time_of(csn):
    """To the second: 20251015095813.150894Z#000000#001#000000."""
    return datetime.datetime.strptime(csn[:14], "%Y%m%d%H%M%S")


def server_id(csn):
    return csn.split("#")[2]


def lag(first, other):
    """What the real one prints: an "ahead" has lost its unit on the way through Date::Manip 6."""
    seconds = int((time_of(first) - time_of(other)).total_seconds())
    left, parts = abs(seconds), []
    for unit, size in UNITS:
        parts.append(f"{left // size}{unit}")
        left %= size
    text = "0y 0M " + " ".join(parts)
    return f"{text} behind" if seconds >= 0 else text[:-1]
