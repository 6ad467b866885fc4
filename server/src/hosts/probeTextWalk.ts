/**
 * The part of the probe that walks.
 * `walk STEP IDENTITY FOLDER PATTERN…`: every path below FOLDER, without the folders that match a PATTERN.
 * STEP 0: in one go. Else: folders to begin at come on standard input, as "./a/b/." with a NUL after each, and each is walked STEP levels
 * deep; "/." instead of a folder is answered with "=", when all before it is done.
 * IDENTITY yes: files are told with their inode and time of change.
 *
 * A record: type and depth below the folder begun at, bytes, time, owner, group, mode, identity of folders (and files), name; after a
 * link's record its target. The folder begun at has as name what came on standard input.
 * An exclamation mark before it: a folder that may not be read.
 */
export const walkText = `walk() {
  step=$1
  identity=$2
  if ! cd -- "$3"; then status=125; return; fi
  shift 3
  count=$#
  while [ "$count" -gt 0 ]; do
    each=$1
    shift
    set -- "$@" -regex "$each" -prune -o
    count=$((count - 1))
  done
  case $identity in
    yes) file='%y%d %s %T@ %U %G %m %i:%C@ %f\\0' ;;
    *) file='%y%d %s %T@ %U %G %m %f\\0' ;;
  esac
  set -- -ignore_readdir_race -regextype posix-extended \\
    -type f -printf "$file" \\
    -o -type d -name . \\( -path /. -printf '=\\0\\c' -prune -o -printf '%y%d %s %T@ %U %G %m %D:%i %H\\0\\c' \\) \\
    -o -type d \\( "$@" \\( ! -readable -o ! -executable \\) -printf '!%y%d %s %T@ %U %G %m %D:%i %f\\0' -prune \\
      -o -printf '%y%d %s %T@ %U %G %m %D:%i %f\\0' \\) \\
    -o -type l -printf '%y%d %s %T@ %U %G %m %f\\0%l\\0' \\
    -o ! -type d -printf '%y%d %s %T@ %U %G %m %f\\0'
  case $step in
    0) set -- find ./. "$@" ;;
    *) set -- find -files0-from - -maxdepth "$step" "$@" ;;
  esac
  # Few large writes: each wakes the other side.
  if stdbuf -o 65536 true > /dev/null 2>&1; then set -- stdbuf -o 65536 "$@"; fi
  exec 3<&0
  "$@" <&3 3<&- &
  attend "$!"
}
`;
