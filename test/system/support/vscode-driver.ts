import { mkdirSync } from "node:fs";
import path from "node:path";
import type { Page } from "./playwright";
import { until } from "./until";

/** What a person does in the editor, and sees there. */
export interface Driver {
  readonly page: Page;
  /** Opens a file by its path in the workspace and puts the cursor at its start. */
  openFile(relative: string): Promise<void>;
  /** Runs a command by its whole title in the palette, e.g. `Tidemark: Scan Host`. */
  command(title: string): Promise<void>;
  /** Titles of the commands the palette offers for a text. */
  commands(text: string): Promise<string[]>;
  /** Types into the open quick pick and takes the row with this label. */
  pick(label: string): Promise<void>;
  /** Moves the cursor; line and column count from 1. */
  goTo(line: number, column: number): Promise<void>;
  /** Opens the light bulb's menu at the cursor. Returns the titles in it. */
  quickFixes(): Promise<string[]>;
  /** Takes an action of the open menu of the light bulb. */
  takeFix(title: string): Promise<void>;
  /** Text of the hover at the cursor. */
  hover(): Promise<string>;
  /** Types at the cursor until the list of suggestions has one with this label, and takes it. */
  complete(typed: string, label: string): Promise<void>;
  /** Rows of the Problems panel with this text, as far as they fit: message, source, code, place. */
  problems(text: string): Promise<string[]>;
  /** Waits until a problem with this text is there and puts the cursor on it. Returns its row. */
  goToProblem(text: string): Promise<string>;
  /** Squiggles of one severity in the open editor. */
  squiggles(severity: "error" | "warning" | "info" | "hint"): Promise<number>;
  /** Texts of notifications on screen. */
  notifications(): Promise<string[]>;
  save(): Promise<void>;
  undo(): Promise<void>;
  screenshot(file: string): Promise<void>;
}

/** Milliseconds after which what was asked of the editor is asked again. */
const SOON = 5000;

