/**
 * The part of the probe that tells what a root runs from: units, tmpfiles rules, what lies in storages, the live paths of entries.
 * `deployed ROOT LIMIT [STORAGE DESCEND STOP]…`: of each STORAGE, relative to ROOT, what is in the folders that match DESCEND, then up to
 * LIMIT paths of all that is not below a folder that matches STOP. Paths on standard input, relative to ROOT and beginning with `./`, are
 * looked at themselves. Of texts only the lines and words that are asked for leave the host: not the arguments of programs, not what files are filled with.
 */
export const deployedText = `# inside PATH: sets found to where PATH leads below this root, links taken as that root itself would. Fails where nothing is.
inside() {
  left=$1
  found=
  links=0
  while [ -n "$left" ]; do
    name=\${left%%/*}
    case $left in */*) left=\${left#*/} ;; *) left= ;; esac
    case $name in
      '' | .) continue ;;
      ..)
        case $found in */*) found=\${found%/*} ;; *) found= ;; esac
        continue
        ;;
    esac
    if [ -L "./$found/$name" ]; then
      links=$((links + 1))
      if [ "$links" -gt 40 ]; then return 1; fi
      target=$(readlink -n "./$found/$name" 2>/dev/null && printf .) || return 1
      target=\${target%.}
      case $target in /*) found= ;; esac
      left=$target/$left
    else
      found=\${found:+$found/}$name
    fi
  done
  [ -e "./$found" ]
}

# texts KEY FOLDER DEPTH NAMES PROGRAM: KEY, FOLDER, name and file of each text in FOLDER, then what the awk PROGRAM leaves of all of them.
texts() {
  if ! inside "$2" || [ ! -d "./$found" ]; then return; fi
  key=$1
  folder=$2
  base=$found
  program=$5
  list=$(find "./$base/." -regextype posix-extended -mindepth 1 -maxdepth "$3" -regex ".*/\\./($4)" -printf '%y %P\\t%l\\n' 2>/dev/null | sort | head -n 5000)
  set --
  while IFS='	' read -r entry link; do
    path=\${entry#? }
    case $path in */*) above=$base/\${path%/*} ;; *) above=$base ;; esac
    case $entry in
      f*) inside "$base/$path" ;;
      l*) case $link in /*) inside "$link" ;; *) inside "$above/$link" ;; esac ;;
      *) false ;;
    esac || found=
    case $found in *[!-a-zA-Z0-9/:_.@+?=~\\\\]*) found= ;; esac
    if [ -n "$entry" ] && [ -f "./$found" ] && [ -r "./$found" ]; then
      say "$key" "$folder" "$path" "./$found"
      set -- "$@" "./$found"
    elif [ -n "$entry" ]; then say "$key" "$folder" "$path" ''
    fi
  done <<EOF
$list
EOF
  if [ "$#" -gt 0 ]; then
    say "$key-lines" "$folder"
    awk "$program" "$@" < /dev/null 2>/dev/null | tr -d '\\000' | head -c 8388608
    printf '\\0'
  fi
}

# Some settings, each on one line; of a command the program alone.
unit_lines='
function finish() {
  if (line ~ /^[ \\t]*(Description|DynamicUser|User|Group|StateDirectory|CacheDirectory|LogsDirectory|ConfigurationDirectory)[ \\t]*=/) print line
  else if (match(line, /^[ \\t]*ExecStart[ \\t]*=[ \\t]*[^ \\t]*/)) print substr(line, 1, RLENGTH)
  line = ""
}
FNR == 1 { finish(); print "=" FILENAME }
/^[ \\t]*[#;]/ { next }
{ line = line $0 }
/\\\\$/ { sub(/\\\\$/, " ", line); next }
{ finish() }
END { finish() }'

# Type, path, mode, user, group.
tmpfiles_lines='
FNR == 1 { print "=" FILENAME }
/^[ \\t]*#/ { next }
{
  out = ""
  for (n = 0; n < 5; n++) {
    sub(/^[ \\t]+/, "")
    if (!match($0, /^([^ \\t"\\047\\\\]|\\\\.|"([^"\\\\]|\\\\.)*"|\\047([^\\047\\\\]|\\\\.)*\\047)+/)) break
    out = out " " substr($0, 1, RLENGTH)
    $0 = substr($0, RLENGTH + 1)
  }
  if (out != "") print out
}'

unit_name='[a-zA-Z0-9:_.@\\\\-]+'

units() {
  if [ "$PWD" = / ] && command -v systemctl > /dev/null 2>&1; then
    shown=$(timeout 10 systemctl show --no-pager --type=service --all -p Id -p Description -p ActiveState -p DynamicUser \\
      -p User -p Group -p StateDirectory -p CacheDirectory -p LogsDirectory -p ConfigurationDirectory -p ExecStart < /dev/null 2>/dev/null |
      sed -n -e 's/^\\(ExecStart={ path=[^;]*\\);.*/\\1/p' \\
        -e '/^\\(Id\\|Description\\|ActiveState\\|DynamicUser\\|User\\|Group\\|[A-Z][a-z]*Directory\\)=/p' -e '/^$/p' | head -c 8388608)
    if [ -n "$shown" ]; then
      say '#systemctl' "$shown"
      return
    fi
    say '#lack' systemctl
  fi
  texts '#unit' etc/systemd/system 2 "($unit_name\\.(wants|requires)/)?$unit_name\\.service|$unit_name\\.service\\.d/$unit_name\\.conf" "$unit_lines"
}

rules() {
  for each in etc/tmpfiles.d run/tmpfiles.d usr/local/lib/tmpfiles.d usr/lib/tmpfiles.d; do
    texts '#tmpfiles' "$each" 1 '[^/[:space:]]+\\.conf' "$tmpfiles_lines"
  done
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
  say '#storage' "$1"
  if ! inside "$1" || [ ! -d "./$found" ]; then
    if [ "$(id -u)" = 0 ]; then say '#absent'; fi
  elif cd -P -- "./$found" 2>/dev/null; then
    say '#present'
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
  if command -v awk > /dev/null 2>&1; then
    units
    rules
  else say '#lack' awk
  fi
  while [ "$#" -ge 3 ]; do
    stored "$1" "$most" "$2" "$3"
    shift 3
  done
  live
  status=0
}
`;
