import type { PersistenceModule } from "../persistence/model";
import { normalise } from "../persistence/paths";
import { contains } from "../syntax/span";
import type { Problem, Rule, RuleContext } from "./rule";
import { isOn } from "./support/hostOptions";
import { shown } from "./support/text";

export const rule: Rule = {
  id: "disabled-storage",
  level: "info",
  title: "A storage that is switched off has entries",
  doc: `With \`enable = false;\` impermanence leaves out the whole storage, whatever file its entries come from: at the next reboot these paths are
as ephemeral as the rest, while the storage's copies stay where they are and are no longer seen. With \`preservation.enable = false;\` the same holds for
all storages of preservation.

Reported is every list of such a storage in the file, unless some file of the host sets \`enable\` to anything else, too.`,
  check,
  examples: [
    {
      title: "A storage that is switched off",
      text: `{
  environment.persistence."/cache" = {
    enable = false;
    directories = [ "/var/cache" ];
  # ^^^^^^^^^^^ "/cache" is switched off
    users.josh.directories = [ ".cache" ];
    #          ^^^^^^^^^^^ its entry here
  };
}
`,
    },
    {
      title: "preservation switched off",
      text: `{
  preservation.enable = false;
  preservation.preserveAt."/persist".directories = [ "/var/log" "/srv" ];
  #                                  ^^^^^^^^^^^ 2 entries
}
`,
    },
    {
      title: "In use",
      text: `{
  environment.persistence."/persist" = {
    enable = true;
    directories = [ "/var/log" ];
  };
}
`,
    },
    {
      title: "Not known, or nothing in it",
      text: `{ config, ... }:
{
  environment.persistence."/persist" = { enable = config.x; directories = [ "/var/log" ]; };
  environment.persistence."/cache" = { enable = false; directories = [ ]; };
}
`,
    },
  ],
};

const keyOf = (module: PersistenceModule, storagePath: string) => `${module} ${normalise(storagePath)}`;

function check({ file, host, evaluated }: RuleContext): Problem[] {
  const blocks = host.flatMap(({ persistence }) => persistence.blocks);
  const off = new Set<string>();
  const other = new Set<string>();
  for (const { module, storagePath, settings, conditional, unit } of blocks) {
    for (const { name, value } of settings) {
      if (name.name !== "enable" || storagePath === null) continue;
      const isOff = value.kind === "bool" && !value.value && !conditional && unit === "";
      (isOff ? off : other).add(keyOf(module, storagePath));
    }
  }
  const shared = evaluated.length > 1;
  const preservationOff = isOn(shared ? [file] : host, ["preservation", "enable"]) === false;
  if (off.size === 0 && !preservationOff) return [];
  return file.persistence.blocks.flatMap((block) => {
    const { module, storagePath, unit, lists } = block;
    if (storagePath === null || unit !== "") return [];
    const key = keyOf(module, storagePath);
    // What `enable` comes to may be another thing on each host.
    const isElsewhereOn = evaluated.some(({ storages }) =>
      storages.some((one) => one.enabled && one.storagePath !== null && key === keyOf(one.module, one.storagePath)),
    );
    const isOff = off.has(key) && !other.has(key) && !isElsewhereOn;
    if (!isOff && !(module === "preservation" && preservationOff)) return [];
    return lists.flatMap(({ nameSpan, entries }): Problem[] => {
      const count = entries.length;
      // A list that is written elsewhere, for several storages, may well be persisted by another.
      const isElsewhere = !contains(block.span, nameSpan) && entries.some(({ shared }) => shared);
      if (count === 0 || isElsewhere) return [];
      const option = isOff ? "enable = false" : "preservation.enable = false";
      return [
        {
          span: nameSpan,
          message: `The storage ${shown(storagePath)} is switched off by \`${option}\`, so ${count === 1 ? "its entry here is" : `its ${count} entries here are`} not persisted, and gone at the next reboot.`,
          unnecessary: true,
        },
      ];
    });
  });
}
