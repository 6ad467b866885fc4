/** Texts of a made-up repository's modules, of the sizes and shapes that real ones have: about 2 kB each, one declaration in few of them. */

/** What a module does besides persisting: settings that nobody reads here. */
function settings(name: string, index: number): string {
  return `      services.${name} = {
        enable = true;
        package = pkgs.${name};
        openFirewall = lib.mkDefault ${index % 2 === 0};
        settings = {
          listen = "127.0.0.1:\${toString cfg.port}";
          hostname = config.networking.hostName;
          log.level = "info";
          workers = ${(index % 8) + 1};
          allowed = [ "10.0.0.0/8" "192.168.${index % 250}.0/24" ];
        };
      };
      systemd.services.${name} = {
        after = [ "network-online.target" ];
        wants = [ "network-online.target" ];
        serviceConfig = {
          Restart = "on-failure";
          RestartSec = "${(index % 9) + 1}s";
          ProtectSystem = "strict";
          ReadWritePaths = [ cfg.dataDir ];
        };
      };
      networking.firewall.allowedTCPPorts = lib.optional cfg.open cfg.port;
      environment.systemPackages = with pkgs; [ ${name} jq ripgrep ];
      environment.etc."${name}/notes".text = ''
        # Written by the module for ${name}.
        # ${"What follows is long, as such texts are. ".repeat(6).trim()}
      '';
`;
}

/** How a module persists its state: directly, through the wrapper, or not at all. */
function state(name: string, index: number): string {
  if (index % 6 === 0) return `      my.persist.directories = [ cfg.dataDir ];\n`;
  if (index % 6 === 1)
    return `      environment.persistence."/persist".directories = [\n        { directory = cfg.dataDir; user = "${name}"; group = "${name}"; mode = "0750"; }\n      ];\n`;
  return "";
}

/** A module with options of its own that hosts import and few switch on. */
export function serviceModule(name: string, index: number): string {
  return `{ config, lib, pkgs, ... }:
let
  cfg = config.my.services.${name};
in
{
  options.my.services.${name} = {
    enable = lib.mkEnableOption "${name}";
    open = lib.mkOption { type = lib.types.bool; default = false; description = "Whether others may connect."; };
    port = lib.mkOption { type = lib.types.port; default = ${3000 + index}; };
    dataDir = lib.mkOption { type = lib.types.str; default = "/var/lib/${name}"; };
  };

  config = lib.mkIf cfg.enable (lib.mkMerge [
    {
${settings(name, index)}    }
    (lib.mkIf config.my.persist.enable {
${state(name, index)}    })
  ]);
}
`;
}

/** The wrapper around impermanence that modules write to. */
export const wrapper = `{ config, lib, ... }:
let
  cfg = config.my.persist;
in
{
  options.my.persist = {
    enable = lib.mkEnableOption "persistence";
    root = lib.mkOption { type = lib.types.str; default = "/persist"; };
    directories = lib.mkOption { type = lib.types.listOf lib.types.anything; default = [ ]; };
    files = lib.mkOption { type = lib.types.listOf lib.types.anything; default = [ ]; };
  };

  config = lib.mkIf cfg.enable {
    fileSystems.\${cfg.root}.neededForBoot = true;
    environment.persistence.\${cfg.root} = {
      hideMounts = true;
      directories = [ "/var/log" "/var/lib/nixos" "/var/lib/systemd" ] ++ cfg.directories;
      files = [ "/etc/machine-id" ] ++ cfg.files;
    };
  };
}
`;

/** A module of Home Manager. */
export function homeModule(name: string, index: number): string {
  const kept =
    index % 4 === 0 ? `  home.persistence."/persist".directories = [ ".config/${name}" ".cache/${name}" ];\n` : "";
  return `{ config, lib, pkgs, osConfig, ... }:
{
  programs.${name} = {
    enable = lib.mkDefault (osConfig.networking.hostName != "none");
    settings = {
      font.size = ${8 + (index % 8)};
      colors = { background = "#00${10 + (index % 80)}00"; foreground = "#ffffff"; };
      keys = [ "ctrl+a" "ctrl+b" "ctrl+${index}" ];
    };
  };
${kept}  home.packages = with pkgs; [ ${name} ];
  home.sessionVariables.${name.toUpperCase().replaceAll("-", "_")}_HOME = "\${config.xdg.dataHome}/${name}";
  xdg.configFile."${name}/config".text = ''
    # ${"Settings that the program reads by itself. ".repeat(20).trim()}
  '';
}
`;
}

/** A file that is a part of no host: a package, as most repositories of this size have them by the thousand. */
export function packageFile(name: string, index: number): string {
  return `{ lib, stdenv, fetchFromGitHub, cmake, pkg-config, openssl, zlib }:
stdenv.mkDerivation (finalAttrs: {
  pname = "${name}";
  version = "1.${index}.0";
  src = fetchFromGitHub {
    owner = "example";
    repo = finalAttrs.pname;
    rev = "v\${finalAttrs.version}";
    hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  };
  nativeBuildInputs = [ cmake pkg-config ];
  buildInputs = [ openssl zlib ];
  cmakeFlags = [ (lib.cmakeBool "WITH_TESTS" false) (lib.cmakeFeature "LEVEL" "${index % 10}") ];
  postPatch = ''
    substituteInPlace CMakeLists.txt --replace-fail "/usr" "$out"
    # ${"Patches need a reason, and here it is. ".repeat(16).trim()}
  '';
  meta = {
    description = "Package number ${index}";
    homepage = "https://example.org/${name}";
    license = lib.licenses.mit;
    maintainers = with lib.maintainers; [ ];
    platforms = lib.platforms.linux;
    mainProgram = "${name}";
  };
})
`;
}
