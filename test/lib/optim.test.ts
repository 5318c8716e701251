// Optimizers and schedules against PyTorch's runs, and what they refuse.

import assert from "node:assert/strict";
import { nn, optim, type Tensor, tensor } from "../../lib/index.ts";
import { close } from "./close.ts";
import { vectors } from "./vector-files.ts";

interface Run {
  readonly optimizer: string;
  readonly kwargs: Record<string, unknown>;
  readonly w0: number[];
  readonly t: number[];
  readonly c: number[];
  readonly steps: { readonly loss: number; readonly w: number[] }[];
}

const optimizers = vectors<Run>("optimizers").flatMap(({ entries }) => entries);
const schedulers = vectors<{ scheduler: string; lrs: number[] }>("schedulers").flatMap(({ entries }) => entries);
const f64 = (values: number[]): Tensor => tensor(values, { dtype: "f64" });
const camel = (name: string): string => name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

const classes = { SGD: optim.SGD, Adam: optim.Adam, AdamW: optim.AdamW, RMSprop: optim.RMSprop, Adagrad: optim.Adagrad, Adadelta: optim.Adadelta, Adamax: optim.Adamax, NAdam: optim.NAdam, RAdam: optim.RAdam, Rprop: optim.Rprop }; // prettier-ignore

describe("optimizers", () => {
  for (const run of optimizers) {
    it(`${run.optimizer} ${JSON.stringify(run.kwargs)} makes PyTorch's steps`, () => {
      const w = f64(run.w0).requiresGrad_();
      const options = Object.fromEntries(Object.entries(run.kwargs).map(([name, value]) => [camel(name), value]));
      const optimizer = new classes[run.optimizer as keyof typeof classes]([w], options);
      for (const { loss: expected, w: after } of run.steps) {
        optimizer.zeroGrad();
        const d = w.sub(f64(run.t));
        const loss = d
          .square()
          .div(2)
          .add(d.pow(4).mul(f64(run.c)).div(4))
          .sum();
        close(loss.detach(), expected);
        loss.backward();
        optimizer.step();
        close(w.detach(), f64(after));
      }
    });
  }

  it("train groups with options of their own, and views", () => {
    const a = tensor([1, 1], { requiresGrad: true });
    const b = tensor([[1, 2], [3, 4]]).t().requiresGrad_(); // prettier-ignore
    const optimizer = new optim.SGD([{ params: [a], lr: 1 }, { params: [b] }], { lr: 0.5 });
    a.sum().add(b.sum()).backward();
    optimizer.step();
    assert.deepEqual(a.toArray(), [0, 0]);
    assert.deepEqual(b.toArray(), [[0.5, 2.5], [1.5, 3.5]]); // prettier-ignore
  });

  it("are typed for groups, whose options are those of the optimizer", () => {
    const [body, head] = [nn.linear(2, 3), nn.linear(3, 1)];
    const groups = [
      { params: body.parameters(), lr: 1e-4 },
      { params: head.parameters(), betas: [0.8, 0.9] as const },
    ];
    const optimizer = new optim.Adam(groups, { lr: 1e-2, eps: 1e-6 });
    assert.deepEqual(
      optimizer.groups.map(({ options: { lr, betas, eps } }) => [lr, betas, eps]),
      [
        [1e-4, [0.9, 0.999], 1e-6],
        [1e-2, [0.8, 0.9], 1e-6],
      ],
    );
    // @ts-expect-error: SGD has no betas.
    assert.equal(new optim.SGD([{ params: [...head.parameters()], betas: [0.8, 0.9] }]).groups.length, 1);
  });

  it("refuse what cannot be trained, and options that make no sense", () => {
    assert.throws(() => new optim.SGD([]), /^TypeError: SGD: got no parameters$/);
    assert.throws(() => new optim.Adam([tensor(1)]), /Adam: only a parameter with requiresGrad/);
    const w = tensor(1, { requiresGrad: true });
    assert.throws(() => new optim.Adam([w], { lr: -1 }), /Adam: lr must not be negative, not -1/);
    assert.throws(() => new optim.Adam([w], { betas: [1, 0.9] }), /Adam: betas\[0\] must lie in \[0, 1\), not 1/);
    assert.throws(() => new optim.SGD([w], { nesterov: true }), /SGD: nesterov needs momentum/);
  });

  it("clipGradNorm scales gradients to a norm", () => {
    const a = tensor([0, 0], { requiresGrad: true });
    a.mul(tensor([3, 4]))
      .sum()
      .backward();
    assert.equal(optim.clipGradNorm([a], 1), 5);
    close(a.grad as Tensor, tensor([0.6, 0.8]), 1e-6);
    optim.clipGradValue([a], 0.7);
    close(a.grad as Tensor, tensor([0.6, 0.7]), 1e-6);
  });

  it("a step makes earlier graphs stale", () => {
    const w = tensor(2, { requiresGrad: true });
    const y = w.square();
    const optimizer = new optim.SGD([w], { lr: 1 });
    w.mul(1).backward();
    optimizer.step();
    assert.throws(() => y.backward(), /changed in place/);
  });
});

