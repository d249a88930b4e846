#!/usr/bin/python3
"""The unattended set-up of a node: zmsetup.pl -c FILE."""
import sys

sys.path.insert(0, "/usr/local/lib/lockstep-stand-in")
from standin import setup

setup.main()
