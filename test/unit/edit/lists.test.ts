import { type Case, runCases } from "./check";
import { at, directory, file } from "./support";

/** A block with one list of directories, given from `[` to `]` as it stands at an indentation of four. */
const block = (list: string) => `{ lib, ... }:
{
  environment.persistence."/persist" = {
    directories = ${list};
  };
}
`;
const one = directory("/var/lib/new");
const owned = directory("/var/lib/new", { user: "new", group: "new", mode: "0700" });

const listCases: readonly (readonly [string, string, Case["add"], string])[] = [
  ["an empty padded list stays inline", "[ ]", [one], '[ "/var/lib/new" ]'],
  ["an empty tight list stays inline and tight", "[]", [one], '["/var/lib/new"]'],
  [
    "an empty list gets several lines for several entries",
    "[ ]",
    [one, directory("/srv")],
    '[\n      "/var/lib/new"\n      "/srv"\n    ]',
  ],
  ["an empty list on two lines", "[\n    ]", [one], '[\n      "/var/lib/new"\n    ]'],
  ["an empty list with a comment", '[\n      # "/old"\n    ]', [one], '[\n      # "/old"\n      "/var/lib/new"\n    ]'],
  [
    "an empty list with a comment inside the line",
    "[ /* none */ ]",
    [one],
    '[ /* none */\n      "/var/lib/new"\n    ]',
  ],
  [
    "an empty list with an owned entry",
    "[ ]",
    [owned],
    '[\n      { directory = "/var/lib/new"; user = "new"; group = "new"; mode = "0700"; }\n    ]',
  ],
  ["an inline list grows inline", '[ "/var/lib/a" ]', [one], '[ "/var/lib/a" "/var/lib/new" ]'],
  ["a tight inline list grows inline", '["/var/lib/a"]', [one], '["/var/lib/a" "/var/lib/new"]'],
  [
    "a sorted inline list stays sorted",
    '[ "/a" "/var/lib/a" "/z" ]',
    [one],
    '[ "/a" "/var/lib/a" "/var/lib/new" "/z" ]',
  ],
  ["a sorted inline list takes a new first", '[ "/b" "/c" "/d" ]', [directory("/a")], '[ "/a" "/b" "/c" "/d" ]'],
  [
    "an inline list of five entries is broken up",
    '[ "/a" "/b" "/c" "/d" ]',
    [directory("/c0")],
    '[\n      "/a"\n      "/b"\n      "/c"\n      "/c0"\n      "/d"\n    ]',
  ],
  [
    "an inline list that would be too long is broken up",
    '[ "/var/lib/some-service-with-a-long-name" ]',
    [directory("/var/lib/another-service-with-a-long-name")],
    '[\n      "/var/lib/some-service-with-a-long-name"\n      "/var/lib/another-service-with-a-long-name"\n    ]',
  ],
  [
    "an inline list of strings is broken up for a set",
    '[ "/var/lib/a" ]',
    [owned],
    '[\n      "/var/lib/a"\n      { directory = "/var/lib/new"; user = "new"; group = "new"; mode = "0700"; }\n    ]',
  ],
  [
    "an inline list of sets takes another",
    '[ { directory = "/a"; mode = "0700"; } ]',
    [directory("/b", { mode: "0700" })],
    '[ { directory = "/a"; mode = "0700"; } { directory = "/b"; mode = "0700"; } ]',
  ],
  [
    "a comment inside an inline list stays",
    '[ "/a" /* first */ "/b" "/c" "/d" ]',
    [directory("/e")],
    '[ "/a" /* first */ "/b" "/c" "/d" "/e" ]',
  ],
  [
    "a sorted list stays sorted",
    '[\n      "/etc/ssh"\n      "/var/lib/a"\n      "/var/log"\n    ]',
    [one],
    '[\n      "/etc/ssh"\n      "/var/lib/a"\n      "/var/lib/new"\n      "/var/log"\n    ]',
  ],
  [
    "a list sorted without regard to case stays so",
    '[\n      "/a"\n      "/B"\n      "/c"\n    ]',
    [directory("/Bb")],
    '[\n      "/a"\n      "/B"\n      "/Bb"\n      "/c"\n    ]',
  ],
  [
    "a sorted list with a heading takes a new first below the heading",
    '[\n      # all\n      "/b"\n      "/c"\n      "/d"\n    ]',
    [directory("/a")],
    '[\n      # all\n      "/a"\n      "/b"\n      "/c"\n      "/d"\n    ]',
  ],
  [
    "a comment of the first entry alone stays with it",
    '[\n      # why\n      # of b\n      "/b"\n\n      "/c"\n      "/d"\n    ]',
    [directory("/a")],
    '[\n      "/a"\n      # why\n      # of b\n      "/b"\n\n      "/c"\n      "/d"\n    ]',
  ],
  [
    "two entries are no order: siblings count",
    '[\n      "/var/lib/a"\n      "/var/log"\n    ]',
    [one],
    '[\n      "/var/lib/a"\n      "/var/lib/new"\n      "/var/log"\n    ]',
  ],
  [
    "behind the last of several siblings",
    '[\n      "/var/lib/z"\n      "/etc/b"\n      "/var/lib/a"\n      "/etc/a"\n    ]',
    [one],
    '[\n      "/var/lib/z"\n      "/etc/b"\n      "/var/lib/a"\n      "/var/lib/new"\n      "/etc/a"\n    ]',
  ],
  [
    "no sibling: at the end",
    '[\n      "/var/lib/z"\n      "/var/lib/a"\n    ]',
    [directory("/srv")],
    '[\n      "/var/lib/z"\n      "/var/lib/a"\n      "/srv"\n    ]',
  ],
  [
    "inside the group of the sibling, not at the end",
    '[\n      # b\n      "/var/lib/z"\n      "/var/lib/y"\n\n      # a\n      "/etc/z"\n      "/etc/a"\n    ]',
    [one],
    '[\n      # b\n      "/var/lib/z"\n      "/var/lib/y"\n      "/var/lib/new"\n\n      # a\n      "/etc/z"\n      "/etc/a"\n    ]',
  ],
  [
    "a sorted group stays sorted",
    '[\n      # b\n      "/var/lib/a"\n      "/var/lib/m"\n      "/var/lib/z"\n      # a\n      "/etc/z"\n    ]',
    [one],
    '[\n      # b\n      "/var/lib/a"\n      "/var/lib/m"\n      "/var/lib/new"\n      "/var/lib/z"\n      # a\n      "/etc/z"\n    ]',
  ],
  [
    "a trailing comment of the neighbour stays with it",
    '[\n      "/var/lib/z" # keep\n      "/etc/a" /* too */ # both\n    ]',
    [one, directory("/etc/b")],
    '[\n      "/var/lib/z" # keep\n      "/var/lib/new"\n      "/etc/a" /* too */ # both\n      "/etc/b"\n    ]',
  ],
  [
    "comments behind the last entry stay behind",
    '[\n      "/var/lib/z"\n      # "/var/lib/off"\n      # "/var/lib/also-off"\n    ]',
    [one],
    '[\n      "/var/lib/z"\n      "/var/lib/new"\n      # "/var/lib/off"\n      # "/var/lib/also-off"\n    ]',
  ],
  [
    "blanks at the end of the neighbour's line stay",
    '[\n      "/var/lib/z"  \n      "/a"\n    ]',
    [one],
    '[\n      "/var/lib/z"  \n      "/var/lib/new"\n      "/a"\n    ]',
  ],
  [
    "an entry in the closing bracket's line",
    '[ "/var/lib/z"\n                    "/var/lib/y" ]',
    [one],
    '[ "/var/lib/z"\n                    "/var/lib/y"\n                    "/var/lib/new" ]',
  ],
  [
    "behind an entry in the opening bracket's line",
    '[ "/var/lib/z"\n      "/a" ]',
    [one],
    '[ "/var/lib/z"\n                    "/var/lib/new"\n      "/a" ]',
  ],
  [
    "sets over several lines are followed",
    '[\n      {\n        directory = "/var/lib/a";\n        mode = "0700";\n      }\n    ]',
    [owned],
    '[\n      {\n        directory = "/var/lib/a";\n        mode = "0700";\n      }\n      {\n        directory = "/var/lib/new";\n        user = "new";\n        group = "new";\n        mode = "0700";\n      }\n    ]',
  ],
  [
    "sets on one line are followed",
    '[\n      {directory = "/var/lib/a"; mode = "0700";}\n    ]',
    [owned],
    '[\n      {directory = "/var/lib/a"; mode = "0700";}\n      {directory = "/var/lib/new"; user = "new"; group = "new"; mode = "0700";}\n    ]',
  ],
  [
    "a set too long for a line gets several",
    '[\n      "/var/lib/a"\n    ]',
    [directory("/var/lib/a-service-with-quite-a-long-name", { user: "service", group: "service", mode: "0700" })],
    '[\n      "/var/lib/a"\n      {\n        directory = "/var/lib/a-service-with-quite-a-long-name";\n        user = "service";\n        group = "service";\n        mode = "0700";\n      }\n    ]',
  ],
  [
    "brackets and quotes inside strings are no structure",
    '[ "/a[(" "/b\\"" "/c\'\'" "/d}" ]',
    [directory("/e]")],
    '[\n      "/a[("\n      "/b\\""\n      "/c\'\'"\n      "/d}"\n      "/e]"\n    ]',
  ],
  [
    "a list that one set hugs is spread",
    '[{\n      directory = "/var/lib/a";\n\n      mode = "0700"; # why\n    }]',
    [one],
    '[\n      {\n        directory = "/var/lib/a";\n\n        mode = "0700"; # why\n      }\n      "/var/lib/new"\n    ]',
  ],
  [
    "a list that a set with a string over several lines hugs keeps its lines",
    "[{\n      directory = \"/var/lib/a\";\n      mode = ''\n        0700'';\n    }]",
    [one],
    "[{\n      directory = \"/var/lib/a\";\n      mode = ''\n        0700'';\n    } \"/var/lib/new\"]",
  ],
  [
    "only what differs from the default is written",
    '[\n      "/var/lib/a"\n    ]',
    [directory("/var/lib/b", { user: "root", group: "root", mode: "700" }), directory("/var/lib/c", { mode: "0755" })],
    '[\n      "/var/lib/a"\n      { directory = "/var/lib/b"; mode = "0700"; }\n      "/var/lib/c"\n    ]',
  ],
  [
    "special modes are kept",
    "[ ]",
    [directory("/var/spool", { user: "root", group: "mail", mode: "1777" })],
    '[\n      { directory = "/var/spool"; group = "mail"; mode = "1777"; }\n    ]',
  ],
  [
    "`with … ;` before the list",
    'with lib; [\n      "/var/lib/a"\n    ]',
    [one],
    'with lib; [\n      "/var/lib/a"\n      "/var/lib/new"\n    ]',
  ],
  [
    "`let … in` before the list",
    'let d = "/x"; in [ d "/var/lib/a" ]',
    [one],
    'let d = "/x"; in [ d "/var/lib/a" "/var/lib/new" ]',
  ],
  [
    "a computed list joined with a literal one",
    'lib.attrNames {\n    } ++ [ "/var/lib/a" ]',
    [one],
    'lib.attrNames {\n    } ++ [ "/var/lib/a" "/var/lib/new" ]',
  ],
  [
    "the literal of a `++` with siblings is chosen",
    '[ "/etc/a" ] ++ [\n      "/var/lib/a"\n    ]\n    ++ lib.optionals lib.c [ "/var/lib/b" ]',
    [one],
    '[ "/etc/a" ] ++ [\n      "/var/lib/a"\n      "/var/lib/new"\n    ]\n    ++ lib.optionals lib.c [ "/var/lib/b" ]',
  ],
  [
    "`++` on lines of its own",
    'lib.attrNames { }\n      ++ [\n        "/var/lib/a"\n      ]',
    [one],
    'lib.attrNames { }\n      ++ [\n        "/var/lib/a"\n        "/var/lib/new"\n      ]',
  ],
  [
    "the lists of `mkMerge` that apply for certain",
    'lib.mkMerge [\n      (lib.mkIf lib.c [ "/var/lib/c" ])\n      [ "/b" ]\n    ]',
    [one],
    'lib.mkMerge [\n      (lib.mkIf lib.c [ "/var/lib/c" ])\n      [ "/b" "/var/lib/new" ]\n    ]',
  ],
  ["inside `lib.mkDefault`", 'lib.mkDefault [ "/a" ]', [one], 'lib.mkDefault [ "/a" "/var/lib/new" ]'],
  ["inside `lib.unique`", 'lib.unique ([ "/a" ])', [one], 'lib.unique ([ "/a" "/var/lib/new" ])'],
  ["behind a name", "lib.dirs", [one], 'lib.dirs ++ [ "/var/lib/new" ]'],
  [
    "behind a name, several entries",
    "lib.dirs",
    [one, directory("/srv")],
    'lib.dirs ++ [\n      "/var/lib/new"\n      "/srv"\n    ]',
  ],
  [
    "elements that are not understood keep their places",
    '[\n      lib.dir\n      (lib.mkIf lib.c "/var/lib/x")\n      "${lib.z}/y"\n      "/var/lib/a"\n      /etc/nix\n    ]',
    [one],
    '[\n      lib.dir\n      (lib.mkIf lib.c "/var/lib/x")\n      "${lib.z}/y"\n      "/var/lib/a"\n      "/var/lib/new"\n      /etc/nix\n    ]',
  ],
  [
    "several entries, several places, one edit each",
    '[\n      "/var/lib/z"\n      "/etc/z"\n    ]',
    [directory("/etc/b"), one, directory("/srv"), directory("/etc/a")],
    '[\n      "/var/lib/z"\n      "/var/lib/new"\n      "/etc/z"\n      "/etc/a"\n      "/etc/b"\n      "/srv"\n    ]',
  ],
  [
    "names that need escapes",
    "[\n    ]",
    [directory('/a "b" \\ ${c} $d'), directory("/tab\tline\nend"), directory("/ü ’")],
    '[\n      "/a \\"b\\" \\\\ \\${c} $d"\n      "/tab\\tline\\nend"\n      "/ü ’"\n    ]',
  ],
  ["a path with doubled and trailing slashes", "[ ]", [directory("//var//lib/new/")], '[ "/var/lib/new" ]'],
];

