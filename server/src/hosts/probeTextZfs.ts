/**
 * The part of the probe that asks zfs what changed since a snapshot.
 * `zfsdiff SNAPSHOT DATASET`: the lines of `zfs diff -FH`, with odd characters of names as `\\0ooo`; "//failed" where it ended with an
 * error. For as long as it runs, zfs keeps a temporary snapshot of its own.
 */
export const zfsText = `zfsdiff() {
  { zfs diff -FH "$1" "$2" || echo "//failed"; } | tr '\\n' '\\000' &
  attend "$!"
}
`;
