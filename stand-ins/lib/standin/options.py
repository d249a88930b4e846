"""Options as Perl's Getopt::Long takes them: -sid, --sid, --sid=1 and every unambiguous beginning."""
import re
import sys


def parse(table, arguments, usage):
    """`table`: "sid|s" to int, str or bool. The options that were given, by long name; else usage and 1."""
    given, told = {}, []
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        if argument == "--":
            break
        if not re.match(r"--?[^-]", argument):
            continue
        told += take(table, argument, rest, given)
    if told:
        print("\n".join(told), end="\n\n", file=sys.stderr)
        show(usage)
    return given


def take(table, argument, rest, given):
    """Puts one option into `given`; what is wrong with it, as a list of lines."""
    typed, has_value, value = argument.lstrip("-").partition("=")
    option = find(table, typed)
    if option is None:
        return [f"Unknown option: {typed}"]
    name, kind = option.split("|")[0], table[option]
    if kind is bool:
        given[name] = True
        return []
    if not has_value:
        if not rest:
            return [f"Option {typed} requires an argument"]
        value = rest.pop(0)
    if kind is int and not re.fullmatch(r"[-+]?\d+", value):
        return [f'Value "{value}" invalid for option {typed} (number expected)']
    given[name] = int(value) if kind is int else value
    return []


def find(table, typed):
    exact = [option for option in table if typed in option.split("|")]
    begun = [option for option in table if option.startswith(typed)]
    matches = exact or begun
    return matches[0] if len(matches) == 1 else None


def show(usage):
    print(usage, file=sys.stderr)
    sys.exit(1)


def is_ldap_url(text):
    """Only with the slash at the end, the tools say."""
    return bool(re.fullmatch(r"ldaps?://.*/", text))