describe("schedules", () => {
  type Trained = ConstructorParameters<typeof optim.StepLR>[0];
  const make: Record<string, (o: Trained) => optim.Schedule> = {
    StepLR: (o) => new optim.StepLR(o, { stepSize: 3, gamma: 0.5 }),
    ExponentialLR: (o) => new optim.ExponentialLR(o, { gamma: 0.9 }),
    CosineAnnealingLR: (o) => new optim.CosineAnnealingLR(o, { tMax: 10, etaMin: 0.01 }),
    LinearLR: (o) => new optim.LinearLR(o, { startFactor: 0.1, totalIters: 5 }),
    MultiStepLR: (o) => new optim.MultiStepLR(o, { milestones: [2, 6] }),
    OneCycleLR: (o) => new optim.OneCycleLR(o, { maxLr: 0.5, totalSteps: 12 }),
    CosineAnnealingWarmRestarts: (o) => new optim.CosineAnnealingWarmRestarts(o, { t0: 4, tMult: 2 }),
    PolynomialLR: (o) => new optim.PolynomialLR(o, { totalIters: 8, power: 2 }),
  };
  for (const { scheduler, lrs } of schedulers) {
    it(`${scheduler} gives PyTorch's rates`, () => {
      const optimizer = new optim.SGD([tensor(1, { requiresGrad: true })], { lr: 0.1 });
      const schedule = make[scheduler]?.(optimizer) as optim.Schedule;
      const found: number[] = [];
      for (let k = 0; k < lrs.length; k++) {
        found.push(optimizer.lr);
        if (k < lrs.length - 1) schedule.step();
      }
      close(f64(found), f64(lrs));
    });
  }

  it("ReduceLROnPlateau lowers the rate where PyTorch's does", () => {
    const losses = [1, 0.9, 0.9, 0.91, 0.90005, 0.95, ...Array<number>(9).fill(0.8), ...Array<number>(5).fill(0.7)];
    const rates = (options: optim.PlateauOptions): Tensor => {
      const optimizer = new optim.SGD([tensor(0, { requiresGrad: true })], { lr: 1 });
      const schedule = new optim.ReduceLROnPlateau(optimizer, options);
      const seen = losses.map((loss, k) => {
        schedule.step(k % 2 === 0 ? loss : tensor(loss, { dtype: "f64" }));
        return optimizer.lr;
      });
      assert.deepEqual(schedule.getLastLr(), [optimizer.lr]);
      return tensor(seen, { dtype: "f64" });
    };
    // What torch.optim.lr_scheduler.ReduceLROnPlateau of PyTorch 2.15 gives for these losses, as powers: 0.5ᵏ, and 0.1ᵏ down to 0.005.
    const halves = (exponents: number[]): Tensor =>
      tensor(
        exponents.map((k) => 0.5 ** k),
        { dtype: "f64" },
      );
    close(rates({ factor: 0.5, patience: 1 }), halves([0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 6, 7, 7, 8]));
    close(
      rates({ mode: "max", factor: 0.5, patience: 2, threshold: 0.05, thresholdMode: "abs" }),
      halves([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6]),
    );
    const tenths = [
      ...Array<number>(3).fill(1),
      ...Array<number>(5).fill(0.1),
      ...Array<number>(4).fill(0.01),
      ...Array<number>(8).fill(0.005),
    ];
    close(rates({ factor: 0.1, patience: 1, cooldown: 2, minLr: 0.005 }), tensor(tenths, { dtype: "f64" }));
    const w = tensor(0, { requiresGrad: true });
    assert.throws(
      () => new optim.ReduceLROnPlateau(new optim.SGD([w]), { factor: 1 }),
      /^RangeError: ReduceLROnPlateau: the factor must lie in \[0, 1\), not 1/,
    );
  });
});
