/**
 * The part of the probe that walks.
 * `walk FOLDER PATTERN…`: every path below FOLDER, without the folders that match a PATTERN.
 */
export const walkText = `# A record: type and depth, bytes, time of change, owner, group, mode, name; after a link's record its target.
# An exclamation mark before it: a folder that may not be read.
walk() {
  if ! cd -- "$1"; then status=125; return; fi
  shift
  count=$#
  while [ "$count" -gt 0 ]; do
    pattern=$1
    shift
    set -- "$@" -regex "$pattern" -prune -o
    count=$((count - 1))
  done
  find . -ignore_readdir_race -regextype posix-extended \\
    ! -type d \\( -type l -printf '%y%d %s %T@ %U %G %m %f\\0%l\\0' -o -printf '%y%d %s %T@ %U %G %m %f\\0' \\) \\
    -o "$@" \\( ! -readable -o ! -executable \\) -printf '!%y%d %s %T@ %U %G %m %f\\0' -prune \\
    -o -printf '%y%d %s %T@ %U %G %m %f\\0' &
  attend "$!"
}
`;