/** Drives the editor in `page` by keys and by what is on screen. */
export function driver(page: Page): Driver {
  const { keyboard } = page;
  const quickInput = page.locator(".quick-input-widget");
  const editor = page.locator(".editor-group-container.active .monaco-editor");
  const editorHasFocus = async () =>
    (await page.locator(".editor-group-container.active .monaco-editor.focused").count()) > 0;
  const fixes = page.locator(".action-widget .monaco-list-row.action");
  const input = quickInput.locator("input.input");
  /**
   * Opens the quick input by a key and writes into it. It closes when focus moves, which what was done before may still do; what is
   * typed by keys then lands in the file. So it is filled as a whole, and asked for again when it closed.
   */
  const ask = (key: string, text: string) =>
    until(`the quick input takes ${text}`, async () => {
      if (!(await quickInput.isVisible())) await keyboard.press(key);
      await input.fill(text, { timeout: SOON });
      return (await input.inputValue({ timeout: SOON })) === text;
    });
  /** Takes the row of the open quick input whose label is exactly `label`. */
  const takeRow = async (label: string) => {
    const whole = new RegExp(`^${label.replace(/[^\w\s]/g, "\\$&")}$`);
    await quickInput.locator(".monaco-list-row .label-name").filter({ hasText: whole }).first().click();
    await quickInput.waitFor({ state: "hidden" });
  };
  const self: Driver = {
    page,
    openFile: async (relative) => {
      await ask("Control+P", relative);
      await takeRow(path.basename(relative));
      await page.locator(`.tab.active[data-resource-name="${path.basename(relative)}"]`).waitFor();
      await editor.locator(".view-line").first().waitFor();
    },
    command: async (title) => {
      const row = quickInput.locator(`.monaco-list-row[aria-label^="${title}"]`).first();
      await until(`the palette offers ${title}`, async () => {
        await ask("F1", `>${title}`);
        await row.waitFor({ timeout: SOON });
        return true;
      });
      // Once: a command that was run must not be run again because the editor is slow to answer.
      await row.click();
      // The palette gives way to nothing, or to a quick pick of the command.
      await until("the palette closes", async () => {
        return !(await quickInput.isVisible()) || !(await input.inputValue()).startsWith(">");
      });
    },
    commands: async (text) => {
      await ask("F1", `>${text}`);
      const names = quickInput.locator(".monaco-list-row .label-name");
      await names.filter({ hasText: text }).first().waitFor();
      const titles = await names.allInnerTexts();
      await keyboard.press("Escape");
      return titles;
    },
    pick: async (label) => {
      await input.fill(label);
      await takeRow(label);
    },
    goTo: async (line, column) => {
      await ask("Control+G", `:${line}:${column}`);
      await keyboard.press("Enter");
      await quickInput.waitFor({ state: "hidden" });
    },
    quickFixes: async () => {
      // A menu asked for while the focus is on its way back to the editor, or while findings change, does not open, or closes again.
      await until("the menu of the light bulb opens", async () => {
        if (!(await editorHasFocus())) await self.command("View: Focus Active Editor Group");
        await keyboard.press("Control+.");
        await fixes.first().waitFor({ timeout: SOON });
        return true;
      });
      return (await fixes.allInnerTexts()).map((title) => title.trim());
    },
    takeFix: async (title) => {
      const wanted = fixes.filter({ hasText: title });
      if ((await fixes.count()) === 0) await self.quickFixes();
      // The menu shows a part of a long list; the keys walk through all of it.
      for (let steps = 0; steps < 100 && (await wanted.count()) === 0; steps++) await keyboard.press("ArrowDown");
      await wanted.first().click();
      await page.locator(".action-widget").first().waitFor({ state: "hidden" });
    },
    hover: async () => {
      await keyboard.press("Control+K");
      await keyboard.press("Control+I");
      const content = page.locator(".monaco-hover:not(.hidden) .hover-contents");
      await content.first().waitFor();
      const texts = await content.allInnerTexts();
      await keyboard.press("Escape");
      return texts.join("\n");
    },
    complete: async (typed, label) => {
      await keyboard.type(typed);
      const row = page.locator(".suggest-widget.visible .monaco-list-row").filter({ hasText: label }).first();
      await row.waitFor();
      await row.click();
      await page.locator(".suggest-widget.visible").waitFor({ state: "hidden" });
    },
    problems: async (text) => {
      await self.command("Problems: Focus on Problems View");
      const panel = page.locator(".part.panel");
      // The panel renders the rows that fit; its filter brings the wanted ones into view.
      const filter = panel.locator(".viewpane-filter input");
      await filter.fill(text);
      const rows = panel.locator(".markers-panel-container .monaco-list-row").filter({ hasText: text });
      await until(
        "the filter applies",
        async () =>
          (await panel.locator(".markers-panel-container .monaco-list-row").count()) - (await rows.count()) <= 1,
      );
      const texts = await rows.allInnerTexts();
      await filter.fill("");
      return texts.map((row) => row.replace(/\s+/g, " ").trim());
    },
    goToProblem: async (text) => {
      let row = "";
      await until(`a problem with ${text}`, async () => {
        row = (await self.problems(text)).find((candidate) => /\[Ln \d+, Col \d+\]/.test(candidate)) ?? "";
        return row !== "";
      });
      const [, line, column] = /\[Ln (\d+), Col (\d+)\]/.exec(row) ?? [];
      await self.command("View: Focus Active Editor Group");
      await self.goTo(Number(line), Number(column));
      return row;
    },
    squiggles: (severity) => editor.locator(`.squiggly-${severity}`).count(),
    notifications: () => page.locator(".notification-toast .notification-list-item-message").allInnerTexts(),
    save: () => keyboard.press("Control+S"),
    undo: () => keyboard.press("Control+Z"),
    screenshot: async (file) => {
      mkdirSync(path.dirname(file), { recursive: true });
      await page.screenshot({ path: file });
    },
  };
  return self;
}
