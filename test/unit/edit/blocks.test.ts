import { type Case, runCases } from "./check";
import { at, directory, file } from "./support";

const one = directory("/var/lib/new");

/** Every way to spell a block: the entry lands in the list that is there. `@` marks where the new text appears. */
const spellings: readonly string[] = [
  '{ environment.persistence."/p" = { directories = [ "/a"@ ]; }; }',
  '{ environment.persistence."/p".directories = [ "/a"@ ]; }',
  '{ environment.persistence = { "/p".directories = [ "/a"@ ]; }; }',
  '{ environment.persistence = { "/p" = { directories = [ "/a"@ ]; }; }; }',
  '{ environment = { persistence = { "/p" = { directories = [ "/a"@ ]; }; }; }; }',
  '{ environment = { persistence."/p" = { directories = [ "/a"@ ]; }; }; }',
  '{ environment = { persistence = { "/p".directories = [ "/a"@ ]; }; }; }',
  '{ environment = { persistence."/p".directories = [ "/a"@ ]; }; }',
  '{ config = { environment.persistence."/p".directories = [ "/a"@ ]; }; }',
  '{ config.environment.persistence."/p".directories = [ "/a"@ ]; }',
  '{ preservation.preserveAt."/p".directories = [ "/a"@ ]; }',
  'p: { environment.persistence.${p}.directories = [ "/a"@ ]; }',
  'p: { environment.persistence."${p}/system" = { directories = [ "/a"@ ]; }; }',
  '{ environment.persistence.main = { persistentStoragePath = "/p"; directories = [ "/a"@ ]; }; }',
  '{ config, ... }: with builtins; let x = 1; in\n{ environment.persistence."/p".directories = [ "/a"@ ]; }',
  'a: { b, }: { environment.persistence."/p".directories = [ "/a"@ ]; }'.replace("b, }", "b }"),
  '{ flake.modules.nixos.x = { ... }: { environment.persistence."/p".directories = [ "/a"@ ]; }; }',
  '{ lib, ... }:\n{ config = lib.mkMerge [ { environment.persistence."/p".directories = [ "/a"@ ]; } ]; }',
  '{ environment.persistence."/p" = rec { directories = [ "/a"@ ]; }; }',
];

const userSpellings: readonly string[] = [
  '{ environment.persistence."/p" = { users.josh = { directories = [ "a"@ ]; }; }; }',
  '{ environment.persistence."/p".users.josh.directories = [ "a"@ ]; }',
  '{ environment.persistence."/p".users.josh = { directories = [ "a"@ ]; }; }',
  '{ environment.persistence."/p" = { users = { josh = { directories = [ "a"@ ]; }; }; }; }',
  '{ environment.persistence."/p" = { users."josh".directories = [ "a"@ ]; }; }',
  '{ preservation.preserveAt."/p".users = { josh.directories = [ "a"@ ]; }; }',
  '{ home-manager.users.josh.home.persistence."/p".directories = [ "a"@ ]; }',
  '{ home-manager.users.josh = { home.persistence."/p" = { directories = [ "a"@ ]; }; }; }',
  '{ home-manager.users.josh = { pkgs, ... }:\n { home = { persistence."/p".directories = [ "a"@ ]; }; }; }',
];

const body = (inner: string) => `
{
  environment.persistence."/persist" = {
${inner}  };
}
`;

