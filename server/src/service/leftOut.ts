/** Whether a file or folder of this name is no part of a repository's configuration: hidden, installed, or a build result. */
export function isLeftOut(name: string): boolean {
  return name.startsWith(".") || name === "node_modules" || /^result(?:-|$)/.test(name);
}
