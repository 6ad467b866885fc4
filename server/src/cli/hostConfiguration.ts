import path from "node:path";
import type { PersistenceFile } from "../persistence/model";
import type { SourceFile } from "../rules/rule";
import { filesNamedAfter, filesOfHost, importClosure } from "../service/hostFiles";
import { configurationNames } from "../service/hostNames";
import { coveredBy, isWhole } from "../service/hostSources";
import type { FoundHost } from "../service/projects";
import type { Tidemark } from "../service/tidemark";
import { LineIndex } from "../syntax/lines";
import { nixFilesOf, readSource } from "./inputs";

/** What the configuration leaves open: paths it persists there may be listed all the same. */
export function doubts(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ name, text, persistence }) => {
    const shown = path.relative("", name);
    const lines = new LineIndex(text);
    const line = (offset: number) => lines.position(offset).line + 1;
    const { blocks, syntaxError } = persistence;
    const broken =
      syntaxError === null
        ? []
        : [
            `${shown} line ${line(syntaxError.span.start)} does not parse: what it persists may not be counted. \`tidemark check ${shown}\` shows it.`,
          ];
    const unknown = blocks.flatMap((block) => [...block.unknown, ...block.lists.flatMap((list) => list.unknown)]);
    const computed = unknown.map(
      (part) =>
        `${shown} line ${line(part.span.start)} is computed: paths it persists may be listed here all the same.`,
    );
    return [...broken, ...new Set(computed)];
  });
}

interface Configuration {
  readonly files: readonly SourceFile[];
  /** What they keep. */
  readonly kept: readonly Pick<PersistenceFile, "blocks">[];
  /** The host as its repository evaluates it, else null. */
  readonly found: FoundHost | null;
}

/** The host's configuration: as its flake evaluates where that has the host, and the given files, else those named after it. */
export function configuration(service: Tidemark, host: string, given: readonly string[] | null): Configuration {
  const names = configurationNames(host, null);
  const inputs = given === null ? [] : nixFilesOf(given);
  for (const input of inputs) readSource(service, input);
  service.folders = [process.cwd()];
  const inside = inputs.map((input) => input.name);
  const isOf = ({ model, host: { name } }: FoundHost, file: string) =>
    file === path.join(model.root, "flake.nix") || model.hostsOf(file).some((one) => one.name === name);
  // Who names files means the host that they are of, not another of the same name.
  const isMeant = (one: FoundHost) => given === null || inside.some((file) => isOf(one, file));
  const [found = null] = names.flatMap((name) => service.hostNamed(name, inside) ?? []).filter(isMeant);
  const evaluated = found === null ? [] : service.filesOfConfiguration(found);
  const namedAfter = () => names.flatMap((name) => filesNamedAfter(service.files, name, [process.cwd()]));
  // A folder that is named has files of other hosts, too: what those persist is not kept here. Where a part of this host is not known, it may be.
  const exactly = new Set((given ?? []).map((one) => path.resolve(one)));
  const isOwn = ({ name }: { readonly name: string }) =>
    found === null ||
    !isWhole(found.host) ||
    exactly.has(name) ||
    isOf(found, name) ||
    found.model.hostsOf(name).length === 0;
  const named =
    given === null && found === null
      ? filesOfHost(service.files, namedAfter(), null)
      : inputs.filter(isOwn).flatMap((input) => importClosure(service.files, input.name));
  const files = [...new Map([...evaluated, ...named].map((file) => [file.name, file])).values()];
  const own = named.map((file) => file.persistence);
  return { files, kept: found === null ? own : [...coveredBy(found, evaluated), ...own], found };
}
