"""PyTorch in the training benchmark: eager, fused optimizers. It answers requests, one line of JSON each, as
bench/training/contestant.ts says."""

import json
import os
import sys
import time

import numpy
import torch
from torch import nn

torch.set_num_threads(int(os.environ.get("ADJOINT_TORCH_THREADS", "1")))


def open_network(network, file):
    numbers = numpy.fromfile(file, dtype=numpy.float32)
    at = 0

    def take(*shape):
        nonlocal at
        size = int(numpy.prod(shape))
        at += size
        return torch.from_numpy(numbers[at - size : at].reshape(shape).copy())

    sizes, batch = network["sizes"], network["batch"]
    layers = []
    for k, (size, out) in enumerate(zip(sizes, sizes[1:])):
        linear = nn.Linear(size, out)
        with torch.no_grad():
            linear.weight.copy_(take(out, size))
            linear.bias.copy_(take(out))
        layers += [linear, nn.Sigmoid()] if k < len(sizes) - 2 else [linear]
    model = nn.Sequential(*layers)
    x = take(batch, sizes[0])
    mse = network["loss"] == "mse"
    y = take(batch, sizes[-1]) if mse else take(batch).to(torch.int64)
    loss_of = nn.MSELoss() if mse else nn.CrossEntropyLoss()
    if network["optimizer"] == "SGD":
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, fused=True)
    else:
        optimizer = torch.optim.Adam(model.parameters(), lr=0.001, fused=True)

    def step():
        optimizer.zero_grad()
        loss = loss_of(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step


def operations(count):
    one = torch.ones((), requires_grad=True)

    def chain():
        y = one
        for _ in range(count):
            y = y + one
        return y

    begun = time.perf_counter()
    chain()
    recorded = time.perf_counter() - begun
    begun = time.perf_counter()
    chain().backward()
    backward = time.perf_counter() - begun
    return {"recorded": recorded * 1e9 / count, "backward": backward * 1e9 / count}


def reply(value):
    print(json.dumps(value), flush=True)


def main():
    reply({"version": torch.__version__.split("+")[0]})
    step = None
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "open":
            step = open_network(request["network"], request["file"])
            reply({})
        elif request["do"] == "losses":
            reply({"losses": [step().item() for _ in range(request["steps"])]})
        elif request["do"] == "time":
            begun = time.perf_counter()
            for _ in range(request["steps"]):
                step()
            reply({"microseconds": (time.perf_counter() - begun) * 1e6 / request["steps"]})
        elif request["do"] == "operations":
            reply(operations(request["count"]))


main()
