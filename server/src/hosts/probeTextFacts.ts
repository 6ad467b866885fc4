import { ownText } from "./probeTextOwn";

/**
 * The part of the probe that tells about a host: mounts, boot time, users.
 * `facts ROOT`
 */
export const factsText = `# say_file KEY FILE: the file's text as one record.
say_file() {
  if [ -f "$2" ] && [ -r "$2" ]; then
    say "$1"
    tr -d '\\000' < "$2"
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

${ownText}
lacking() {
  found=$(find / -maxdepth 0 -ignore_readdir_race -regextype posix-extended ! -regex x -readable -printf ok 2>/dev/null)
  if [ "$found" != ok ]; then printf 'find '; fi
  if [ "$(stat -c %F / 2>/dev/null)" != directory ]; then printf 'stat '; fi
  # All three in one go, since each of these takes a process; one by one only where that fails.
  if [ "$(printf 'xa\\0xb\\0xa\\0' | { sort -z | uniq -z -d | cut -z -c 2-; } 2>/dev/null | tr '\\000' n)" != an ]; then
    lacking_of_lists
  fi
  if ! sha256sum -z /dev/null > /dev/null 2>&1; then printf 'sha256sum '; fi
}

lacking_of_lists() {
  if [ "$(printf 'b\\0a\\0' | sort -z 2>/dev/null | tr '\\000' n)" != anbn ]; then printf 'sort '; fi
  if [ "$(printf 'a\\0a\\0' | uniq -z -d 2>/dev/null | tr '\\000' n)" != an ]; then printf 'uniq '; fi
  if [ "$(printf 'ab\\0' | cut -z -c 2- 2>/dev/null | tr '\\000' n)" != bn ]; then printf 'cut '; fi
}

# Which plainer tools would do where those are lacking: "stat" as BusyBox has it, else "ls"; and whether there is "cmp".
plainer() {
  if [ "$(find / -path / -prune -exec sh -c 'echo "$1"' sh {} + 2> /dev/null)" != / ]; then return; fi
  case $(stat -c '%f %s %Y %u %g %n' / 2> /dev/null) in
    4???" "[0-9]*" /") printf 'stat' ;;
    *) case $(ls -ldn / 2> /dev/null) in d*" /") printf 'ls' ;; *) return ;; esac ;;
  esac
  if cmp -s /dev/null /dev/null 2> /dev/null; then printf ' cmp'; fi
}

facts() {
  lacking=$(lacking)
  say sudo "$how" login "$login" uid "$(id -u)" lacking "$lacking"
  capacity
  if [ -n "$lacking" ]; then say plain "$(plainer)"; fi
  say member "$(id -G 2> /dev/null)"
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
  if [ "$PWD" = / ]; then say name "$(uname -n)"; fi
  say_file mountinfo /proc/self/mountinfo
  say_boot boot /proc/stat
  if [ "$PWD" != / ] && own proc/self/mountinfo; then say_file recorded-mountinfo proc/self/mountinfo; fi
  if [ "$PWD" != / ] && own proc/stat; then say_boot recorded-boot proc/stat; fi
  if [ "$PWD" != / ] && own proc/births; then say_file recorded-births proc/births; fi
  if own etc/passwd; then say_file passwd etc/passwd; fi
  if own etc/group; then say_file group etc/group; fi
  set -- .
  for each in etc var var/lib usr bin root etc/passwd; do
    if own "$each"; then set -- "$@" "$each"; fi
  done
  say births "$(stat -c '%W %Z %n' -- "$@" 2>/dev/null)"
}
`;
