import type { Problem, RuleContext } from "../rule";
import { declaredOn } from "./declared";
import { definitionsAt, isOn } from "./hostOptions";
import { isNeededForUsers, latePath } from "./late";
import { shown } from "./text";

/** What decrypts secrets with the host's keys for SSH, unless one of `options` names others. */
const tools = [
  { name: "agenix", secrets: ["age", "secrets"], options: [["age", "identityPaths"]], set: "age.identityPaths" },
  {
    name: "sops-nix",
    secrets: ["sops", "secrets"],
    options: [
      ["sops", "age"],
      ["sops", "gnupg"],
    ],
    set: "sops.age.sshKeyPaths",
  },
] as const;

const hostKey = "/etc/ssh/ssh_host_ed25519_key";

/**
 * Tells where the host's key is persisted by a mount that appears after agenix or sops-nix have looked for it, at the entry that persists it.
 * `isService` says whether a service decrypts, which waits.
 */
export function defaultKeys(context: RuleContext, isService: (context: RuleContext) => boolean): Problem[] {
  const { host, file } = context;
  const tool = tools.find(({ secrets }) =>
    definitionsAt(host, secrets).some(({ fact: { path, certain } }) => certain && path.length > secrets.length),
  );
  if (tool === undefined || isOn(host, ["services", "openssh", "enable"]) !== true) return [];
  const late = latePath(context, hostKey);
  if (late === null || late.declared.file !== file || late.declared.entry.shared) return [];
  const { entry, block } = late.declared;
  if (
    block.module !== "preservation" &&
    entry.kind === "file" &&
    tool.name === "sops-nix" &&
    !isNeededForUsers(context)
  )
    return [];
  if (tool.options.some((option) => definitionsAt(host, option).length > 0)) return [];
  if (definitionsAt(host, ["services", "openssh", "hostKeys"]).length > 0 || isService(context)) return [];
  if (host.some(({ text }) => /persist-files|activationScripts\.agenix/.test(text))) return [];
  const words = ["identityPaths", "sshKeyPaths", "keyFile", "hostKeys", "userborn", "sysusers"];
  if (!context.hostIsWhole && context.mentionedElsewhere(...words)) return [];
  // Each file of the host would say the same of its own entry.
  if (declaredOn(context).find(({ path }) => path === late.declared.path) !== late.declared) return [];
  return [
    {
      span: entry.pathSpan,
      message: `${tool.name === "agenix" ? "`agenix`" : "`sops-nix`"} decrypts with the host's key while the system is activated, and this mount appears later: after a reboot there are no secrets. Set \`${tool.set} = [ ${shown(late.copy)} ]\`.`,
    },
  ];
}
