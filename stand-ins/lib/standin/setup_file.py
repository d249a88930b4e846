"""The file of `zmsetup.pl -c`, and what it says about the node."""


def read(path):
    """KEY=VALUE lines, split at the first `=`; all double quotes are dropped, nothing is trimmed or escaped."""
    settings = {}
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            name, assigned, value = line.partition("=")
            if assigned:
                settings[name] = value.replace('"', "")
    return settings


# The keys of the file that hold passwords → localconfig, the user under cn=admins and what it is by default.
PASSWORDS = {
    "LDAPADMINPASS": ("zimbra_ldap_password", "zimbra", "zimbra"),
    "LDAPREPPASS": ("ldap_replication_password", "zmreplica", "zmreplica"),
    "LDAPPOSTPASS": ("ldap_postfix_password", "zmpostfix", "zmpostfix"),
    "LDAPAMAVISPASS": ("ldap_amavis_password", "zmamavis", "zmamavis"),
    "ldap_nginx_password": ("ldap_nginx_password", "zmnginx", "zmnginx"),
    "ldap_bes_searcher_password": ("ldap_bes_searcher_password", "zmbes-searcher", "zmbes-searcher"),
}


class Node:
    def __init__(self, product, settings):
        self.host = settings.get("HOSTNAME", "")
        self.ldap_host = settings.get("LDAPHOST") or self.host
        self.port = settings.get("LDAPPORT") or "389"
        self.server_id = settings.get("LDAPSERVERID") or "2"
        self.force_replication = settings.get("FORCEREPLICATION", "no") == "yes"
        self.has_slapd = "ldap" in product.packages
        self.is_master = self.has_slapd and self.ldap_host == self.host
        self.replication = "master" if self.is_master else settings.get("LDAPREPLICATIONTYPE") or "replica"
        self.root_password = settings.get("LDAPROOTPASS") or "zimbra"
        self.security = settings.get("zimbra_require_interprocess_security") or settings.get("ZIMBRA_REQ_SECURITY") or "1"
        self.settings = settings
        # Carbonio has no BlackBerry server to let in.
        without = ["ldap_bes_searcher_password"] if product.is_carbonio else []
        self.admins = {key: row for key, row in PASSWORDS.items() if key not in without}

    def url(self, host):
        return f"{'ldaps' if self.port == '636' else 'ldap'}://{host}:{self.port}"

    def passwords(self):
        """User under cn=admins → password."""
        return {user: self.settings.get(key) or usual for key, (_, user, usual) in self.admins.items()}

    def localconfig(self):
        """The keys that its set-up writes before anything of it runs."""
        master = self.url(self.ldap_host)
        switch = "1" if self.security == "1" else "0"
        stored = {name: self.settings.get(key) or usual for key, (name, _, usual) in self.admins.items()}
        return {
            **stored,
            "zimbra_server_hostname": self.host,
            "zimbra_ldap_userdn": "uid=zimbra,cn=admins,cn=zimbra",
            "ldap_root_password": self.root_password,
            "ldap_host": self.ldap_host,
            "ldap_port": self.port,
            "ldap_url": master,
            "ldap_master_url": master,
            "ldap_is_master": "true" if self.is_master else "false",
            "ldap_starttls_supported": "0" if self.port == "636" else switch,
            "ldap_starttls_required": "true" if switch == "1" else "false",
            "zimbra_require_interprocess_security": switch,
        }
