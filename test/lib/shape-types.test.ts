// Shapes in types, as the declarations have them that users get, checked by the real compiler: what must be an error, with its text, and what must not be one, as learners write it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const PRELUDE = `import * as adjoint from "../../dist/lib/index.js";
import { arange, cat, einsum, exp, eye, full, grad, linear, matmul, mseLoss, noGrad, ones, sum, type Tensor, tensor, valueAndGrad, zeros } from "../../dist/lib/index.js";
declare function shape<S>(x: { readonly shape: S }, check: (s: S) => void): void;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : never;
declare function is<A, B>(same: Same<A, B>): void;
void adjoint;
`;

/** The compiler's messages for one text a file, in one run. */
function check(texts: readonly string[]): string[][] {
  const folder = mkdtempSync(join(ROOT, "test", "types-"));
  try {
    texts.forEach((text, k) => writeFileSync(join(folder, `case-${k}.ts`), `${PRELUDE}\n${text}\nexport {};\n`));
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        extends: "../../tsconfig.json",
        compilerOptions: {
          noEmit: true,
          incremental: false,
          tsBuildInfoFile: null,
          rootDir: "../..",
          noUnusedLocals: false,
          // The declarations are what is tested: what is missing in one would be `any`.
          skipLibCheck: false,
          types: [],
        },
        include: ["*.ts"],
      }),
    );
    const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
    const { stdout } = spawnSync(process.execPath, [tsc, "-p", folder, "--pretty", "false"], { encoding: "utf8" });
    const found = texts.map(() => [] as string[]);
    for (const line of stdout.split("\n")) {
      const match = /case-(\d+)\.ts\(\d+,\d+\): error (.*)$/.exec(line);
      if (match !== null) found[Number(match[1])]?.push(match[2] as string);
      else if (line.startsWith("  ")) continue;
      else if (line.trim() !== "") assert.fail(line);
    }
    return found;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const MISTAKES: Record<string, string> = {
  "zeros([4, 2]).matmul(zeros([3, 5]))": "matmul: inner dimensions differ: [4, 2] and [3, 5]",
  "matmul(zeros([4, 2]), zeros([3, 5]))": "matmul: inner dimensions differ: [4, 2] and [3, 5]",
  "zeros([2, 3]).matmul(zeros([2]))": "matmul: inner dimensions differ: [2, 3] and [2]",
  "tensor(1).matmul(zeros([2]))": "matmul: needs at least one dimension: [] and [2]",
  "zeros([2, 3]).add(zeros([4]))": "add: shapes do not broadcast: [2, 3] and [4]",
  "tensor([1, 2]).mul(tensor([[1, 2, 3]]))": "mul: shapes do not broadcast: [2] and [1, 3]",
  "zeros([2, 3]).sum(2)": "sum: dim 2 is out of range for [2, 3]",
  "zeros([2, 3]).mean(-3)": "mean: dim -3 is out of range for [2, 3]",
  "zeros([2, 3]).reshape([4, 2])": "reshape: [2, 3] has 6 elements, [4, 2] has 8",
  "zeros([2, 3]).reshape(4, 2)": "reshape: [2, 3] has 6 elements, [4, 2] has 8",
  "zeros([1, 3]).transpose(0, 1).view(3).view(2, 2, 2)": "reshape: [3] has 3 elements, [2, 2, 2] has 8",
  "zeros([2, 3]).transpose(0, 2)": "transpose: dim 2 is out of range for [2, 3]",
};

const FINE: Record<string, string> = {
  "literals infer their shape": `
    is<typeof a, Tensor<[2, 2]>>(true); const a = tensor([[1, 2], [3, 4]]);
    is<typeof b, Tensor<[]>>(true); const b = tensor(1, { requiresGrad: true });
    is<typeof c, Tensor<[2, 3]>>(true); const c = zeros([2, 3], { dtype: "f64" });
    is<typeof d, Tensor<[2, 3]>>(true); const d = ones(2, 3);
    is<typeof d2, Tensor<[2, 3]>>(true); const d2 = ones(2, 3, { requiresGrad: true });
    is<typeof d3, Tensor<[3, 2]>>(true); const d3 = d2.view(3, 2); is<typeof d4, Tensor<[number, 2]>>(true); const d4 = d2.view(-1, 2);
    is<typeof d5, Tensor<[2, 3]>>(true); const d5 = d3.permute(1, 0); is<typeof d6, Tensor<[4, 3, 2]>>(true); const d6 = d3.expand(4, 3, 2);
    is<typeof e, Tensor<[3, 3]>>(true); const e = eye(3);
    is<typeof f, Tensor<[number]>>(true); const f = arange(3);
    const rows: number[][] = []; const g = tensor(rows); is<typeof g, Tensor<[number, number]>>(true);
    is<typeof h, Tensor<[number]>>(true); const h = tensor(new Float32Array(3));`,
  "operations compute shapes": `
    const a = zeros([4, 2]), b = zeros([2, 3]), v = zeros([3]);
    const ab = a.matmul(b).add(v).sigmoid(); is<typeof ab, Tensor<[4, 3]>>(true);
    const s = ab.sum(); is<typeof s, Tensor<[]>>(true);
    const s0 = ab.sum(0); is<typeof s0, Tensor<[3]>>(true);
    const s1 = ab.mean(-1, true); is<typeof s1, Tensor<[4, 1]>>(true);
    const s2 = zeros([2, 3, 4]).amax([0, 2]); is<typeof s2, Tensor<[3]>>(true);
    const s3 = ab.sum(1, { keepdim: true }); is<typeof s3, Tensor<[4, 1]>>(true);
    const r = ab.reshape([2, 6]); is<typeof r, Tensor<[2, 6]>>(true);
    const q = ab.reshape([2, -1]); is<typeof q, Tensor<[2, number]>>(true);
    const t = ab.t(); is<typeof t, Tensor<[3, 4]>>(true);
    const p = zeros([2, 3, 4]).permute([2, 0, 1]); is<typeof p, Tensor<[4, 2, 3]>>(true);
    const w = zeros([2, 3, 4]).transpose(0, -1); is<typeof w, Tensor<[4, 3, 2]>>(true);
    const m = v.matmul(v); is<typeof m, Tensor<[]>>(true);
    const mv = b.matmul(v); is<typeof mv, Tensor<[2]>>(true);
    const bm = zeros([5, 4, 2]).matmul(b); is<typeof bm, Tensor<[5, 4, 3]>>(true);
    const n = ab.mul(2).add(1).pow(2); is<typeof n, Tensor<[4, 3]>>(true);
    const outer = zeros([2, 1]).add(zeros([1, 3])); is<typeof outer, Tensor<[2, 3]>>(true);
    const row = ab.at(0); is<typeof row, Tensor<[3]>>(true);
    const item: number = ab.at(0).at(1).item(); void item;`,
  "every tensor can be assigned to plain Tensor": `
    const list: Tensor[] = [zeros([2]), ones([3, 4]), tensor(1)];
    let h: Tensor = zeros([2, 3]);
    h = h.matmul(zeros([3, 4])); h = h.sum(0); h = h.reshape([2, 2]);
    const f = (x: Tensor): Tensor => x.add(1); f(zeros([2])); f(tensor(1));
    const record: Record<string, Tensor> = { w: zeros([2, 2]), b: zeros([2]) };
    void list; void record;`,
  "unknown sizes fit": `
    const n: number = 3; const x = zeros([n, 2]); const y = x.matmul(zeros([2, 4]));
    is<typeof y, Tensor<[number, 4]>>(true);
    const z = y.add(zeros([4])); is<typeof z, Tensor<[number, 4]>>(true);
    declare const u: Tensor; const v = u.matmul(zeros([3, 4])).add(zeros([9])); is<typeof v, Tensor>(true);
    u.sum(5); u.reshape([3, 3]).add(u);
    const k: number = 1; zeros([2, 3]).sum(k);`,
  "loops over layers": `
    const layers: { forward(x: Tensor): Tensor }[] = [];
    let h: Tensor = zeros([4, 2]);
    for (const layer of layers) h = layer.forward(h);
    const last = h.sigmoid(); void last;`,
  "training loops": `
    const w = zeros([2, 3], { requiresGrad: true }), b = zeros([3], { requiresGrad: true });
    const params = [w, b];
    const x = ones([4, 2]), y = zeros([4, 3]);
    const losses: number[] = [];
    let total = tensor(0);
    for (let step = 0; step < 10; step++) {
      const loss = mseLoss(x.matmul(w).add(b).tanh(), y);
      loss.backward();
      noGrad(() => { for (const p of params) { if (p.grad !== null) p.sub_(p.grad.mul(0.1)); p.zeroGrad(); } });
      losses.push(loss.item());
      total = total.add(x.sum().detach());
    }
    let v = zeros([2]);
    for (let step = 0; step < 3; step++) v = v.mul(0.9).add(ones([2]).mul(0.1));
    let weights = zeros([2, 3]);
    weights = weights.sub(w.grad === null ? 0 : ones([2, 3]).mul(0.1));`,
  "functions of trees": `
    const f = (p: { w: Tensor; b: Tensor }, x: Tensor) => x.matmul(p.w).add(p.b).square().sum();
    const [loss, g] = valueAndGrad(f)({ w: zeros([2, 3]), b: zeros([3]) }, ones([4, 2]));
    const gw: Tensor = g.w; loss.item(); void gw;
    const d = grad((x: Tensor) => x.sum())(ones([3])); const dd: Tensor = d; void dd;
    const second = grad(grad((x: Tensor) => x.pow(3).sum())); second(tensor(2)).item();
    const pair = grad((ws: Tensor[]) => (ws[0] as Tensor).sum())([ones([2])]); const first: Tensor | undefined = pair[0]; void first;`,
  "mixed lists and conditions": `
    const flag = Math.random() > 0.5;
    const x = flag ? zeros([2, 3]) : zeros([4, 3]);
    const y = x.add(ones([3])); const z: Tensor = y; void z; const e2 = exp(x); e2.sum(); is<typeof n0, Tensor<[]>>(true); const n0 = exp(1);
    const c = cat([zeros([2, 3]), zeros([4, 3])], 0); c.sum(); einsum("ij->i", c);
    const e = [1, 2, 3].map((n) => full([n], n)); e.map((t) => t.sum().item());
    const s = [zeros([2]), ones([2])].reduce((a, b) => a.add(b)); s.sum();`,
};

describe("shapes in types", () => {
  let mistakes: string[][] = [];
  let fine: string[][] = [];

  before(function () {
    this.timeout(120_000);
    const found = check([...Object.keys(MISTAKES), ...Object.values(FINE)]);
    mistakes = found.slice(0, Object.keys(MISTAKES).length);
    fine = found.slice(Object.keys(MISTAKES).length);
  });

  Object.entries(MISTAKES).forEach(([text, message], k) => {
    it(`${text} is an error, and says why`, () => {
      assert.equal(mistakes[k]?.length, 1);
      assert.ok(mistakes[k]?.[0]?.includes(`ShapeError<"${message}">`), mistakes[k]?.[0]);
    });
    it(`${text} says the same at run time`, async () => {
      const { matmul, tensor, zeros } = await import("../../lib/index.ts");
      // A context of the same realm's functions: the text is one of the table above.
      assert.throws(
        () => runInNewContext(text, { matmul, tensor, zeros, Array }) as unknown,
        (error: Error) => error.message === message,
      );
    });
  });

  Object.keys(FINE).forEach((name, k) => {
    it(`no error: ${name}`, () => assert.deepEqual(fine[k], []));
  });
});
