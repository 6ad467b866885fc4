/**
 * The probe: the whole text that runs on a host, as a person can read it before it does. It reads and never writes, at the
 * lowest priority, and answers in NUL-separated records between two marks that carry a number made anew for each run.
 * POSIX shell with GNU findutils and coreutils, as on any NixOS.
 *
 * Arguments: how it became root (`root`, `sudo`, `refused`, `none`), the login name, the number of the run, what to do, and
 *   facts ROOT SNAPSHOTS      about the host: mounts, boot time, users, older roots (SNAPSHOTS is relative to ROOT)
 *   walk FOLDER PATTERN…      every path below FOLDER, without the folders that match a PATTERN
 *   compare LIVE OLD          which of the files named on standard input are the same in both folders
 */
export const probeText = `# Tidemark's probe. Reads, never writes.
say() { printf '%s\\0' "$@"; }

# say_file KEY FILE: the file's text as one record.
say_file() {
  if [ -f "$2" ] && [ -r "$2" ]; then
    say "$1"
    tr -d '\\000' < "$2" | head -c 8388608
    printf '\\0'
  fi
}

# say_boot KEY FILE: the boot time in a /proc/stat.
say_boot() {
  if [ -f "$2" ] && [ -r "$2" ]; then
    while read -r name value; do
      if [ "$name" = btime ]; then say "$1" "$value"; fi
    done < "$2"
  fi
}

# own PATH: below another root than / no part of PATH may be a link, which could lead out of it.
own() {
  if [ "$PWD" = / ]; then return 0; fi
  rest=$1
  path=.
  while [ -n "$rest" ]; do
    path=$path/\${rest%%/*}
    if [ -L "$path" ]; then return 1; fi
    case $rest in */*) rest=\${rest#*/} ;; *) rest= ;; esac
  done
}

lacking() {
  found=$(find / -maxdepth 0 -ignore_readdir_race -regextype posix-extended ! -regex x -readable -printf ok 2>/dev/null)
  if [ "$found" != ok ]; then printf 'find '; fi
  if [ "$(stat -c %F / 2>/dev/null)" != directory ]; then printf 'stat '; fi
  if [ "$(printf 'b\\0a\\0' | sort -z 2>/dev/null | tr '\\000' n)" != anbn ]; then printf 'sort '; fi
  if [ "$(printf 'a\\0a\\0' | uniq -z -d 2>/dev/null | tr '\\000' n)" != an ]; then printf 'uniq '; fi
  if [ "$(printf 'ab\\0' | cut -z -c 2- 2>/dev/null | tr '\\000' n)" != bn ]; then printf 'cut '; fi
  if ! sha256sum -z /dev/null > /dev/null 2>&1; then printf 'sha256sum '; fi
}

facts() {
  say sudo "$how" login "$login" uid "$(id -u)" lacking "$(lacking)"
  problem=
  if [ ! -e "$1" ]; then problem=absent
  elif [ ! -d "$1" ]; then problem=file
  elif ! cd -P -- "$1" 2>/dev/null || [ ! -r . ]; then problem=denied
  fi
  if [ -n "$problem" ]; then
    say problem "$problem"
    return
  fi
  say root "$PWD"
  snapshots=$2
  say_file mountinfo /proc/self/mountinfo
  say_boot boot /proc/stat
  if [ "$PWD" != / ] && own proc/self/mountinfo; then say_file recorded-mountinfo proc/self/mountinfo; fi
  if [ "$PWD" != / ] && own proc/stat; then say_boot recorded-boot proc/stat; fi
  if own etc/passwd; then say_file passwd etc/passwd; fi
  if own etc/group; then say_file group etc/group; fi
  set -- .
  for each in etc var var/lib usr bin root etc/passwd; do
    if own "$each"; then set -- "$@" "$each"; fi
  done
  say births "$(stat -c '%W %Z %n' -- "$@" 2>/dev/null)"
  if ! own "$snapshots" || [ ! -d "./$snapshots" ]; then
    say snapshots-problem absent
  elif ! (cd -P -- "./$snapshots" && [ -r . ] && say snapshots "$PWD") 2>/dev/null; then
    say snapshots-problem denied
  else
    find "./$snapshots/." -mindepth 1 -maxdepth 1 -type d -printf 'snapshot\\0%f\\0'
  fi
}

# attend PROCESS: waits for it, and takes it along when this is ended.
attend() {
  child=$1
  trap 'kill "$child" 2>/dev/null; exit 143' HUP INT TERM
  wait "$child"
  status=$?
}

# A record: type and depth, bytes, time of change, owner, group, mode, name; after a link's record its target.
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

# Answers the paths that have the same digest in both folders; digests stay here. The names begin with "./" and come after
# any number of NULs (see probeScript.ts). "#" and a number: so many done.
compare() {
  exec 3<&0
  tr -s '\\000' <&3 | xargs -0 -r -n 500 /bin/sh -c '
    live=$1
    old=$2
    shift 2
    { cd -- "$live" && sha256sum -z -- "$@"; cd -- "$old" && sha256sum -z -- "$@"; } 2>/dev/null |
      sort -z | uniq -z -d | cut -z -c 67-
    printf "#%s\\\\0" "$#"
  ' tidemark "$1" "$2" &
  attend "$!"
}

how=$1
login=$2
number=$3
what=$4
shift 4
umask 077
LC_ALL=C
TZ=UTC0
export LC_ALL TZ
say "tidemark:$number" 1
status=0
case $what in
  facts) facts "$@" ;;
  walk) walk "$@" ;;
  compare) compare "$@" ;;
esac
say ".end:$number" "$status"
`;
