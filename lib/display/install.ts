// Gives the library's own classes the methods by which notebooks and `console.log` show them. Tensors have them with their other methods.

import { DataLoader, TensorDataset } from "../data/loader.ts";
import { Module } from "../nn/module.ts";
import { Optimizer } from "../optim/optimizer.ts";
import { ReduceLROnPlateau } from "../optim/plateau.ts";
import { Schedule } from "../optim/schedule.ts";
import { Generator } from "../random.ts";
import { type Bundle, DENO_INSPECT, DISPLAY, INSPECT } from "./bundle.ts";
import { moduleBundle } from "./model.ts";
import { plateauBundle, scheduleBundle } from "./schedule.ts";
import { datasetBundle, generatorBundle, loaderBundle, optimizerBundle } from "./training.ts";

function install<T extends object>(prototype: T, show: (value: T) => Bundle, text?: (value: T) => string): void {
  const method = (call: (value: T) => unknown): PropertyDescriptor => ({
    value(this: T): unknown {
      return call(this);
    },
    writable: true,
    configurable: true,
  });
  Object.defineProperty(prototype, DISPLAY, method(show));
  const inspect = method(text ?? ((value) => show(value)["text/plain"]));
  Object.defineProperty(prototype, INSPECT, inspect);
  Object.defineProperty(prototype, DENO_INSPECT, inspect);
}

install(Module.prototype, moduleBundle, String);
install(TensorDataset.prototype, datasetBundle);
install(DataLoader.prototype, loaderBundle);
install(Optimizer.prototype, optimizerBundle);
install(Schedule.prototype, scheduleBundle);
install(ReduceLROnPlateau.prototype, plateauBundle);
install(Generator.prototype, generatorBundle);
