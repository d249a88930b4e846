/** Where slapd and its tools are; those of Zimbra and Carbonio come first, as a distribution's own may lie beside them unused. */
export const SLAPD_PATH = `
PATH=$PATH:/usr/sbin:/sbin:/usr/local/openldap/sbin:/usr/local/openldap/libexec:/opt/symas/sbin:/opt/symas/lib
for home in /opt/zimbra/openldap /opt/zimbra/common /opt/zextras/common; do
  if [ -d "$home/sbin" ]; then PATH=$home/bin:$home/sbin:$home/libexec:$PATH; fi
done
`;
