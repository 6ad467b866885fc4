/** A mode as four octal digits, of one in octal or in symbols that say all of it (`u=rwx,g=rx,o=`); null for any other. */
export function octalMode(mode: string): string | null {
  if (/^0*[0-7]{1,4}$/.test(mode)) return mode.replace(/^0+(?=\d)/, "").padStart(4, "0");
  const bits: Record<string, number> = {};
  for (const clause of mode.split(",")) {
    const [, who, may] = /^([ugoa]+)=([rwx]*)$/.exec(clause) ?? [];
    if (who === undefined || may === undefined) return null;
    const value = [...new Set(may)].reduce((sum, one) => sum + (one === "r" ? 4 : one === "w" ? 2 : 1), 0);
    for (const one of who.replace("a", "ugo")) bits[one] = value;
  }
  const { u, g, o } = bits;
  return u === undefined || g === undefined || o === undefined ? null : `0${u}${g}${o}`;
}
