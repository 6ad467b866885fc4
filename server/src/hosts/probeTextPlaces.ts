import { ownText } from "./probeTextOwn";

/**
 * The part of the probe that looks for older roots, and for when mounts were made.
 * `places ROOT TYPE SOURCE COUNT FOLDER… MOUNT…`: COUNT folders that may hold older roots, then mount points, all relative to ROOT
 * unless absolute; TYPE and SOURCE are those of ROOT's file system.
 */
export const placesText = `${ownText}
# look NUMBER FOLDER: the folders in it, each with a sign: "+" looks like a root, "-" does not, "!" may not be read.
look() {
  case $2 in
    /*) folder=$2 ;;
    *) own "$2" || return 0; folder=./$2 ;;
  esac
  if [ ! -d "$folder" ]; then return 0; fi
  (
    if ! cd -P -- "$folder" 2> /dev/null || [ ! -r . ]; then say closed "$1"; exit; fi
    say folder "$1" at "$PWD"
    for each in *; do
      if [ ! -d "./$each" ] || [ -L "./$each" ]; then continue; fi
      if [ ! -r "./$each" ] || [ ! -x "./$each" ]; then say entry "!$each"
      elif [ -d "./$each/etc" ] || [ -d "./$each/var" ]; then say entry "+$each"
      else say entry "-$each"; fi
    done
  )
}

# created FOLDER: when this subvolume was made, as btrfs tells it. It asks, and changes nothing.
created() {
  found=$(btrfs subvolume show "$1" 2> /dev/null) && say created "$1
$found"
}

places() {
  if ! cd -P -- "$1"; then status=125; return; fi
  type=$2
  source=$3
  count=$4
  shift 4
  index=0
  while [ "$index" -lt "$count" ]; do
    look "$index" "$1"
    shift
    index=$((index + 1))
  done
  say now "$(date +%s)"
  say births "$(stat -c '%W %Z %i %n' -- . "$@" 2> /dev/null)"
  if [ "$type" = btrfs ] && command -v btrfs > /dev/null 2>&1; then
    say subvolumes "$(btrfs subvolume list . 2> /dev/null | head -c 4194304)"
    for each in . "$@"; do created "$each"; done
  fi
  if [ "$type" = zfs ] && command -v zfs > /dev/null 2>&1; then
    say zfs "$(zfs list -H -o name -t snapshot -d 1 -- "$source" 2> /dev/null | head -c 4194304)"
  fi
}
`;
