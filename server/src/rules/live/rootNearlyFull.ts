import type { NodeId } from "../../hosts/model";
import { formatBytes } from "../../knowledge/text";
import { covers } from "../../persistence/coverage";
import { surveyOf } from "../../scan/survey";
import type { LiveContext, LiveProblem, LiveRule } from "./rule";
import { hostPlace } from "./support/places";

export const rule: LiveRule = {
  id: "root-nearly-full",
  level: "warning",
  title: "The tmpfs root of the host is nearly full",
  doc: `A root on tmpfs is memory: what is written outside of the persisted paths fills it, and once it is full programs fail with "No space left on
device" while the disk has room. It is told from 85 % on, with the largest folders on it.

Persist or move what is large: \`/tmp\` with \`boot.tmp.cleanOnBoot\`, the build folder of Nix (\`nix.settings.build-dir\`), caches of users.

Sources: [Nix issue 11477](https://github.com/NixOS/nix/issues/11477), impermanence's README.`,
  check,
  examples: [
    {
      title: "A cache that fills it",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" ];
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ 90 % of the tmpfs that is the root of juni is used
}
`,
      host: `
root tmpfs 90%
/home/josh/.cache/app/blob josh 1500000000
/tmp/build 200000000
`,
    },
    {
      title: "With room",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" ];
}
`,
      host: `
root tmpfs 40%
`,
    },
    {
      title: "A root on a disk",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" ];
}
`,
      host: `
root btrfs 90%
`,
    },
  ],
};

const nearlyFull = 0.85;
const mostNamed = 3;
/** A folder of which one part has so much is told as that part. */
const mainPart = 0.7;

function check(context: LiveContext): LiveProblem[] {
  const { root, host, deployed } = context.scan;
  const space = deployed?.space ?? null;
  if (root.kind !== "tmpfs" || space === null || space.total <= 0) return [];
  const used = 1 - space.free / space.total;
  if (used < nearlyFull) return [];
  const largest = largestFolders(context).map(({ path, bytes }) => `${path} (${formatBytes(bytes)})`);
  const named = largest.length === 0 ? "" : ` The largest on it: ${largest.join(", ")}.`;
  return [
    {
      place: hostPlace(context),
      message: `${Math.floor(used * 100)} % of the tmpfs that is the root of ${host} is used, ${formatBytes(space.free)} of ${formatBytes(space.total)} are free.${named}`,
    },
  ];
}

/** The largest folders and files on the root that are not persisted, none in another. */
function largestFolders({ scan, coverage }: LiveContext): { readonly path: string; readonly bytes: number }[] {
  const { tree } = scan;
  const survey = surveyOf(scan);
  const bytes = (node: NodeId) => survey.totals(node).bytes;
  const parts = (folder: NodeId) =>
    [...tree.children(folder)].filter(
      (node) => tree.status(node) !== "lost" && bytes(node) > 0 && !covers(coverage, tree.path(node)),
    );
  const waiting = parts(tree.root);
  const found: NodeId[] = [];
  while (found.length < mostNamed) {
    waiting.sort((a, b) => bytes(b) - bytes(a));
    const node = waiting.shift();
    if (node === undefined) break;
    const inside = tree.type(node) === "directory" ? parts(node) : [];
    const isShared = tree.parent(node) === tree.root;
    if (inside.some((part) => tree.type(part) === "directory" && (isShared || bytes(part) >= mainPart * bytes(node))))
      waiting.push(...inside);
    else found.push(node);
  }
  return found.map((node) => ({ path: tree.path(node), bytes: bytes(node) }));
}
