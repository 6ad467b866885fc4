/**
 * The patterns of ssh_config(5) and known_hosts: `*` any characters, `?` exactly one. Linear in text × pattern, so a hostile
 * pattern cannot stall us.
 */
export function matchesPattern(text: string, pattern: string): boolean {
  let at = 0;
  let place = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    if (place < pattern.length && (pattern[place] === "?" || (pattern[place] === text[at] && pattern[place] !== "*"))) {
      at++;
      place++;
    } else if (pattern[place] === "*") {
      star = place++;
      resume = at;
    } else if (star >= 0) {
      place = star + 1;
      at = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[place] === "*") place++;
  return place === pattern.length;
}
