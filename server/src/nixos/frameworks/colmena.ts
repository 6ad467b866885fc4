/** https://colmena.cli.rs: the nodes of a hive. */
export const colmena = {
  is: ["colmena"],
  text: `
{
  lib.makeHive = hive:
    let
      nodes = builtins.mapAttrs
        (name: node: lib.nixosSystem {
          modules = [ (hive.defaults or { }) node ];
          specialArgs = { inherit name nodes; } // (hive.meta.specialArgs or { }) // (hive.meta.nodeSpecialArgs.\${name} or { });
        })
        (builtins.removeAttrs hive [ "meta" "network" "defaults" "registry" ]);
    in
    { inherit nodes; };
}
`,
};
