// JupyterLab in a headless Chromium: one browser and one page for a file of tests, and a notebook in it as a user sees and
// touches it. What a test is about goes through the page (buttons, keys, menus); only what it needs beforehand, such as an open
// notebook, goes through JupyterLab's commands, which is faster. Everything waits for what the page shows.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, chromium as driver, type ConsoleMessage, type Locator, type Page } from "playwright-core";
import { type CodeCell, type Notebook, readNotebook } from "../../kernel/notebook.ts";
import { chromium } from "../chromium.ts";
import { Lab, type LabOptions, root } from "./lab.ts";

/** Git ignores this folder. */
export const SCREENSHOTS = join(root, "screenshots");

export const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Milliseconds; generous, since nothing but a failure takes them. */
const STEP_TIMEOUT = 45_000;
export const TEST_TIMEOUT = 120_000;

export const KERNEL = "TypeScript (Adjoint)";
export const METADATA = {
  kernelspec: { name: "adjoint", display_name: KERNEL, language: "typescript" },
  language_info: { name: "typescript" },
};

/** The parts of JupyterLab's application object that are used here. */
interface Application {
  restored: Promise<void>;
  commands: { execute(command: string, args?: object): Promise<unknown> };
  shell: {
    currentWidget: { sessionContext: SessionContext; dispose(): void };
    widgets(area: "main"): Iterable<{ sessionContext?: SessionContext; dispose(): void }>;
  };
}
interface SessionContext {
  ready: Promise<void>;
  session: { kernel: { info: Promise<object> } };
  shutdown(): Promise<void>;
}
declare const jupyterapp: Application;

export class LabPage {
  readonly lab: Lab;
  readonly page: Page;
  /** Errors of the page's scripts and on its console. */
  readonly errors: string[] = [];
  readonly #browser: Browser;
  #notebooks = 0;

  /** For a `before` hook: skips its suite where there is no Chromium or no JupyterLab. */
  static async start(context: Mocha.Context, options: LabOptions = {}): Promise<LabPage> {
    const executablePath = chromium(context);
    const lab = await Lab.start(context, options);
    let browser: Browser | undefined;
    try {
      browser = await driver.launch({ executablePath, args: ARGUMENTS });
      const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
      // A test that waits for what does not come fails by this, which says what it was.
      page.setDefaultTimeout(STEP_TIMEOUT);
      const labPage = new LabPage(lab, browser, page);
      await labPage.#load();
      return labPage;
    } catch (error) {
      await browser?.close();
      await lab.close();
      throw error;
    }
  }

  private constructor(lab: Lab, browser: Browser, page: Page) {
    this.lab = lab;
    this.page = page;
    this.#browser = browser;
    page.on("pageerror", (error) => this.errors.push(String(error.stack)));
    page.on("console", (message: ConsoleMessage) => {
      if (message.type() === "error") this.errors.push(`${message.text()} (${message.location().url})`);
    });
  }

  async #load(): Promise<void> {
    await this.page.goto(`${this.lab.url}lab?token=${this.lab.token}`);
    await this.page.locator(".jp-LauncherCard").first().waitFor();
    await this.page.evaluate(() => jupyterapp.restored);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.lab.close();
  }

  /** Runs one of JupyterLab's commands. */
  async command(name: string, args: Record<string, unknown> = {}): Promise<void> {
    await this.page.evaluate(
      async ([name, args]) => {
        await jupyterapp.commands.execute(name, args);
      },
      [name, args] as const,
    );
  }

  /** A notebook with these code cells, open, its kernel ready. */
  async notebook(...sources: string[]): Promise<NotebookPage> {
    const cells = sources.map((source, index) => ({
      cell_type: "code",
      execution_count: null,
      id: `cell-${index}`,
      metadata: {},
      outputs: [],
      source,
    }));
    const name = `test-${++this.#notebooks}.ipynb`;
    const content = JSON.stringify({ cells, metadata: METADATA, nbformat: 4, nbformat_minor: 5 });
    await writeFile(join(this.lab.folder, name), content);
    return this.open(name);
  }

  async open(name: string): Promise<NotebookPage> {
    await this.command("docmanager:open", { path: name, factory: "Notebook" });
    return this.front(name);
  }

  /** The notebook of this name, which is in front, once its kernel is ready. */
  async front(name: string): Promise<NotebookPage> {
    const notebook = new NotebookPage(this, name);
    await notebook.cells.first().waitFor();
    await this.ready();
    await notebook.idle();
    return notebook;
  }

  /** Waits until the kernel of what is in front has told of itself: JupyterLab runs nothing before that. */
  async ready(): Promise<void> {
    await this.page.evaluate(async () => {
      const { sessionContext } = jupyterapp.shell.currentWidget;
      await sessionContext.ready;
      await sessionContext.session.kernel.info;
    });
  }

  /** Closes what is open and ends the kernels, so that a test that fails does not stand in the way of the next. */
  async closeNotebooks(): Promise<void> {
    await this.page.evaluate(async () => {
      for (const widget of Array.from(jupyterapp.shell.widgets("main"))) {
        await widget.sessionContext?.shutdown();
        widget.dispose();
      }
    });
  }

  /** Keeps what the page looked like when a test failed, and says what the server and the page have logged. */
  async leaveEvidence(title: string): Promise<void> {
    const file = join(SCREENSHOTS, `failed-${title.replaceAll(/\W+/g, "-")}.png`);
    await this.page.screenshot({ path: file });
    console.log([`    ${file}`, ...this.errors, ...this.lab.log.slice(-15)].join("\n    "));
  }
}

