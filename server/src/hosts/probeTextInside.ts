/** Helpers of the parts of the probe that go to paths as the scanned root itself would. `goal LINK`, a link's target and a dot, is theirs. */
export const insideText = `# inside PATH: sets found to where PATH leads below this root, links taken as that root itself would. Fails where nothing is, with 2
# where a link cannot be read.
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
      target=$(goal "./$found/$name") || return 2
      target=\${target%.}
      case $target in /*) found= ;; esac
      left=$target/$left
    else
      found=\${found:+$found/}$name
    fi
  done
  [ -e "./$found" ]
}

# enter STORAGE: goes there; tells of one that is surely not there, and of nothing where that is not known.
enter() {
  say '#storage' "$1"
  inside "$1"
  reached=$?
  if [ "$reached" = 0 ] && [ -d "./$found" ]; then
    cd -P -- "./$found" 2>/dev/null && say '#present'
    return
  fi
  if [ "$reached" != 2 ] && [ "$(id -u)" = 0 ]; then say '#absent'; fi
  return 1
}
`;
