export interface EditorTools {
  /** Package folder of code-server. */
  readonly codeServer: string;
  /** Node 24, which code-server runs on. */
  readonly node: string;
  /** Package folder of playwright-core. */
  readonly playwright: string;
  /** The browser. */
  readonly chromium: string;
}
export declare function editorTools(): EditorTools | null;
