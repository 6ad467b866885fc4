import { unitsText } from "./probeTextUnits";

/**
 * The part of the probe that tells what a root runs from: units, tmpfiles rules, what lies in storages, the live paths of entries.
 * `deployed ROOT LIMIT [STORAGE DESCEND STOP]…`: of each STORAGE, relative to ROOT, what is in the folders that match DESCEND, then up to
 * LIMIT paths of all that is not below a folder that matches STOP. Paths on standard input, relative to ROOT and beginning with `./`, are
 * looked at themselves. Of texts only the lines and words that are asked for leave the host: not the arguments of programs, not what files are filled with.
 */
export const deployedText = `${unitsText}
goal() { readlink -n "$1" 2>/dev/null && printf .; }
patiently() { timeout 10 "$@"; }
beginning() { head -c 8388608; }
unit_name='[a-zA-Z0-9:_.@\\\\-]+'
names() {
  case $1 in
    units) set -- "$2" 2 "($unit_name\\.(wants|requires)/)?$unit_name\\.service|$unit_name\\.service\\.d/$unit_name\\.conf" ;;
    rules) set -- "$2" 1 '[^/[:space:]]+\\.conf' ;;
  esac
  find "./$1/." -regextype posix-extended -mindepth 1 -maxdepth "$2" -regex ".*/\\./($3)" -printf '%y %P\\t%l\\n' 2>/dev/null | sort
}

# A record: what is known of its contents (! may not be read, 0 an empty folder, / a folder that is looked into, + one that is not, - no
# folder), type, bytes, time of change, owner, group, mode, device, path; after a link's record @ and its target.
record='%y %s %T@ %U %G %m %D'

# bounded LIMIT WHERE…: find's records, at most LIMIT; # and find's status where these are all.
bounded() {
  limit=$1
  shift
  { timeout 10 find . -xdev -ignore_readdir_race -regextype posix-extended \\
      ! -type d \\( -type l -printf "-$record %P\\0@%l\\0" -o -printf "-$record %P\\0" \\) \\
      -o \\( ! -readable -o ! -executable \\) -printf "!$record %P\\0" -prune \\
      -o -empty -printf "0$record %P\\0" -o "$@"; say "#$?"; } < /dev/null 2>/dev/null | head -z -n "$limit" &
  attend "$!"
  say '#'
}

stored() {
  if enter "$1"; then
    bounded "$2" -regex "$3" -printf "/$record %P\\0" -o -printf "+$record %P\\0" -prune
    bounded "$2" -regex "$4" -printf "+$record %P\\0" -prune -o -printf "/$record %P\\0"
  fi
  cd -- "$top" || exit
}

live() {
  export record
  say '#live'
  exec 3<&0
  tr -s '\\000' <&3 | xargs -0 -r -n 500 /bin/sh -c 'exec find "$@" -maxdepth 0 \\
    ! -type d \\( -type l -printf "-$record %p\\0@%l\\0" -o -printf "-$record %p\\0" \\) \\
    -o \\( ! -readable -o ! -executable \\) -printf "!$record %p\\0" \\
    -o -empty -printf "0$record %p\\0" -o -printf "+$record %p\\0"' tidemark 2>/dev/null &
  attend "$!"
}

deployed() {
  if ! cd -P -- "$1"; then status=125; return; fi
  top=$PWD
  most=$2
  shift 2
  say '#space' "$(stat -f -c '%S %b %a' . 2>/dev/null)"
  settings
  while [ "$#" -ge 3 ]; do
    stored "$1" "$most" "$2" "$3"
    shift 3
  done
  live
  status=0
}
`;
