// `optim`: optimizers, schedules of their learning rate, limits for gradients.

export { Optimizer } from "./optimizer.ts";
export type { Trainable } from "./optimizer.ts";
export { Rprop, SGD } from "./gradient-descent.ts";
export type { RpropOptions, SGDOptions } from "./gradient-descent.ts";
export { Adadelta, Adagrad, RMSprop } from "./adaptive.ts";
export type { AdadeltaOptions, AdagradOptions, RMSpropOptions } from "./adaptive.ts";
export { Adam, Adamax, AdamW, NAdam, RAdam } from "./adam.ts";
export type { AdamOptions, NAdamOptions } from "./adam.ts";
export {
  CosineAnnealingLR, CosineAnnealingWarmRestarts, ExponentialLR, LambdaLR, LinearLR, MultiStepLR, OneCycleLR, PolynomialLR, Schedule, StepLR,
} from "./schedule.ts"; // prettier-ignore
export type { OneCycleOptions } from "./schedule.ts";
export { ReduceLROnPlateau } from "./plateau.ts";
export type { PlateauOptions } from "./plateau.ts";
export { clipGradNorm, clipGradValue } from "./clip.ts";
