import { unitsText } from "./probeTextUnits";

/**
 * What `deployed` tells, for a host without the GNU tools. `plaindeployed FLAVOUR ROOT LIMIT [STORAGE DESCEND STOP PATTERN…]…`: after each STORAGE
 * so many patterns of `find -path` for the folders to look into first, then so many for those not to look into; where the second number is `-`, only the
 * first are looked into. Paths on standard input, beginning with `./`; in one with line breaks each is a NUL and a `+`. The name of a
 * path never has to be found in what a tool prints: all are asked for by name.
 */
export const plainDeployedText = `${unitsText}
# goal LINK: its target and a dot. "ls" may show a question mark for any letter.
goal() {
  if command -v readlink > /dev/null 2>&1; then
    readlink -n "$1" 2>/dev/null && printf .
    return
  fi
  shown=$(ls -ldn "$1" 2>/dev/null && printf .)
  case $shown in
    *" $1 -> "*"$break.") shown=\${shown#*" $1 -> "} ;;
    *) return 1 ;;
  esac
  case $shown in *'?'*) return 1 ;; esac
  printf '%s' "\${shown%"$break."}."
}

patiently() {
  if timeout 10 true > /dev/null 2>&1; then timeout 10 "$@"; else "$@"; fi
}

beginning() {
  if [ "$(printf xy | head -c 1 2>/dev/null)" = x ]; then head -c 8388608; else cat; fi
}

names() {
  kind=$1
  base=$2
  case $kind in
    units) set -- "./$base"/*.service "./$base"/*.wants/*.service "./$base"/*.requires/*.service "./$base"/*.service.d/*.conf ;;
    rules) set -- "./$base"/*.conf ;;
  esac
  for each; do
    path=\${each#"./$base/"}
    case $kind$path in
      units*[!-a-zA-Z0-9:_.@\\\\/]* | *[[:space:]]*) continue ;;
    esac
    if [ -L "$each" ]; then
      target=$(goal "$each") || target=.
      case $target in *[[:cntrl:]]*) target=. ;; esac
      printf 'l %s\\t%s\\n' "$path" "\${target%.}"
    elif [ -f "$each" ]; then printf 'f %s\\t\\n' "$path"
    elif [ -e "$each" ]; then printf 'd %s\\t\\n' "$path"
    fi
  done
}

# signed PATH: sets sign to what is known of its contents (! not known, 0 an empty folder, + one that is not, - no folder).
signed() {
  if [ -L "$1" ] || [ ! -d "$1" ]; then sign=-
  elif [ ! -r "$1" ] || [ ! -x "$1" ]; then sign='!'
  else
    case $({ find "$1/." ! -name . -prune -print || echo '!'; } < /dev/null 2>/dev/null | head -n 1) in
      '') sign=0 ;;
      '!') sign='!' ;;
      *) sign=+ ;;
    esac
  fi
}

# attributes PATH…: a line of "stat" or "ls" for each, with a dot for the name; fails where one of several has none.
attributes() {
  if [ "$flavour" = stat ]; then stat -c '%f %s %Y %u %g .' -- "$@" 2>/dev/null
  elif [ "$#" = 1 ]; then
    shown=$(ls -ldn "$1" 2>/dev/null && printf .)
    case $shown in
      *" $1"*) printf '%s .' "\${shown%%" $1"*}" ;;
      *) return 1 ;;
    esac
  else return 1
  fi
}

# show PATH…: sign, attributes and path of each that is there, of a link the target as well; or that it is there and no more is known.
show() {
  for each; do
    shift
    if [ -e "$each" ] || [ -L "$each" ]; then set -- "$@" "$each"; fi
  done
  lines=
  if [ "$#" -gt 1 ]; then lines=$(attributes "$@") || lines=; fi
  for each; do
    if [ -n "$lines" ]; then
      line=\${lines%%"$break"*}
      lines=\${lines#*"$break"}
    else line=$(attributes "$each") || line=
    fi
    target=
    if [ -L "$each" ]; then target=$(goal "$each") || line=; fi
    if [ -z "$line" ]; then
      say '#unknown' "$each"
      continue
    fi
    signed "$each"
    say '#shown' "$sign" "$line" "$each"
    if [ -L "$each" ]; then say "@\${target%.}"; fi
  done
}

# listed PREFIX: shows the paths on standard input, a line each; lines that go on with a path begin with PREFIX, and a slash with the status of what listed them.
listed() {
  prefix=$1
  last=
  ended=
  set --
  while IFS= read -r line; do
    case $line in
      ./*)
        if [ -n "$last" ]; then set -- "$@" "$last"; fi
        last=$line
        if [ "$#" -ge 100 ]; then
          show "$@"
          set --
        fi
        ;;
      /*) ended=\${line#/} ;;
      "$prefix"*) last=$last$break\${line#"$prefix"} ;;
    esac
  done
  # Where the limit cut the list off, this may be the beginning of a name only.
  if [ -n "$last" ] && [ -n "$prefix$ended" ]; then set -- "$@" "$last"; fi
  show "$@"
  if [ -n "$ended" ]; then say "#$ended"; fi
}

# look HOW COUNT PATTERN…: at most so many paths below where we are, parents first. Goes only into folders that match one of the first COUNT
# patterns (HOW into), or into all but those (HOW past); into none with a line break in its name.
look() {
  how=$1
  count=$2
  shift 2
  others=$(($# - count))
  while [ "$count" -gt 0 ]; do
    pattern=$1
    shift
    set -- "$@" -o -path "$pattern"
    count=$((count - 1))
  done
  shift "$others"
  case $how in
    into) set -- ! \\( -path / "$@" \\) ;;
    past) set -- \\( -path / "$@" \\) ;;
  esac
  # Only root may go into all of them.
  if [ "$(id -u)" != 0 ]; then set -- "$@" -o -type d ! -exec sh -c '[ -r "$1" ] && [ -x "$1" ]' sh {} \\;; fi
  show .
  {
    patiently find . -xdev ! -name . -print \\( -name "*$break*" -o "$@" \\) -prune
    echo "/$?"
  } < /dev/null 2>/dev/null | head -n "$most" | listed '' &
  attend "$!"
  say '#'
}

stored() {
  if enter "$1"; then
    into=$2
    past=$3
    shift 3
    look into "$into" "$@"
    if [ "$past" != - ]; then
      shift "$into"
      look past "$past" "$@"
    fi
  fi
  cd -- "$top" || exit
}

plaindeployed() {
  flavour=$1
  if ! cd -P -- "$2"; then status=125; return; fi
  top=$PWD
  most=$3
  shift 3
  break='
'
  QUOTING_STYLE=literal
  export QUOTING_STYLE
  say '#space' "$(stat -f -c '%S %b %a' . 2>/dev/null || df -Pk . 2>/dev/null | tail -n 1)"
  settings
  while [ "$#" -ge 3 ]; do
    stored "$@"
    count=$2
    if [ "$3" != - ]; then count=$((count + $3)); fi
    shift "$((count + 3))"
  done
  say '#live'
  exec 3<&0
  tr -s '\\000' '\\n' <&3 | listed + &
  attend "$!"
  status=0
}
`;
