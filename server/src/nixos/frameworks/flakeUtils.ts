/** https://github.com/numtide/flake-utils: outputs per system. */
export const flakeUtils = {
  is: ["flake-utils"],
  text: `
let
  defaultSystems = [ "aarch64-darwin" "aarch64-linux" "x86_64-darwin" "x86_64-linux" ];
  eachSystem = systems: f:
    builtins.foldl' (all: system:
      let outputs = f system; in
      builtins.foldl'
        (attrs: key: attrs // { \${key} = (attrs.\${key} or { }) // { \${system} = outputs.\${key}; }; })
        all (builtins.attrNames outputs)
    ) { } systems;
  eachSystemPassThrough = systems: f: builtins.foldl' (all: system: all // f system) { } systems;
  eachSystemMap = systems: f: lib.genAttrs systems f;
in {
  lib = {
    inherit defaultSystems eachSystem eachSystemMap eachSystemPassThrough;
    eachDefaultSystem = eachSystem defaultSystems;
    eachDefaultSystemMap = eachSystemMap defaultSystems;
    eachDefaultSystemPassThrough = eachSystemPassThrough defaultSystems;
    meld = inputs: builtins.foldl' (output: sub: lib.recursiveUpdate output (import sub inputs)) { };
  };
}
`,
};
