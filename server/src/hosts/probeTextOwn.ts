/** A helper of the parts of the probe that look at single paths below the scanned root. */
export const ownText = `# own PATH: below another root than / no part of PATH may be a link, which could lead out of it.
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
`;
