import { parseJson, record, records, string, strings } from "./json";

/** Mount options that are settings and no credentials, by what stands before `=`. */
const harmless =
  /^(?:subvol|subvolid|size|mode|uid|gid|umask|fmask|dmask|compress|compress-force|space_cache|discard|commit|errors|data|zfsutil|x-[\w.-]+)$/i;

/** Nix's answer without the credentials that mount options and addresses of devices may have in them; what is no answer stays none. */
export function withoutSecrets(answer: string): string {
  const given = record(parseJson(answer));
  const fileSystems = records(given["fileSystems"]).map((value) => ({
    ...value,
    device: publicDevice(string(value["device"])),
    options: publicOptions(strings(value["options"])),
  }));
  return JSON.stringify({ ...given, fileSystems });
}

/** Mount options without those that may carry a secret: of options with a value only known ones are kept. */
function publicOptions(options: readonly string[]): string[] {
  return options
    .flatMap((option) => option.split(","))
    .filter((option) => {
      const equals = option.indexOf("=");
      return equals === -1 || harmless.test(option.slice(0, equals));
    });
}

/** A device without the password that a network address may have in it. */
function publicDevice(device: string | null): string | null {
  return device?.replace(/^((?:[a-z][a-z0-9+.-]*:)?\/\/)?([^/@:\s]+):[^/@\s]*@/i, "$1$2@") ?? null;
}
