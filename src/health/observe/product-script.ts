/**
 * Whether Zimbra or Carbonio is there, by looking and not by name: nothing is printed where neither is. POSIX sh; only looks. The
 * release comes from the package, which is fast, else from the product's own tool.
 */
export const PRODUCT_SCRIPT = `
for place in zimbra:/opt/zimbra:zimbra carbonio:/opt/zextras:zextras; do
  product=\${place%%:*} home=\${place#*:}; user=\${home#*:} home=\${home%:*}
  [ -e "$home/bin/zmlocalconfig" ] || continue
  echo "product=$product"
  if [ -e "$home/data/ldap/config/cn=config.ldif" ]; then echo directory=yes; else echo directory=no; fi
  if systemctl cat carbonio-openldap.service >/dev/null 2>&1; then echo control=systemd; else echo control=tool; fi
  version=$(dpkg-query -W -f '\${Version}' "$product-core" 2>/dev/null || rpm -q --qf '%{VERSION}' "$product-core" 2>/dev/null) ||
    version=$(timeout 15 su - "$user" -c "$home/bin/zmcontrol -v" </dev/null 2>/dev/null | sed -n 's/.*[Rr]elease[^0-9]*//p' | head -n 1)
  echo "release=$version"
  exit 0
done
`;
