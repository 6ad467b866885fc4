/**
 * The part of the probe that walks.
 * `walk STEP HEAD IDENTITY OWNERS FOLDER PATTERN…`: every path below FOLDER, without the folders that match a PATTERN.
 * STEP 0: in one go. Else: folders to begin at come on standard input, as "./a/b/." with a NUL after each, and each is walked STEP levels
 * deep; "/." instead of a folder is answered with "=", when all before it is done.
 * HEAD yes: before that, what lies in FOLDER itself, and "=".
 * IDENTITY yes: the time of files has a colon and their inode after it; of those over 64 kB another one and the time of change, since
 * programs for encrypted containers write to them and put the time back. Those have no letter.
 * OWNERS: lines of a letter, another letter, a user and a group: files of theirs have a letter instead of a type, and no owner; with the
 * first letter the mode is left out, too, and is 644.
 *
 * A record: type and bytes, time, owner, group, mode, identity of folders, path below the folder begun at; after a link's record its
 * target. The folder begun at has an angle bracket for a type, and as path what came on standard input.
 * An exclamation mark before it: a folder that may not be read. That is asked of the system only where the mode does not let everyone.
 * The path, since find takes longer to print a depth and a name. Eleven letters of a time: its seconds; those after the year 5138 stay that late.
 */
export const walkText = `walk() {
  step=$1
  head=$2
  identity=$3
  owners=$4
  if ! cd -- "$5"; then status=125; return; fi
  shift 5
  count=$#
  while [ "$count" -gt 0 ]; do
    each=$1
    shift
    set -- "$@" -regex "$each" -prune -o
    count=$((count - 1))
  done
  case $identity in
    yes) time='%T@:%i' ;;
    *) time='%.11T@' ;;
  esac
  set -- -printf "%y%s $time %U %G %m %P\\0" \\) \\
    -o -type d -name . \\( -path /. -printf '=\\0\\c' -prune -o -printf '>%s %.11T@ %U %G %m %D:%i %H\\0' \\) \\
    -o -type d \\( "$@" ! -perm -555 \\( ! -readable -o ! -executable \\) -printf '!%y%s %.11T@ %U %G %m %D:%i %P\\0' -prune \\
      -o -printf '%y%s %.11T@ %U %G %m %D:%i %P\\0' \\) \\
    -o -type l -printf '%y%s %.11T@ %U %G %m %P\\0%l\\0' \\
    -o ! -type d -printf '%y%s %.11T@ %U %G %m %P\\0'
  while read -r usual other uid gid; do
    if [ -z "$gid" ]; then continue; fi
    set -- -uid "$uid" -gid "$gid" \\( -perm 644 -printf "$usual%s $time %P\\0" -o -printf "$other%s $time %m %P\\0" \\) -o "$@"
  done << END
$owners
END
  if [ "$identity" = yes ]; then set -- -size +64k -printf '%y%s %T@:%i:%C@ %U %G %m %P\\0' -o "$@"; fi
  set -- -ignore_readdir_race -regextype posix-extended -type f \\( "$@"
  # Few large writes: each wakes the other side.
  if stdbuf -o 65536 true > /dev/null 2>&1; then buffered="stdbuf -o 65536"; else buffered=; fi
  exec 3<&0
  if [ "$head" = yes ]; then
    $buffered find ./. -maxdepth 1 "$@" < /dev/null 3<&- &
    attend "$!"
    say "="
  fi
  worst=$status
  case $step in
    0) $buffered find ./. "$@" <&3 3<&- & ;;
    *) $buffered find -files0-from - -maxdepth "$step" "$@" <&3 3<&- & ;;
  esac
  attend "$!"
  if [ "$worst" -gt "$status" ]; then status=$worst; fi
}
`;
