// `data`: sets of examples, batches, small synthetic sets.

export { digits } from "./digits.ts";
export { iris, IRIS_CLASSES, IRIS_FEATURES } from "./iris.ts";
export { DataLoader, randomSplit, TensorDataset } from "./loader.ts";
export type { LoaderOptions } from "./loader.ts";
export { moons, spirals, xor } from "./synthetic.ts";
export type { PointsOptions } from "./synthetic.ts";
