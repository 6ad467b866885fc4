/** The part of playwright-core used here. The package itself is in the cache of the system tests, not in the project. */
export interface Locator {
  locator(selector: string): Locator;
  inputValue(options?: { timeout?: number }): Promise<string>;
  fill(text: string, options?: { timeout?: number }): Promise<void>;
  isVisible(): Promise<boolean>;
  click(options?: { button?: "left" | "right"; timeout?: number }): Promise<void>;
  hover(): Promise<void>;
  waitFor(options?: { state?: "attached" | "detached" | "visible" | "hidden"; timeout?: number }): Promise<void>;
  first(): Locator;
  filter(options: { hasText: string | RegExp }): Locator;
  count(): Promise<number>;
  innerText(): Promise<string>;
  allInnerTexts(): Promise<string[]>;
  getAttribute(name: string): Promise<string | null>;
}

export interface Page {
  goto(url: string): Promise<unknown>;
  locator(selector: string): Locator;
  readonly keyboard: { press(key: string): Promise<void>; type(text: string): Promise<void> };
  readonly mouse: { move(x: number, y: number): Promise<void> };
  screenshot(options: { path: string }): Promise<unknown>;
  setDefaultTimeout(ms: number): void;
}

export interface Browser {
  newPage(options: {
    viewport: { width: number; height: number };
    deviceScaleFactor: number;
    colorScheme: "dark";
  }): Promise<Page>;
  close(): Promise<void>;
}

export interface Playwright {
  readonly chromium: {
    launch(options: { executablePath: string; headless: boolean; args: readonly string[] }): Promise<Browser>;
  };
}
