import type { LiveContext, LiveProblem, LiveRule } from "./rule";
import { hostPlace } from "./support/places";

export const rule: LiveRule = {
  id: "root-not-ephemeral",
  level: "warning",
  title: "The root of the host is not made new at boot",
  doc: `The configuration persists paths, but the root of the scanned host has been there for longer than the host runs, or is an ordinary file system:
nothing is wiped. Either the root is not ephemeral yet, or the script that wipes it does not run, which nobody notices until the day it does: a
hook of the scripted initrd is not used with \`boot.initrd.systemd.enable\`, and a service that nothing starts does nothing.

Until then what Tidemark lists is what *would* be lost.

Source: [impermanence issue 320](https://github.com/nix-community/impermanence/issues/320).`,
  check,
  examples: [
    {
      title: "An ordinary root",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" ];
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ The root of juni (ext4 on /dev/sda2) is not made new at boot
}
`,
      host: `
root ext4
`,
    },
    {
      title: "A subvolume that was not wiped",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" ];
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ is older than its last boot
}
`,
      host: `
root btrfs old
`,
    },
    {
      title: "A root that is wiped",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" ];
}
`,
      host: `
root btrfs
`,
    },
    {
      title: "A configuration that persists nothing",
      text: `{
  services.openssh.enable = true;
}
`,
      host: `
root ext4
`,
    },
  ],
};

function check(context: LiveContext): LiveProblem[] {
  const { root, host } = context.scan;
  const place = hostPlace(context);
  if (root.ephemeral !== false || place === null) return [];
  const what = `${root.fsType}${root.subvolume === "/" || root.subvolume === "" ? "" : ` ${root.subvolume}`} on ${root.source}`;
  const message =
    root.kind === "plain"
      ? `The root of ${host} (${what}) is not made new at boot, as far as can be seen: what is not persisted stays, for now.`
      : `The root of ${host} (${what}) is older than its last boot: nothing wipes it. Check that the script which does so runs in its initrd.`;
  return [{ place, message }];
}
