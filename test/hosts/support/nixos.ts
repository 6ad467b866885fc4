import type { Made } from "./root";

export const store = "/nix/store/4w2k0pza9lq8c3y5v7n1m6j9r0dfhs2x";
/** A root that does not run, with its units as NixOS has them: links into the store, all of them absolute. */
export const nixos: Readonly<Record<string, Made>> = {
  "etc/passwd": "root:x:0:0::/root:\n",
  "etc/static": { link: `${store}-etc/etc` },
  "etc/systemd/system": { link: "/etc/static/systemd/system" },
  "etc/tmpfiles.d": { link: "/etc/static/tmpfiles.d" },
  [`${store}-etc/etc/systemd/system`]: { link: `${store}-system-units` },
  [`${store}-system-units/forgejo.service`]: { link: `${store}-unit-forgejo.service/forgejo.service` },
  [`${store}-system-units/masked.service`]: { link: "/dev/null" },
  [`${store}-system-units/backup@.service`]: { link: `${store}-unit-backup/backup@.service` },
  [`${store}-system-units/multi-user.target.wants/forgejo.service`]: { link: "../forgejo.service" },
  [`${store}-system-units/timers.target.wants/backup@srv.service`]: { link: "../backup@.service" },
  [`${store}-system-units/forgejo.service.d/overrides.conf`]: { link: `${store}-overrides/overrides.conf` },
  [`${store}-system-units/dev-disk-by\\x2dlabel.service`]: { link: `${store}-unit-label/label.service` },
  [`${store}-unit-label/label.service`]: "[Service]\nUser=label\n",
  [`${store}-unit-backup/backup@.service`]: "[Service]\nStateDirectory=backup/%i\n",
  [`${store}-overrides/overrides.conf`]: "[Service]\nCacheDirectory=forgejo",
  [`${store}-unit-forgejo.service/forgejo.service`]: `[Unit]
Description=Forgejo
# StateDirectory=comment
[Service]
Environment="PASSWORD=secret-in-the-environment"
ExecStart=${store}-forgejo-11.0.3/bin/gitea web --token secret-of-the-command
StateDirectory=forgejo \\
# a comment in between
  forgejo/custom "with space"
User=forgejo
`,
  [`${store}-etc/etc/tmpfiles.d/forgejo.conf`]:
    "# comment\nd '/var/lib/for gejo' 0750 forgejo forgejo - -\nf /run/token 0600 root root - secret-contents\nd\t\"/var/lib/tab\"\t-\n",
  [`${store}-etc/etc/tmpfiles.d/hidden.conf`]: { link: "/dev/null" },
  "usr/lib/tmpfiles.d/hidden.conf": "d /var/lib/hidden\n",
  "usr/lib/tmpfiles.d/forgejo.conf": "d /var/lib/overridden\n",
  "run/tmpfiles.d/more.conf": "d /var/lib/more\n",
};
