import { insideText } from "./probeTextInside";

/**
 * The part about systemd of what a root runs from. Which tools it may use is said by three functions of the part that has it: `names KIND BASE`,
 * sorted, a line with type, path below BASE, tab and target for each text of KIND `units` or `rules`; `patiently COMMAND…`, ended after ten seconds;
 * `beginning`, the first megabytes of its input.
 */
export const unitsText = `${insideText}
# texts KEY FOLDER KIND PROGRAM: KEY, FOLDER, name and file of each text of that KIND in FOLDER, then what the awk PROGRAM leaves of all of them.
texts() {
  if ! inside "$2" || [ ! -d "./$found" ]; then return; fi
  key=$1
  folder=$2
  base=$found
  program=$4
  list=$(names "$3" "$base" | head -n 5000)
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
    awk "$program" "$@" < /dev/null 2>/dev/null | tr -d '\\000' | beginning
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

units() {
  if [ "$PWD" = / ] && command -v systemctl > /dev/null 2>&1; then
    shown=$(patiently systemctl show --no-pager --type=service --all -p Id -p Description -p ActiveState -p DynamicUser \\
      -p User -p Group -p StateDirectory -p CacheDirectory -p LogsDirectory -p ConfigurationDirectory -p ExecStart < /dev/null 2>/dev/null |
      sed -n -e 's/^\\(ExecStart={ path=[^;]*\\);.*/\\1/p' \\
        -e '/^\\(Id\\|Description\\|ActiveState\\|DynamicUser\\|User\\|Group\\|[A-Z][a-z]*Directory\\)=/p' -e '/^$/p' | beginning)
    if [ -n "$shown" ]; then
      say '#systemctl' "$shown"
      return
    fi
    say '#lack' systemctl
  fi
  texts '#unit' etc/systemd/system units "$unit_lines"
}

rules() {
  for each in etc/tmpfiles.d run/tmpfiles.d usr/local/lib/tmpfiles.d usr/lib/tmpfiles.d; do
    texts '#tmpfiles' "$each" rules "$tmpfiles_lines"
  done
}

settings() {
  if command -v awk > /dev/null 2>&1; then
    units
    rules
  else say '#lack' awk
  fi
}
`;
