// Bad input: each error names the call, the values and, where there is one, the remedy; and what was there before is there after.

import assert from "node:assert/strict";
import {
  at, binaryCrossEntropy, cholesky, crossEntropy, data, eye, full, grad, hessian, jvp, loadSafetensors, multinomial, nn, noGrad, ones, optim,
  saveSafetensors, type Tensor, tensor, vmap, zeros,
} from "../../lib/index.ts"; // prettier-ignore

const i32 = (values: number[]): Tensor => tensor(values, { dtype: "i32" });
const parameter = (): Tensor => tensor([1, 2, 3], { requiresGrad: true });
/** What no type would let through. */
const untyped = (value: unknown): never => value as never;
const x: Tensor = ones([2, 3]);

/** Bytes of a safetensors file with this header. */
function safetensors(header: unknown, size: number): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + size);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}
const whole = saveSafetensors({ w: ones([2, 2]) });

const cases: Record<string, [() => unknown, string]> = {
  "rows of different lengths": [() => tensor(untyped([[1, 2], [3]])), "RangeError: tensor: the rows differ in length: expected 2 elements, found an array of 1"],
  "rows of different depths": [() => tensor(untyped([[[1], [2]], [[3], 4]])), "RangeError: tensor: the rows differ in length: expected 1 elements, found 4"],
  "text among numbers": [() => tensor(untyped([1, "2"])), "TypeError: tensor: expected numbers, found string (2)"],
  "nothing among numbers": [() => tensor(untyped([1, null])), "TypeError: tensor: expected numbers, found null (null)"],
  "a dtype that is none": [() => tensor([1], untyped({ dtype: "float32" })), 'TypeError: tensor: there is no dtype float32; there are "f32", "f64", "i32" and "bool"'],
  "a dtype to convert to": [() => x.to(untyped("cuda")), 'TypeError: to: there is no dtype cuda; there are "f32", "f64", "i32" and "bool" (and one device)'],
  "NaN as a whole number": [() => i32([NaN]), "RangeError: tensor: NaN is no number that an i32 holds, from -2147483648 to 2147483647; take f64 instead"],
  "a number too large": [() => tensor(Float64Array.of(2 ** 40), { dtype: "i32" }), "RangeError: tensor: 1099511627776 is no number that an i32 holds, from -2147483648 to 2147483647; take f64 instead"],
  "a negative size": [() => zeros([-1]), "RangeError: zeros: a shape holds whole numbers that are not negative, not [-1]"],
  "half a size": [() => eye(1.5), "RangeError: eye: a shape holds whole numbers that are not negative, not [1.5, 1.5]"],
  "text to fill with": [() => full([2], untyped("a")), "TypeError: full: expected a number, got string"],
  "shapes that do not broadcast": [() => x.add(ones([4])), "RangeError: add: shapes do not broadcast: [2, 3] and [4]"],
  "a product with a single number": [() => x.matmul(tensor(3)), "RangeError: matmul: needs at least one dimension: [2, 3] and []"],
  "a dim that is not there": [() => x.sum(3), "RangeError: sum: dim 3 is out of range for [2, 3]"],
  "a dim in an object": [() => x.sum(untyped({ dim: 0 })), "TypeError: sum: dim must be a whole number or a list of them, not object; write x.sum(0)"],
  "an index that is not there": [() => at(x, 2), "RangeError: at: index 2 is out of range for [2, 3]"],
  "half an index": [() => x.at(0.5), "RangeError: at: index 0.5 is out of range for [2, 3]"],
  "an index of floats": [() => x.gather(0, ones([1, 3])), 'TypeError: gather: an index must hold whole numbers (i32), not f32; convert it: index.to("i32")'],
  "a word that is not there": [() => nn.embedding(3, 2).forward(i32([3])), "RangeError: embedding: index 3 is out of range for 3 elements"],
  "inputs of another width": [() => nn.linear(3, 2).forward(untyped(ones([2, 4]))), "RangeError: linear: input [2, 4] does not fit weight [2, 3] ([out, in])"],
  "an image smaller than the kernel": [() => nn.conv2d(1, 2, 3).forward(ones([1, 1, 2, 2])), "RangeError: conv2d: the kernel [3, 3] is larger than the padded input [1, 1, 2, 2]"],
  "one example to normalise": [() => nn.batchNorm(3).forward(ones([1, 3])), "RangeError: batchNorm: one value a channel has no variance; got [1, 3] while training"],
  "a class that is not there": [() => crossEntropy(x, i32([0, 3])), "RangeError: crossEntropy: index 3 is out of range for 3 elements"],
  "targets of another batch": [() => crossEntropy(x, i32([0])), "RangeError: crossEntropy: targets [1] do not fit scores [2, 3]"],
  "scores as probabilities": [() => binaryCrossEntropy(tensor([1.5]), tensor([1])), "RangeError: binaryCrossEntropy: 1.5 is not a probability; of scores before a sigmoid take binaryCrossEntropyWithLogits"],
  "NaN as a probability": [() => binaryCrossEntropy(tensor([NaN]), tensor([1])), "RangeError: binaryCrossEntropy: NaN is not a probability; of scores before a sigmoid take binaryCrossEntropyWithLogits"],
  "NaN as a weight": [() => multinomial(tensor([NaN, 1]), 1), "RangeError: multinomial: weights must not be negative"],
  "NaN as a rate": [() => new optim.SGD([parameter()], { lr: NaN }), "RangeError: SGD: lr must not be negative, not NaN"],
  "a matrix with no Cholesky factor": [() => cholesky(tensor([[NaN, 0], [0, 1]])), "RangeError: cholesky: the matrix is not positive definite (minor 1 of 2)"],
  "a singular matrix": [() => zeros([2, 2]).inverse(), "RangeError: inverse: the matrix is singular (pivot 1 of 2 is zero)"],
  "backward of three numbers": [() => parameter().mul(2).backward(), "RangeError: backward: only a single number has a gradient of its own, not shape [3]; reduce it (x.sum(), x.mean()) or pass {gradient}"],
  "backward of a constant": [() => x.sum().backward(), "TypeError: backward: this tensor was computed from nothing that needs a gradient; make a parameter with {requiresGrad: true}, and compute outside noGrad"],
  "backward twice": [
    () => {
      const y = parameter().square().sum();
      y.backward();
      y.backward();
    },
    "Error: backward: this graph was already walked and freed by an earlier backward(); pass {retainGraph: true} to that one, or compute the loss anew",
  ],
  "a graph of which a part was freed": [
    () => {
      const h = parameter().exp();
      h.sum().backward();
      h.mul(2).sum().backward();
    },
    "Error: backward: this graph was already walked and freed by an earlier backward(); pass {retainGraph: true} to that one, or compute the loss anew",
  ],
  "a value that was changed meanwhile": [
    () => {
      const a = parameter().mul(1);
      const y = a.square().sum();
      a.add_(1);
      y.backward();
    },
    "Error: backward: a tensor of shape [3] that square needs for its derivative was changed in place after it was used; change a copy instead: x.clone()",
  ],
  "a parameter that is changed while recording": [() => parameter().add_(1), "TypeError: add_: a parameter that needs a gradient cannot be changed while recording; do it inside noGrad(() => …)"],
  "a cotangent of another shape": [() => parameter().sum().backward({ gradient: ones([2]) }), "RangeError: backward: the gradient has shape [2], the tensor []"],
  "a gradient of whole numbers": [() => i32([1]).requiresGrad_(), 'TypeError: requiresGrad: only f32 and f64 tensors have gradients, not i32; convert it first: x.to("f32")'],
  "grad at whole numbers": [() => grad((a: Tensor) => a.sum())(i32([1])), 'TypeError: grad: only f32 and f64 tensors have derivatives, not i32; convert it first: x.to("f32")'],
  "grad of no function": [() => grad(untyped(3)), "TypeError: grad: expected a function, got number"],
  "grad of a function with many results": [() => grad((a: Tensor) => a.mul(2))(ones([3])), "RangeError: grad: the function must return a single number, not shape [3]; sum it, or use jacrev or vjp"],
  "a Hessian of many results": [() => hessian((a: Tensor) => a)(ones([2])), "RangeError: hessian: the function must return a single number, not shape [2]; sum it, or use jacrev or vjp"],
  "a tangent of another shape": [() => jvp((a: Tensor) => a, [ones([2])], [ones([3])]), "RangeError: jvp: the tangent has shape [3], its value [2]"],
  "mapping over axes of two sizes": [() => vmap((a: Tensor, b: Tensor) => a.add(b))(ones([2]), ones([3])), "RangeError: vmap: the mapped axes have different sizes: 2 and 3"],
  "an asynchronous function without gradients": [() => noGrad(async () => 1), "TypeError: noGrad: needs a function that returns when it is done, not a promise"],
  "no parameters": [() => new optim.Adam([]), "TypeError: Adam: got no parameters"],
  "a model for its parameters": [() => new optim.SGD(untyped(nn.linear(2, 3)), { lr: 1 }), "TypeError: SGD: expected a list of parameters; of a model take model.parameters()"],
  "a state of another model": [() => nn.linear(2, 3).loadStateDict(nn.linear(3, 2).stateDict()), "RangeError: loadStateDict: weight has shape [3, 2], the state [2, 3]"],
  "batches of nothing": [() => new data.DataLoader(data.xor(), { batchSize: 0 }), "RangeError: DataLoader: a batch must hold at least one example, not 0"],
  "a single number of six": [() => x.item(), "RangeError: item: only a tensor of one element is a single number, not shape [2, 3]; use toArray()"],
  "an operator": [() => Number(x) + 1, "TypeError: JavaScript's operators do not work on tensors; use x.add(y), x.mul(y), x.lt(y), …, or x.item() for a single number"],
  "a file of four bytes": [() => loadSafetensors(whole.subarray(0, 4)), "RangeError: loadSafetensors: a file of 4 bytes is cut short: the length of the header alone takes 8"],
  "a file cut in its header": [() => loadSafetensors(whole.subarray(0, 20)), `RangeError: loadSafetensors: the header is said to have ${whole.length - 24} bytes, the file has 20: it is cut short, or not in this format`],
  "a file cut in its numbers": [() => loadSafetensors(whole.subarray(0, whole.length - 1)), "RangeError: loadSafetensors: w ends at 16, the file has 15 bytes for tensors: it is cut short"],
  "offsets that lie": [() => loadSafetensors(safetensors({ w: { dtype: "F32", shape: [2], data_offsets: [0, 4] } }, 4)), "RangeError: loadSafetensors: w of shape [2] takes 8 bytes, its offsets 0 to 4 hold 4"],
  "tensors that overlap": [
    () => loadSafetensors(safetensors({ a: { dtype: "F32", shape: [2], data_offsets: [0, 8] }, b: { dtype: "F32", shape: [2], data_offsets: [4, 12] } }, 12)),
    "RangeError: loadSafetensors: b begins at 4, the one before it ends at 8",
  ],
  "a type that is none": [() => loadSafetensors(safetensors({ w: { dtype: "F8", shape: [1], data_offsets: [0, 1] } }, 1)), "RangeError: loadSafetensors: w has the type F8, which is none of F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL"],
  "a whole number of 64 bits": [
    () => {
      const file = safetensors({ w: { dtype: "I64", shape: [1], data_offsets: [0, 8] } }, 8);
      new DataView(file.buffer).setBigInt64(file.length - 8, 2n ** 40n, true);
      return loadSafetensors(file);
    },
    "RangeError: loadSafetensors: w holds 1099511627776, which is more than an i32 can",
  ],
}; // prettier-ignore

describe("bad input", () => {
  for (const [what, [call, expected]] of Object.entries(cases)) {
    it(`${what} is refused in words that help`, () => {
      assert.throws(call, (error) => {
        assert.equal(String(error), expected);
        return true;
      });
      // Whatever was going on is over.
      const w = parameter();
      w.square().sum().backward();
      assert.deepEqual(w.grad?.toArray(), [2, 4, 6]);
    });
  }
});
