/**
 * What slapd has logged about replication since it was started, newest last: `==` and the source, then the lines as that source
 * has them. All that went wrong, as far as there is room; of what comes with every change the last few; and of what goes well the
 * last line of each agreement, which says that it does again.
 */
export const LOG_SCRIPT = `
keep() {
  grep -E 'rid=[0-9]|syncprov_|older than ours|MAP_FULL|no retry defined|slap_client_connect' |
    awk '
      /CSN too old|not new enough/ { loud[l++ % 60] = NR "\\t" $0; next }
      /retrying|quitting|older than ours|missing a csn|newer than provider|lost sync|not unique|MAP_FULL|no retry defined|SEARCH_RESULT \\([1-9]|failed|error/ {
        bad[b++ % 240] = NR "\\t" $0; next
      }
      # Where syncprov writes, the rid is one of the consumer.
      /syncrep[a-z0-9_]*: rid=/ && match($0, /rid=[0-9]+/) { well[substr($0, RSTART, RLENGTH)] = NR "\\t" $0 }
      END {
        for (i in loud) print loud[i]
        for (i in bad) print bad[i]
        for (i in well) print well[i]
      }' |
    sort -n | cut -f 2-
}
date "+==now %s %z"
# Zimbra and Carbonio log by syslog, to a file of their own; a journal of who has started them tells nothing of slapd.
if [ -n "$LOCKSTEP_PRODUCT_LOG" ] && [ -r "$LOCKSTEP_PRODUCT_LOG" ] && grep -q 'slapd\\[' "$LOCKSTEP_PRODUCT_LOG"; then
  echo "==file"; grep 'slapd\\[' "$LOCKSTEP_PRODUCT_LOG" | keep; exit 0
fi
if [ -n "$LOCKSTEP_LOG_FILE" ]; then
  [ -r "$LOCKSTEP_LOG_FILE" ] || { echo "$LOCKSTEP_LOG_FILE cannot be read" >&2; exit 1; }
  echo "==file"; keep <"$LOCKSTEP_LOG_FILE"; exit 0
fi
if command -v journalctl >/dev/null && [ -n "$(journalctl -q -u "$LOCKSTEP_UNIT" -n 1 -o cat --no-pager 2>/dev/null)" ]; then
  echo "==journal"
  journalctl -q -u "$LOCKSTEP_UNIT" --since "@$LOCKSTEP_SINCE" -o short-unix --no-pager | keep
  exit 0
fi
for file in /var/log/slapd.log /var/log/ldap.log /var/log/openldap.log /var/log/syslog /var/log/messages; do
  [ -r "$file" ] && grep -q 'slapd\\[' "$file" || continue
  echo "==file"; grep 'slapd\\[' "$file" | keep; exit 0
done
echo "there is no journal of $LOCKSTEP_UNIT, and no file below /var/log with lines of slapd" >&2
exit 1
`;
