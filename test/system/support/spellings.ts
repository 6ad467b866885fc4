/** Ways people write persistence; each file evaluates with `persisted.nix` and can take one more directory of the system. */
export const SPELLINGS: Readonly<Record<string, string>> = {
  "one block": `{ ... }:
{
  environment.persistence."/persist" = {
    hideMounts = true;
    directories = [
      "/var/log"
      "/var/lib/nixos"
    ];
    files = [ "/etc/machine-id" ];
  };
}
`,
  "dotted lists": `{
  environment.persistence."/persist".directories = [
    "/var/log"
  ];
  environment.persistence."/persist".files = [
    "/etc/machine-id"
  ];
}
`,
  "nested sets": `{ config, ... }: {
  environment = {
    persistence = {
      "/persist" = {
        directories = [
          "/var/log" # journal
        ];
      };
    };
  };
}
`,
  "list on one line": `{
  environment.persistence."/persist" = { directories = [ "/var/log" "/var/lib/nixos" ]; };
}
`,
  "empty list": `{
  environment.persistence."/persist" = {
    directories = [ ];
    files = [ "/etc/machine-id" ];
  };
}
`,
  "empty list over two lines": `{
  environment.persistence."/persist".directories = [
  ];
}
`,
  "list with only a comment": `{
  environment.persistence."/persist" = {
    directories = [
      # nothing yet
    ];
  };
}
`,
  "no list": `{
  environment.persistence."/persist" = {
    hideMounts = true;
  };
}
`,
  "empty block": `{
  environment.persistence."/persist" = { };
}
`,
  "only files": `{
  environment.persistence."/persist".files = [ "/etc/machine-id" ];
}
`,
  "only users": `{
  environment.persistence."/persist".users.josh.directories = [ "projects" ];
}
`,
  "grouped by comments": `{
  environment.persistence."/persist" = {
    directories = [
      # Core system
      "/var/lib/nixos"   # NixOS state
      "/var/log"

      # Network
      "/var/lib/tailscale"

      /* Services */
      "/var/lib/acme"
    ];
  };
}
`,
  "comment after the last entry": `{
  environment.persistence."/persist".directories = [
    "/var/log" # "]" is not the end; nor is }
    # "/var/lib/old"
  ];
}
`,
  "entries as sets": `{
  environment.persistence."/persist" = {
    directories = [
      "/var/log"
      { directory = "/var/lib/colord"; user = "colord"; group = "colord"; mode = "u=rwx,g=rx,o="; }
      {
        directory = "/var/lib/postgresql";
        user = "postgres";
        mode = "0750";
      }
    ];
  };
}
`,
  users: `{ ... }:
{
  environment.persistence."/persist" = {
    directories = [ "/var/log" ];
    users.josh = {
      directories = [
        ".ssh"
        "projects"
      ];
      files = [ ".zsh_history" ];
    };
    users.mia.directories = [ "music" ];
  };
}
`,
  "with lib": `{ config, lib, ... }:
with lib;
{
  environment.persistence."/persist" = {
    directories = [
      "/var/log"
    ]
    ++ optional config.services.forgejo.enable "/var/lib/forgejo"
    ++ optionals config.services.forgejo.enable [ "/var/lib/gitea" ];
  };
}
`,
  concatenation: `{ lib, ... }:
{
  environment.persistence."/persist".directories = [ "/var/log" ] ++ [
    "/var/lib/nixos"
  ];
}
`,
  "mkIf around the module": `{ config, lib, ... }:
{
  config = lib.mkIf config.services.forgejo.enable {
    environment.persistence."/persist" = {
      hideMounts = true;
      directories = [
        "/var/log"
      ];
    };
  };
}
`,
  "mkMerge below config": `{ config, lib, ... }:
{
  options = { };
  config = lib.mkMerge [
    {
      environment.persistence."/persist".directories = [
        "/var/log"
      ];
    }
    (lib.mkIf config.services.forgejo.enable {
      environment.persistence."/persist".directories = [ "/var/lib/forgejo" ];
    })
  ];
}
`,
  "let above": `{ ... }:
let
  storage = "/persist";
  note = ''a "quoted" \${storage} text with [ brackets ] '';
in
{
  environment.persistence."/persist" = {
    directories = [
      "/var/log"
    ];
  };
  environment.etc.note.text = note;
}
`,
  "two storages": `{
  environment.persistence = {
    "/persist" = {
      directories = [ "/var/log" ];
    };
    "/cache" = {
      directories = [ "/var/cache" ];
    };
  };
}
`,
  tabs: '{\n\tenvironment.persistence."/persist" = {\n\t\tdirectories = [\n\t\t\t"/var/log"\n\t\t];\n\t};\n}\n',
  "windows line ends": '{\r\n  environment.persistence."/persist".directories = [\r\n    "/var/log"\r\n  ];\r\n}\r\n',
  "no line end at the end": '{ environment.persistence."/persist".directories = [ "/var/log" ]; }',
  preservation: `{ ... }:
{
  preservation.enable = true;
  preservation.preserveAt."/persist" = {
    directories = [
      "/var/log"
      { directory = "/var/lib/nixos"; inInitrd = true; }
    ];
    files = [ { file = "/etc/machine-id"; inInitrd = true; how = "symlink"; } ];
  };
}
`,
};

/** Paths whose names mean something to Nix, to a shell or to a terminal. */
export const HOSTILE_PATHS: readonly string[] = [
  "/var/lib/two words",
  '/var/lib/say "hello"',
  "/var/lib/${config.networking.hostName}",
  "/var/lib/$${twice}",
  "/var/lib/$dollar",
  "/var/lib/back\\slash \\n \\${x}",
  "/var/lib/''indented''",
  "/var/lib/it's",
  "/var/lib/#not a comment",
  '/var/lib/[ "/var/lib/other" ]; evil = true',
  "/var/lib/🌊 Überlauf ℝ",
  "/var/lib/line\nbreak\tand tab",
  "/var/lib/$(touch pwned)`touch pwned`",
];
