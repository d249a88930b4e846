"""What the stand-ins of Zimbra's and Carbonio's tools share. Python 3.9, python3-ldap."""
