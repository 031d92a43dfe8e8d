"""Makes ../resources/label-maps: files as Token Labeling's program writes them, one tensor saved by torch.save, and others that
are no maps. PyTorch 2. Scores and classes follow from formulas that the test has too; all are exact in half precision."""

import sys
from pathlib import Path

import torch

OUT = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent / "resources" / "label-maps")


def label_map(rows=18, columns=18, kept=5, classes=60):
    k, r, c = torch.meshgrid(torch.arange(kept), torch.arange(rows), torch.arange(columns), indexing="ij")
    scores = (k * rows * columns + r * columns + c) / 8
    labels = (7 * k + r + 2 * c) % classes
    return torch.stack([scores, labels.to(scores.dtype)]).half()


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    one = label_map()
    torch.save(one, OUT / "map.pt")
    # A view of a batch, in the format before PyTorch 1.6.
    batch = torch.stack([torch.zeros_like(one), one])
    torch.save(batch[1], OUT / "view.pt", _use_new_zipfile_serialization=False)
    torch.save({"map": one}, OUT / "dictionary.pt")
    torch.save(one[0], OUT / "scores.pt")
    fraction = one.clone()
    fraction[1, 0, 0, 0] = 3.5
    torch.save(fraction, OUT / "fraction.pt")
    twice = one.clone()
    twice[1, 1] = twice[1, 0]
    torch.save(twice, OUT / "twice.pt")
    infinite = one.clone()
    infinite[0, 2, 3, 4] = float("inf")
    torch.save(infinite, OUT / "infinite.pt")


main()
