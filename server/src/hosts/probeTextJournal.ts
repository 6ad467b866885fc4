/**
 * The part of the probe that looks through the journal of this boot for paths that something missed.
 * `journal ROOT LIMIT`: the last LIMIT entries that tell of a file that is missing or may not be used, as journalctl's JSON, one in a record.
 * Of ROOT's own journal where that is another root than `/`. A message with control characters is JSON's list of its bytes, which is not looked into here.
 */
export const journalText = `journal() {
  if ! cd -P -- "$1"; then status=125; return; fi
  most=$2
  if ! command -v journalctl > /dev/null 2>&1; then say '#lack'; return; fi
  set --
  if [ "$PWD" != / ]; then set -- --root="$PWD"; fi
  { timeout 60 journalctl "$@" -b -p 6 -q --no-pager -o json \\
      --output-fields=MESSAGE,_SYSTEMD_UNIT,UNIT,_SYSTEMD_USER_UNIT,USER_UNIT,SYSLOG_IDENTIFIER 2>/dev/null; say "#$?" | tr '\\000' '\\n'; } < /dev/null |
    grep -a -i -E '^#[0-9]+$|"MESSAGE":\\[|no such file|not exist|not found|(cannot|could not|couldn.t|unable to|fail(ed|ure)?( to)?) [a-z ]*(open|load|read|write|creat|access|stat|find|mkdir|chdir)|permission denied|not permitted|access denied|read-only file|ENOENT|EACCES|EPERM|EROFS|errno (2|13|30)|error (2|13|30)|NoSuchFile|FileNotFound|PermissionError' |
    cut -b -16384 | tail -n "$((most + 1))" | tr '\\n' '\\000' &
  attend "$!"
  status=0
}
`;
