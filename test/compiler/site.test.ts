// Ten notes that link to each other, as a site whose every link leads somewhere; and a site that is built again while it is read.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { withScript } from "../../notebooks/compiler/page/shell.ts";
import { vaultOf } from "./lessons.ts";

const bin = fileURLToPath(new URL("../../../bin/adjoint.js", import.meta.url));

const notes: Record<string, string> = {
  "Start.md":
    "---\ntags: [start]\n---\n# Start\n\n[[Chain rule]], [[deep/Tape|the tape]], [[#Part two]] and [plain](deep/Tape.md#walking-it).\n\n## Part two\n\nx\n",
  "Chain rule.md": "# Chain rule\n\n$$y = f(g(x))$$ ^chain\n\nBack to [[Start#Part two]].\n",
  "deep/Tape.md": "#tape\n\n## Walking it\n\nSee [[Chain rule#^chain]] and ![[Jacobian#Shape]]\n",
  "deep/Jacobian.md": "# Jacobian\n\n## Shape\n\n$J$ of [[Sigmoid]]\n",
  "Sigmoid.md": "A note[^1] with ==marks==, [[Start]].\n\n[^1]: And [[deep/Jacobian]].\n",
  "Loss.md": "> [!note]- Fold\n> [[Sigmoid]]\n\n| a |\n|---|\n| [[Start\\|s]] |\n",
  "Train.md": "- [ ] [[Loss]] ^todo\n",
  "Data & more.md": "[[Train#^todo]]\n",
  "Forward.md": "![[Chain rule]]\n",
  "Ünïcode.md": "[[Data & more]], [[Forward]], [[Ünïcode]]\n",
};

describe("adjoint lesson --site", function () {
  this.timeout(60_000);
  let vault: ReturnType<typeof vaultOf>;
  const children = new Set<ChildProcess>();
  before(() => {
    vault = vaultOf(notes);
  });
  after(() => {
    for (const child of children) child.kill("SIGKILL");
    vault.remove();
  });

  const start = (...args: string[]) => {
    const child = spawn(process.execPath, [bin, "lesson", ...args], {
      cwd: vault.folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    children.add(child);
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
    return { child, text: () => stderr };
  };

  it("builds ten notes without a link that leads nowhere", async () => {
    const { child, text } = start(".", "-o", "out", "--site", "--no-execute");
    const [code] = (await once(child, "close")) as [number];
    assert.equal(code, 0, text());
    assert.doesNotMatch(text(), /there is no/);
    const out = join(vault.folder, "out");
    const pages = ["index.html", ...Object.keys(notes).map((name) => name.replace(/\.md$/, ".html"))];
    const anchors = (page: string): string[] =>
      [...readFileSync(page, "utf8").matchAll(/ id="([^"]+)"/g)].map(([, id = ""]) => id);
    let links = 0;
    for (const page of pages) {
      const html = readFileSync(join(out, page), "utf8");
      for (const [, href = ""] of html.matchAll(/<a [^>]*?href="([^"]+)"/g)) {
        const [path = "", fragment] = href.split("#");
        const target = path === "" ? join(out, page) : join(out, dirname(page), decodeURIComponent(path));
        assert.ok(existsSync(target), `${page}: ${href}`);
        links++;
        if (fragment === undefined || fragment === "" || fragment.startsWith("tag:")) continue;
        assert.ok(anchors(target).includes(decodeURIComponent(fragment)), `${page}: ${href}`);
      }
    }
    assert.ok(links > 60, `${links} links`);
    const index = readFileSync(join(out, "index.html"), "utf8");
    assert.equal(index.match(/<li data-lesson=/g)?.length, 10);
    assert.match(index, /<a href="#tag:tape">#tape<\/a>/);
    const sigmoid = readFileSync(join(out, "Sigmoid.html"), "utf8");
    assert.match(
      sigmoid,
      /<ul class="backlinks"><li><a href="deep\/Jacobian\.html">Jacobian<\/a><\/li><li><a href="Loss\.html">Loss<\/a><\/li><\/ul>/,
    );
  });

  it("--watch builds what was saved, and tells the browser", async () => {
    const { child, text } = start("Sigmoid.md", "Start.md", "-o", "watched", "--no-execute", "--watch");
    let url: RegExpExecArray | null = null;
    while ((url = /watching; (http:\/\/127\.0\.0\.1:\d+\/)(\S+)/.exec(text())) === null)
      await once(child.stderr, "data");
    const [, root = "", page = ""] = url;
    const html = await (await fetch(root + page)).text();
    assert.match(html, /adjoint-events/);
    const events = (await fetch(`${root}adjoint-events`)).body?.getReader();
    assert.ok(events);
    const heard = async (): Promise<void> => {
      for (let told = ""; !told.includes("event: built");)
        told += new TextDecoder().decode((await events.read()).value);
    };
    // The watcher is ready when it sees a save: repeated, for there is no other sign of it.
    const saving = setInterval(() => writeFileSync(join(vault.folder, "Sigmoid.md"), "New text.\n"), 200);
    await heard();
    clearInterval(saving);
    assert.match(await (await fetch(root + page)).text(), /New text\./);
    assert.doesNotMatch(readFileSync(join(vault.folder, "watched", "Sigmoid.html"), "utf8"), /adjoint-events/);
    assert.equal((await fetch(`${root}../Sigmoid.md`)).status, 404);
    assert.equal((await fetch(`${root}%2e%2e/%2e%2e/etc/passwd.html`)).status, 404);
    child.kill("SIGINT");
    const [code] = (await once(child, "close")) as [number];
    assert.equal(code, 0, text());
  });

  it("a page that is watched lets one script more run", () => {
    const html = withScript("<meta content=\"default-src 'none'; script-src 'a'\">\n</body>\n</html>", "1");
    assert.match(html, /connect-src 'self'; script-src 'sha256-[^']+' 'a'/);
    assert.match(html, /<script>1<\/script>\n<\/body>/);
  });
});
