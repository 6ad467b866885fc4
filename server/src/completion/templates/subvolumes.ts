/** The file systems of a host whose root is a subvolume; `option` is the mount option that names one. */
export function subvolumes(fsType: string, option: string): string {
  const mounts = [
    ["/", "@root", ""],
    ["/nix", "@nix", ""],
    ["/persist", "@persist", "\n    neededForBoot = true;"],
    ["/.snapshots", "@snapshots", ""],
  ] as const;
  const sets = mounts.map(([mountPoint, subvolume, more], index) => {
    const label = index === 0 ? "«1:nixos»" : "«1»";
    return `  "${mountPoint}" = {
    device = "/dev/disk/by-label/${label}";
    fsType = "${fsType}";
    options = [ "${option}=${subvolume}" ];${more}
  };`;
  });
  return `fileSystems = {\n${sets.join("\n")}\n};`;
}

/**
 * The service of the initrd that puts the old root aside and makes a new one. It waits for the device, and for a resume from hibernation,
 * which does not come back; and the root is mounted only after it. `notes` are comments on what else it has to wait for.
 */
export function wipeService(notes: readonly string[], serviceConfig: string, script: string): string {
  const after = [
    "# A system that resumes from hibernation still uses its root: it must be gone from here by then.",
    ...notes.map((note) => `# ${note}`),
  ];
  const lines = script.split("\n").map((line) => (line === "" ? "" : `    ${line}`));
  return `boot.initrd.systemd.enable = true;
boot.initrd.systemd.services.wipe-root = {
  description = "Put the old root aside and make a new one";
  wantedBy = [ "initrd.target" ];
  # In the name of a unit, a "-" of the label is written \\x2d.
  requires = [ "dev-disk-by\\\\x2dlabel-«1».device" ];
  ${after.join("\n  ")}
  after = [ "dev-disk-by\\\\x2dlabel-«1».device" "systemd-hibernate-resume.service" ];
  before = [ "sysroot.mount" ];
  unitConfig.DefaultDependencies = false;
  serviceConfig = ${serviceConfig};
  script = ''
${lines.join("\n")}
  '';
};`;
}

/** The part of the script that names the place the old root goes to: `$old`, below the subvolume `@snapshots` of `top`. */
export function placeForOldRoot(top: string, tool: string): string {
  return `[ -e ${top}/@snapshots ] || ${tool} subvolume create ${top}/@snapshots
mkdir -p ${top}/@snapshots/old_roots
old=${top}/@snapshots/old_roots/$(date +%Y-%m-%d_%H-%M-%S)
while [ -e "$old" ]; do old="$old"_; done`;
}

/** The part that deletes all but the newest old roots, each with `command`. */
export function deleteOldRoots(top: string, command: string): string {
  return `set -- ${top}/@snapshots/old_roots/*/
while [ "$#" -gt «2:10» ]; do
  ${command} "''\${1%/}"
  shift
done`;
}