runCases([
  ...listCases.map(([name, before, add, after]) => ({ name, before: block(before), add, after: block(after) })),
  {
    name: "tabs",
    before: '{\n\tenvironment.persistence."/persist" = {\n\t\tdirectories = [\n\t\t\t"/var/lib/a"\n\t\t];\n\t};\n}\n',
    add: [owned, file("/etc/machine-id"), file("/etc/adjtime")],
    after:
      '{\n\tenvironment.persistence."/persist" = {\n\t\tdirectories = [\n\t\t\t"/var/lib/a"\n\t\t\t{ directory = "/var/lib/new"; user = "new"; group = "new"; mode = "0700"; }\n\t\t];\n\t\tfiles = [\n\t\t\t"/etc/machine-id"\n\t\t\t"/etc/adjtime"\n\t\t];\n\t};\n}\n',
  },
  {
    name: "four spaces",
    before: '{\n    environment.persistence."/persist" = {\n        directories = [ ];\n    };\n}\n',
    add: [one, directory("/srv")],
    after:
      '{\n    environment.persistence."/persist" = {\n        directories = [\n            "/var/lib/new"\n            "/srv"\n        ];\n    };\n}\n',
  },
  {
    name: "line ends of Windows",
    before:
      '{\r\n  environment.persistence."/persist" = {\r\n    directories = [\r\n      "/var/lib/a" # a\r\n    ];\r\n  };\r\n}\r\n',
    add: [one, file("/etc/machine-id"), at("josh", directory("a")), at("josh", directory("b"))],
    after:
      '{\r\n  environment.persistence."/persist" = {\r\n    directories = [\r\n      "/var/lib/a" # a\r\n      "/var/lib/new"\r\n    ];\r\n    files = [ "/etc/machine-id" ];\r\n    users.josh = {\r\n      directories = [\r\n        "a"\r\n        "b"\r\n      ];\r\n    };\r\n  };\r\n}\r\n',
  },
  {
    name: "a tight list elsewhere in the file decides for an empty padded one",
    before:
      '{pkgs, ...}: {\n  environment.systemPackages = ["x"];\n  environment.persistence."/p".directories = [ ];\n}\n',
    add: [one],
    after:
      '{pkgs, ...}: {\n  environment.systemPackages = ["x"];\n  environment.persistence."/p".directories = ["/var/lib/new"];\n}\n',
  },
  {
    name: "preservation's files have an owner, impermanence's have not",
    before: '{\n  preservation.preserveAt."/p".files = [\n    "/etc/a"\n  ];\n}\n',
    add: [file("/etc/b", { user: "b", group: "root", mode: "0600" }), file("/etc/c", { user: "root", mode: "0644" })],
    after:
      '{\n  preservation.preserveAt."/p".files = [\n    "/etc/a"\n    { file = "/etc/b"; user = "b"; mode = "0600"; }\n    "/etc/c"\n  ];\n}\n',
  },
  {
    name: "owners that have no name on the host are left out, and 0 is root",
    before: '{\n  environment.persistence."/p".directories = [\n    "/a"\n  ];\n}\n',
    add: [
      directory("/b", { user: "1000", group: "100", mode: "0700" }),
      directory("/c", { user: "1000", group: "100", mode: "0755" }),
      directory("/d", { user: "d", group: "4000000000" }),
      directory("/e", { user: "0", group: "0", mode: "0755" }),
      at("josh", directory("f", { user: "0", group: "0", mode: "0755" })),
    ],
    after:
      '{\n  environment.persistence."/p".directories = [\n    "/a"\n    { directory = "/b"; mode = "0700"; }\n    "/c"\n    { directory = "/d"; user = "d"; }\n    "/e"\n  ];\n\n  environment.persistence."/p".users.josh = {\n    directories = [\n      { directory = "f"; user = "root"; group = "root"; }\n    ];\n  };\n}\n',
  },
  {
    name: "impermanence's files are plain",
    before: '{\n  environment.persistence."/p".files = [\n    "/etc/a"\n  ];\n}\n',
    add: [file("/etc/b", { user: "b", group: "b", mode: "0600" })],
    after: '{\n  environment.persistence."/p".files = [\n    "/etc/a"\n    "/etc/b"\n  ];\n}\n',
  },
  {
    name: "a file's companion follows it",
    before: '{\n  environment.persistence."/p".files = [\n    "/etc/ssh/b"\n    "/etc/ssh/a"\n    "/etc/x"\n  ];\n}\n',
    add: [file("/etc/ssh/b.pub")],
    after:
      '{\n  environment.persistence."/p".files = [\n    "/etc/ssh/b"\n    "/etc/ssh/b.pub"\n    "/etc/ssh/a"\n    "/etc/x"\n  ];\n}\n',
  },
]);
