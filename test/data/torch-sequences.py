"""Writes torch-sequences.json: recurrent networks and attention of PyTorch's, with what they give and their gradients, in f64."""

import json
from pathlib import Path

import torch
from torch import nn

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)


def case(module, inputs, **more):
    module.eval()
    inputs = [x.requires_grad_() for x in inputs]
    result = module(*inputs, **more)
    flat = []

    def collect(value):
        if isinstance(value, torch.Tensor):
            flat.append(value)
        else:
            for part in value:
                collect(part)

    collect(result)
    sum((y * torch.arange(y.numel()).reshape(y.shape).cos()).sum() for y in flat).backward()
    return {
        "state": {name: value.tolist() for name, value in module.state_dict().items()},
        "inputs": [x.tolist() for x in inputs],
        "outputs": [y.tolist() for y in flat],
        "gradients": {
            **{name: p.grad.tolist() for name, p in module.named_parameters()},
            **{f"input {k}": x.grad.tolist() for k, x in enumerate(inputs)},
        },
    }


def random(*shape):
    return torch.randn(*shape)


def shaken(module):
    """With no parameter left as it was made, so that biases of zero count."""
    with torch.no_grad():
        for p in module.parameters():
            p.add_(torch.randn_like(p) / 5)
    return module


mask = torch.ones(4, 4).tril().bool()
cases = {
    "rnn": case(nn.RNN(3, 2), [random(4, 2, 3)]),
    "rnn of relu, one sequence": case(nn.RNN(3, 2, nonlinearity="relu"), [random(4, 3)]),
    "lstm of two layers, both directions": case(nn.LSTM(3, 2, 2, bidirectional=True), [random(4, 2, 3)]),
    "lstm without bias, batch first": case(nn.LSTM(3, 2, bias=False, batch_first=True), [random(2, 4, 3)]),
    "gru with a state": case(nn.GRU(3, 2, 2), [random(4, 2, 3), random(2, 2, 2)]),
    "attention": case(shaken(nn.MultiheadAttention(4, 2)), [random(3, 2, 4), random(5, 2, 4), random(5, 2, 4)]),
    "encoder": case(shaken(nn.TransformerEncoderLayer(4, 2, 6, batch_first=True)), [random(2, 4, 4)]),
    "encoder that normalises first, with a mask": case(
        shaken(nn.TransformerEncoderLayer(4, 2, 6, activation="gelu", batch_first=True, norm_first=True)),
        [random(2, 4, 4)],
        src_mask=~mask,
    ),
}
path = Path(__file__).with_name("torch-sequences.json")
path.write_text(json.dumps({"torch": torch.__version__.split("+")[0], "cases": cases}, separators=(",", ":")) + "\n")
