/**
 * Whether texts may let a service run without DynamicUser: they set that to anything but true, or give the service a user, as
 * `users.users.NAME`, `services.NAME.user`, or `user =` near its name.
 */
export function mayLackDynamicUser(texts: readonly string[], names: readonly string[]): boolean {
  return texts.some(
    (text) => /\bDynamicUser\b(?!"?\s*=\s*(?:lib\.mk\w+\s+)?true\b)/.test(text) || mentionsUser(text, names),
  );
}

function mentionsUser(text: string, names: readonly string[]): boolean {
  return names.some((name) => {
    for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + name.length)) {
      if (/\busers\.(?:users|groups)\.["']?$/.test(text.slice(Math.max(0, at - 20), at))) return true;
      if (/^["']?\s*(?:=\s*\{[^}]*?|\.)\b(?:user|group)\b/.test(text.slice(at + name.length, at + name.length + 600)))
        return true;
    }
    return false;
  });
}