const created: readonly Case[] = [
  {
    name: "a new list goes behind the other list",
    before: body('    hideMounts = true;\n    directories = [ "/a" ]; # all\n    users.bob.files = [ "x" ];\n'),
    add: [file("/etc/b")],
    after: body(
      '    hideMounts = true;\n    directories = [ "/a" ]; # all\n    files = [ "/etc/b" ];\n    users.bob.files = [ "x" ];\n',
    ),
  },
  {
    name: "a new list goes before `users`",
    before: body('    hideMounts = true;\n\n    users.bob.files = [ "x" ];\n'),
    add: [one],
    after: body('    hideMounts = true;\n\n    directories = [ "/var/lib/new" ];\n\n    users.bob.files = [ "x" ];\n'),
  },
  {
    name: "a new list before `users` at the beginning",
    before: body('    users = {\n      bob.files = [ "x" ];\n    };\n'),
    add: [one],
    after: body('    directories = [ "/var/lib/new" ];\n    users = {\n      bob.files = [ "x" ];\n    };\n'),
  },
  {
    name: "a new list in an empty block",
    before: '{ environment.persistence."/persist" = { }; }',
    add: [one, file("/etc/b")],
    after:
      '{\n  environment.persistence."/persist" = {\n    directories = [ "/var/lib/new" ];\n    files = [ "/etc/b" ];\n  };\n}',
  },
  {
    name: "a new list in an empty block over two lines",
    before: body(""),
    add: [one],
    after: body('    directories = [ "/var/lib/new" ];\n'),
  },
  {
    name: "a new list in a one-line block stays in the line",
    before: '{\n  environment.persistence."/persist" = { directories = [ "/a" ]; };\n}\n',
    add: [file("/etc/b")],
    after: '{\n  environment.persistence."/persist" = { directories = [ "/a" ]; files = [ "/etc/b" ]; };\n}\n',
  },
  {
    name: "a one-line block that becomes too long is broken up",
    before: '{\n  environment.persistence."/persist" = { hideMounts = true; directories = [ "/var/lib/a" ]; };\n}\n',
    add: [file("/etc/machine-id")],
    after:
      '{\n  environment.persistence."/persist" = {\n    hideMounts = true;\n    directories = [ "/var/lib/a" ];\n    files = [ "/etc/machine-id" ];\n  };\n}\n',
  },
  {
    name: "a list that is broken up takes its one-line blocks with it",
    before: '{\n  environment.persistence."/p" = { users.josh = { directories = [ "a" "b" "c" "d" ]; }; };\n}\n',
    add: [at("josh", directory("e"))],
    after:
      '{\n  environment.persistence."/p" = {\n    users.josh = {\n      directories = [\n        "a"\n        "b"\n        "c"\n        "d"\n        "e"\n      ];\n    };\n  };\n}\n',
  },
  {
    name: "the closing brace in the last binding's line moves to its own",
    before: '{\n  environment.persistence."/p" = { hideMounts = true;\n    directories = [ "/a" ]; };\n}\n',
    add: [file("/b")],
    after:
      '{\n  environment.persistence."/p" = { hideMounts = true;\n    directories = [ "/a" ];\n    files = [ "/b" ];\n  };\n}\n',
  },
  {
    name: "beside a dotted list, a dotted one with the same beginning",
    before: '{\n  environment.persistence."/p".directories = [ "/a" ];\n\n  services.x.enable = true;\n}\n',
    add: [file("/etc/b")],
    after:
      '{\n  environment.persistence."/p".directories = [ "/a" ];\n\n  environment.persistence."/p".files = [ "/etc/b" ];\n\n  services.x.enable = true;\n}\n',
  },
  {
    name: "beside a dotted setting",
    before: '{\n  environment = {\n    persistence."/p".hideMounts = true;\n    etc = { };\n  };\n}\n',
    add: [one],
    after:
      '{\n  environment = {\n    persistence."/p".hideMounts = true;\n    persistence."/p".directories = [ "/var/lib/new" ];\n    etc = { };\n  };\n}\n',
  },
  {
    name: "beside a user's dotted list",
    before: '{\n  environment.persistence."/p".users.josh.directories = [ "a" ];\n}\n',
    add: [at("josh", file(".b"))],
    after:
      '{\n  environment.persistence."/p".users.josh.directories = [ "a" ];\n  environment.persistence."/p".users.josh.files = [ ".b" ];\n}\n',
  },
  {
    name: "a user's dotted list in a block",
    before: body('    users.josh.directories = [ "a" ];\n'),
    add: [at("josh", file(".b")), at("josh", file(".c"))],
    after: body('    users.josh.directories = [ "a" ];\n    users.josh.files = [\n      ".b"\n      ".c"\n    ];\n'),
  },
  {
    name: "a new user in a block without users",
    before: body('    directories = [ "/a" ];\n'),
    add: [at("josh", directory("Documents")), at("josh", file(".b"))],
    after: body(
      '    directories = [ "/a" ];\n    users.josh = {\n      directories = [ "Documents" ];\n      files = [ ".b" ];\n    };\n',
    ),
  },
  {
    name: "a new user beside another, set off by a blank line as the others are",
    before: body('    directories = [ "/a" ];\n\n    users.bob = {\n      directories = [ "a" ];\n    };\n'),
    add: [at("josh", directory("b"))],
    after: body(
      '    directories = [ "/a" ];\n\n    users.bob = {\n      directories = [ "a" ];\n    };\n\n    users.josh = {\n      directories = [ "b" ];\n    };\n',
    ),
  },
  {
    name: "a new user in `users = { … }`",
    before: body('    users = {\n      bob.directories = [ "a" ];\n    };\n'),
    add: [at("josh", directory("b"))],
    after: body(
      '    users = {\n      bob.directories = [ "a" ];\n      josh = {\n        directories = [ "b" ];\n      };\n    };\n',
    ),
  },
  {
    name: "a new user in an empty `users`",
    before: body("    users = { };\n"),
    add: [at("josh", directory("b"))],
    after: body('    users = {\n      josh = {\n        directories = [ "b" ];\n      };\n    };\n'),
  },
  {
    name: "the other list of a user with a computed name, where the host has only one user",
    before: `user: ${body('    users."${user}" = {\n      directories = [ "a" ];\n    };\n').trimStart()}`,
    add: [at("josh", file(".b")), at("josh", directory("c"))],
    hints: { soleUser: "josh" },
    after: `user: ${body(
      '    users."${user}" = {\n      directories = [ "a" "c" ];\n      files = [ ".b" ];\n    };\n',
    ).trimStart()}`,
  },
  {
    name: "a user's name that is no identifier is quoted",
    before: body('    directories = [ "/a" ];\n'),
    add: [at("in", directory("b")), at("a.b", directory("c"))],
    after: body(
      '    directories = [ "/a" ];\n    users = {\n      "in" = {\n        directories = [ "b" ];\n      };\n      "a.b" = {\n        directories = [ "c" ];\n      };\n    };\n',
    ),
  },
  {
    name: "a user in a dotted block",
    before: '{\n  environment.persistence."/p".directories = [ "/a" ];\n}\n',
    add: [at("josh", directory("b"))],
    after:
      '{\n  environment.persistence."/p".directories = [ "/a" ];\n\n  environment.persistence."/p".users.josh = {\n    directories = [ "b" ];\n  };\n}\n',
  },
  {
    name: "owners in a home directory",
    before: body('    users.josh.directories = [\n      "a"\n    ];\n'),
    add: [
      at("josh", directory("b", { user: "josh", group: "users", mode: "0755" })),
      at("josh", directory("c", { user: "josh", group: "josh", mode: "0700" })),
      at("josh", directory("d", { user: "root", group: "root", mode: "0755" })),
    ],
    after: body(
      '    users.josh.directories = [\n      "a"\n      "b"\n      { directory = "c"; mode = "0700"; }\n      { directory = "d"; user = "root"; group = "root"; }\n    ];\n',
    ),
  },
  {
    name: "the home directory itself is the system's",
    before: body('    directories = [ "/a" ];\n'),
    add: [
      {
        ...directory("/home/josh", { user: "josh", group: "users", mode: "0700" }),
        homeOf: { user: "josh", home: "/home/josh" },
      },
    ],
    after: body(
      '    directories = [\n      "/a"\n      { directory = "/home/josh"; user = "josh"; group = "users"; mode = "0700"; }\n    ];\n',
    ),
  },
  {
    name: "a conditional list is passed over",
    before:
      '{ lib, ... }:\n{\n  config = lib.mkMerge [\n    (lib.mkIf lib.c {\n      environment.persistence."/p".directories = [ "/var/lib/a" ];\n    })\n    {\n      environment.persistence."/p".directories = [ "/b" ];\n    }\n  ];\n}\n',
    add: [one],
    after:
      '{ lib, ... }:\n{\n  config = lib.mkMerge [\n    (lib.mkIf lib.c {\n      environment.persistence."/p".directories = [ "/var/lib/a" ];\n    })\n    {\n      environment.persistence."/p".directories = [ "/b" "/var/lib/new" ];\n    }\n  ];\n}\n',
  },
  {
    name: "a disabled storage is passed over",
    before:
      '{\n  environment.persistence."/off" = {\n    enable = false;\n    directories = [ "/var/lib/a" "/var/lib/b" ];\n  };\n  environment.persistence."/on".directories = [ "/c" ];\n}\n',
    add: [one],
    after:
      '{\n  environment.persistence."/off" = {\n    enable = false;\n    directories = [ "/var/lib/a" "/var/lib/b" ];\n  };\n  environment.persistence."/on".directories = [ "/c" "/var/lib/new" ];\n}\n',
  },
  {
    name: "the storage with relatives, else the one with most entries that is no cache",
    before:
      '{\n  environment.persistence."/cache".directories = [ "/x" "/y" "/var/cache/z" ];\n  environment.persistence."/data".directories = [ "/q" ];\n  environment.persistence."/persist".directories = [ "/v" "/w" ];\n}\n',
    add: [directory("/srv"), directory("/var/cache/new")],
    after:
      '{\n  environment.persistence."/cache".directories = [ "/x" "/y" "/var/cache/z" "/var/cache/new" ];\n  environment.persistence."/data".directories = [ "/q" ];\n  environment.persistence."/persist".directories = [ "/v" "/w" "/srv" ];\n}\n',
  },
  {
    name: "a user's entries go where that user's entries live",
    before:
      '{\n  environment.persistence."/p".users.josh.directories = [ ];\n  home-manager.users.josh.home.persistence."/p".directories = [ "a" ];\n}\n',
    add: [at("josh", directory("b"))],
    after:
      '{\n  environment.persistence."/p".users.josh.directories = [ ];\n  home-manager.users.josh.home.persistence."/p".directories = [ "a" "b" ];\n}\n',
  },
  {
    name: "a block that is new, at the end of the module",
    before:
      "{ pkgs, ... }:\n{\n  imports = [ ./a.nix ];\n  services.x.enable = true;\n\n  networking = { };\n  # the end\n}\n",
    add: [one, directory("/var/lib/newer", { mode: "0700" }), file("/etc/machine-id"), at("josh", directory("a"))],
    after:
      '{ pkgs, ... }:\n{\n  imports = [ ./a.nix ];\n  services.x.enable = true;\n\n  networking = { };\n\n  environment.persistence."/persist" = {\n    directories = [\n      "/var/lib/new"\n      { directory = "/var/lib/newer"; mode = "0700"; }\n    ];\n    files = [ "/etc/machine-id" ];\n    users.josh = {\n      directories = [ "a" ];\n    };\n  };\n  # the end\n}\n',
  },
  {
    name: "a new block in an empty module",
    before: "{ ... }: { }\n",
    add: [one],
    after: '{ ... }: {\n  environment.persistence."/persist" = {\n    directories = [ "/var/lib/new" ];\n  };\n}\n',
  },
  {
    name: "a new block in `config`, below `let` and `with`",
    before:
      "{ lib, ... }:\nwith lib;\nlet\n  x = { };\nin\n{\n  options.x = mkOption { };\n  config = {\n    services.x.enable = true;\n  };\n}\n",
    add: [one],
    after:
      '{ lib, ... }:\nwith lib;\nlet\n  x = { };\nin\n{\n  options.x = mkOption { };\n  config = {\n    services.x.enable = true;\n\n    environment.persistence."/persist" = {\n      directories = [ "/var/lib/new" ];\n    };\n  };\n}\n',
  },
  {
    name: "a new block in `environment = { … }`",
    before: "{\n  environment = {\n    etc = { };\n  };\n  x = 1;\n}\n",
    add: [one],
    after:
      '{\n  environment = {\n    etc = { };\n\n    persistence."/persist" = {\n      directories = [ "/var/lib/new" ];\n    };\n  };\n  x = 1;\n}\n',
  },
  {
    name: "a new block behind its relatives",
    before: "{\n  environment.etc = { };\n  services.x.enable = true;\n}\n",
    add: [one],
    after:
      '{\n  environment.etc = { };\n  environment.persistence."/persist" = {\n    directories = [ "/var/lib/new" ];\n  };\n  services.x.enable = true;\n}\n',
  },
  {
    name: "strings, comments and keywords in values do not confuse the place",
    before:
      "{\n  a = let b = \"}; ${\"\\\"\" + \"{\"}\"; in with b; c; # };\n  d = ''\n    '''}; ''${ ${\"}\"}\n  '';\n  e = assert true; [ ./in/let.nix /* } */ ];\n  inherit (builtins) g;\n  h = { i, j ? { }, ... }@k: i;\n}\n",
    add: [one],
    after:
      '{\n  a = let b = "}; ${"\\"" + "{"}"; in with b; c; # };\n  d = \'\'\n    \'\'\'}; \'\'${ ${"}"}\n  \'\';\n  e = assert true; [ ./in/let.nix /* } */ ];\n  inherit (builtins) g;\n  h = { i, j ? { }, ... }@k: i;\n  environment.persistence."/persist" = {\n    directories = [ "/var/lib/new" ];\n  };\n}\n',
  },
];

const marked = (text: string, added: string) => text.replace("@", added);

runCases([
  ...spellings.map((text) => ({
    name: `spelt ${text.replace("@", "").replace(/\s+/g, " ")}`,
    before: marked(text, ""),
    add: [directory("/b")],
    after: marked(text, ' "/b"'),
  })),
  ...userSpellings.map((text) => ({
    name: `spelt ${text.replace("@", "").replace(/\s+/g, " ")}`,
    before: marked(text, ""),
    add: [at("josh", directory("b"))],
    after: marked(text, ' "b"'),
  })),
  ...created,
]);
