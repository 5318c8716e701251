"""Writes torch-models/*.safetensors, state_dicts of small networks trained for some steps, and torch-models.json, what the networks
predict: `python torch-models.py` in this folder, with torch and safetensors installed."""

import json
import pathlib

import torch
from safetensors.torch import save_file
from torch import nn

FOLDER = pathlib.Path(__file__).parent / "torch-models"


class Words(nn.Module):
    """The mean of normalised embeddings, and a linear read-out."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(11, 6)
        self.norm = nn.LayerNorm(6)
        self.out = nn.Linear(6, 3)

    def forward(self, words):
        return self.out(self.norm(self.embedding(words)).mean(dim=1))


def train(model, x, y, loss):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(20):
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()
    return model.eval()


def main():
    torch.manual_seed(7)
    FOLDER.mkdir(exist_ok=True)
    mlp = nn.Sequential(nn.Linear(4, 8), nn.Sigmoid(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 2))
    conv = nn.Sequential(
        nn.Conv2d(2, 3, 3, padding=1, bias=False), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(3, 4, 3, stride=2), nn.GELU(), nn.Flatten(), nn.Linear(4, 3), nn.Softmax(dim=1),
    )
    words = Words()
    cases = {
        "mlp": (mlp, torch.randn(16, 4), torch.randn(16, 2), nn.MSELoss()),
        "conv": (conv, torch.randn(8, 2, 8, 8), torch.randint(3, (8,)), nn.CrossEntropyLoss()),
        "words": (words, torch.randint(11, (8, 5)), torch.randint(3, (8,)), nn.CrossEntropyLoss()),
    }
    expected = {}
    for name, (model, x, y, loss) in cases.items():
        train(model, x, y, loss)
        save_file(model.state_dict(), FOLDER / f"{name}.safetensors", metadata={"format": "pt"})
        with torch.no_grad():
            expected[name] = {"input": x[:3].tolist(), "output": model(x[:3]).tolist()}
    half = {name: p.to(torch.bfloat16) for name, p in mlp.state_dict().items()}
    save_file(half, FOLDER / "mlp-bf16.safetensors")
    with torch.no_grad():
        mlp.load_state_dict(half)
        x = cases["mlp"][1][:3]
        expected["mlp-bf16"] = {"input": x.tolist(), "output": mlp(x).tolist()}
    text = json.dumps({"torch": torch.__version__, "models": expected}, separators=(",", ":"))
    (FOLDER.parent / "torch-models.json").write_text(text + "\n")


main()
