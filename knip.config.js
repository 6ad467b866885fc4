/** What the dead-code check starts from: https://knip.dev */
module.exports = {
  entry: ["test/**/*.test.ts", "test/*.mjs", "test/demo/{start,find}.mjs", "test/bench/*.{ts,mjs}"],
  project: ["client/src/**/*.ts", "server/src/**/*.ts", "test/**/*.{ts,mjs}"],
  ignoreExportsUsedInFile: true,
  ignoreDependencies: ["tree-sitter-nix", "tsx"],
  ignoreBinaries: [
    "unshare",
    "ssh-keygen",
    "losetup",
    "modprobe",
    "nix",
    "ssh-agent",
    "ssh-add",
    "setpriv",
    "nix-instantiate",
    "nvim",
    "apt-get",
    "pngquant",
    "busybox",
    "journalctl",
  ],
};
