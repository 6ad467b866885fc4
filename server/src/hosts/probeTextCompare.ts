/**
 * The part of the probe that compares contents.
 * `compare LIVE OLD`: which of the files named on standard input are the same in both folders.
 */
export const compareText = `# Answers the paths that have the same digest in both folders; digests stay here. The names begin with "./" and come after
# any number of NULs (see probeScript.ts). "#" and a number: so many done.
compare() {
  exec 3<&0
  tr -s '\\000' <&3 | xargs -0 -r -n 2000 /bin/sh -c '
    live=$1
    old=$2
    shift 2
    { cd -- "$live" && sha256sum -z -- "$@"; cd -- "$old" && sha256sum -z -- "$@"; } 2>/dev/null |
      sort -z | uniq -z -d | cut -z -c 67-
    printf "#%s\\\\0" "$#"
  ' tidemark "$1" "$2" &
  attend "$!"
}
`;