/** The notebook in front. Cells are counted from 0, code cells only. */
export class NotebookPage {
  readonly labPage: LabPage;
  readonly page: Page;
  readonly name: string;
  readonly panel: Locator;
  readonly cells: Locator;

  constructor(labPage: LabPage, name: string) {
    this.labPage = labPage;
    this.page = labPage.page;
    this.name = name;
    this.panel = this.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)");
    this.cells = this.panel.locator(".jp-CodeCell");
  }

  cell(index: number): Locator {
    return this.cells.nth(index);
  }

  editor(index: number): Locator {
    return this.cell(index).locator(".jp-InputArea-editor .cm-content");
  }

  button(item: "save" | "run" | "interrupt" | "restart" | "restart-and-run"): Locator {
    return this.panel.locator(`.jp-NotebookPanel-toolbar [data-jp-item-name="${item}"] jp-button`);
  }

  /** Runs a cell with the keyboard; not waited for. */
  async start(index: number): Promise<void> {
    await this.editor(index).click();
    await this.page.keyboard.press("Control+Enter");
  }

  /** Runs a cell, waits for its end and returns its outputs. */
  async run(index: number): Promise<string[]> {
    const before = await this.prompt(index);
    await this.start(index);
    await this.ended(index, before);
    return this.outputs(index);
  }

  /** Waits until the cell shows a number, and one other than `before`. */
  async ended(index: number, before: string | null = null): Promise<void> {
    const numbered = this.cell(index)
      .locator(".jp-InputPrompt")
      .filter({ hasText: /^\[\d+\]:$/ });
    await numbered.filter({ hasNotText: before ?? "[ ]:" }).waitFor({ state: "attached" });
  }

  /** What stands before the cell: `[ ]:`, `[*]:` or `[7]:`. */
  async prompt(index: number): Promise<string | null> {
    return this.cell(index).locator(".jp-InputPrompt").textContent();
  }

  /** Waits until the kernel shows itself idle. */
  async idle(): Promise<void> {
    await this.panel.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').waitFor();
  }

  output(index: number): Locator {
    return this.cell(index).locator(".jp-OutputArea-output:not(.jp-Stdin)");
  }

  /** The text of each of a cell's outputs. */
  async outputs(index: number): Promise<string[]> {
    // Not `innerText`, which is empty for what is scrolled out of view.
    return (await this.output(index).allTextContents()).map((text) => text.trimEnd());
  }

  /** Waits until an output of the cell says this, and returns that output. */
  async shows(index: number, text: string | RegExp): Promise<Locator> {
    const found = this.output(index).filter({ hasText: text }).first();
    await found.waitFor();
    return found;
  }

  /** Saves, with the button if not otherwise, and reads the file once JupyterLab has written it. */
  async save(how = () => this.button("save").click()): Promise<Notebook> {
    const written = this.page.waitForResponse(
      (response) => response.request().method() === "PUT" && response.url().includes(`/api/contents/${this.name}`),
    );
    await how();
    assert.ok((await written).ok());
    return this.file();
  }

  async file(): Promise<Notebook> {
    return readNotebook(join(this.labPage.lab.folder, this.name));
  }

  /** Ends the kernel and closes the notebook. */
  async close(): Promise<void> {
    await this.page.evaluate(async () => {
      const widget = jupyterapp.shell.currentWidget;
      await widget.sessionContext.shutdown();
      widget.dispose();
    });
  }
}

export function codeCells({ cells }: Notebook): CodeCell[] {
  return cells.filter((cell): cell is CodeCell => cell.cell_type === "code");
}

/** Whether the browser could make a picture of an image. */
export function isDrawn(image: Locator): Promise<boolean> {
  return image.evaluate(async (element) => {
    const { decode, naturalWidth } = element as unknown as { decode(): Promise<void>; naturalWidth: number };
    await decode.call(element);
    return naturalWidth > 0;
  });
}
