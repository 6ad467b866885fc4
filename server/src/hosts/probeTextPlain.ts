/**
 * The parts of the probe for a host without the GNU tools: they ask of `find`, `stat`, `ls` and `cmp` only what BusyBox or POSIX has.
 * `plain FLAVOUR FOLDER PATTERN…`: every path below FOLDER, without those that match a PATTERN of `find -path`.
 */
export const plainText = `# A record is a line of "stat" (FLAVOUR stat: type and mode in hex, bytes, time, owner, group, name; after a link's record one with its
# target) or of "ls -ldn" (FLAVOUR ls). A name with a line break is left out, with all below it, and told by "//"; so
# is a link of "ls" that has an arrow in its path and a line break in its target.
plain() {
  flavour=$1
  if ! cd -- "$2"; then status=125; return; fi
  shift 2
  count=$#
  while [ "$count" -gt 0 ]; do
    pattern=$1
    shift
    set -- "$@" -path "$pattern" -prune -o
    count=$((count - 1))
  done
  break='
'
  line='%f %s %Y %u %g %n'
  QUOTING_STYLE=literal
  export QUOTING_STYLE
  set -- "$@" -name "*$break*" -prune -exec sh -c 'for each; do echo //; done' sh {} +
  if [ "$flavour" = stat ]; then
    set -- "$@" -o -type l -exec stat -c "$line$break%N" {} + -o -exec stat -c "$line" {} +
  else
    # Which arrow is that before the target could not be told.
    set -- "$@" -o -type l -path '* -> *' -exec sh -c 'case $(ls -ldn "$1") in *"$2"*) ;; *) exit 1 ;; esac' sh {} "$break" \\; \\
      -exec sh -c 'for each; do echo //; done' sh {} + -o -exec ls -ldn {} +
  fi
  { find . "$@" || echo "//failed"; } | tr '\\n' '\\000' &
  attend "$!"
}
`;

/** `equal LIVE OLD`: which of the files named on standard input (see probeTextCompare.ts) are the same in both folders, one by one. */
export const equalText = `equal() {
  exec 3<&0
  {
    done=0
    tr '\\000' '\\n' <&3 | while IFS= read -r each; do
      case $each in ./*) ;; *) continue ;; esac
      if cmp -s "$1/$each" "$2/$each"; then say "$each"; fi
      done=$((done + 1))
      if [ "$done" = 100 ]; then say "#100"; done=0; fi
    done
  } &
  attend "$!"
}
`;
