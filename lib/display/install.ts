// Gives the library's own classes the method by which notebooks show them. Tensors have it with their other methods.

import { DataLoader, TensorDataset } from "../data/loader.ts";
import { Module } from "../nn/module.ts";
import { Optimizer } from "../optim/optimizer.ts";
import { Generator } from "../random.ts";
import { type Bundle, DISPLAY } from "./bundle.ts";
import { moduleBundle } from "./model.ts";
import { datasetBundle, generatorBundle, loaderBundle, optimizerBundle } from "./training.ts";

function install<T extends object>(prototype: T, show: (value: T) => Bundle): void {
  Object.defineProperty(prototype, DISPLAY, {
    value(this: T): Bundle {
      return show(this);
    },
    writable: true,
    configurable: true,
  });
}

install(Module.prototype, moduleBundle);
install(TensorDataset.prototype, datasetBundle);
install(DataLoader.prototype, loaderBundle);
install(Optimizer.prototype, optimizerBundle);
install(Generator.prototype, generatorBundle);
