"""Trains the dense or the split network of compositional MNIST in PyTorch.

Prints one line of JSON: images a second of training (forward, backward, plain
SGD, batches of 16), median and spread over repetitions after a warm-up. Images
are random: their values do not change the time.
"""

import argparse
import json
import statistics
import time

import torch
from torch import nn


def tower(channels, outputs):
    """The paper's stack for 28 x 84 pixels: three convolutions, then a linear layer."""
    return nn.Sequential(
        nn.Conv2d(1, channels, (9, 27)), nn.ReLU(),
        nn.Conv2d(channels, channels, (7, 21)), nn.ReLU(),
        nn.Conv2d(channels, channels, (5, 15)), nn.ReLU(),
        nn.Flatten(), nn.Linear(channels * 10 * 24, outputs),
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--arch", choices=["dense", "split"], default="dense")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=20, help="steps of a repetition")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--threads", type=int, default=0, help="0: as many as PyTorch takes")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--channels-last", action="store_true")
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    device = torch.device(args.device)
    blocks = {"dense": [(32, 0, 1030)], "split": [(16, 0, 30), (16, 30, 1030)]}[args.arch]
    towers = [(tower(channels, hi - lo).to(device), lo, hi) for channels, lo, hi in blocks]
    images = torch.rand(args.batch, 1, 28, 84, device=device)
    if args.channels_last:
        images = images.to(memory_format=torch.channels_last)
        towers = [(t.to(memory_format=torch.channels_last), lo, hi) for t, lo, hi in towers]
    optimizers = [torch.optim.SGD(t.parameters(), lr=0.002) for t, _, _ in towers]
    labels = torch.zeros(args.batch, 1030, device=device)

    def step():
        for (t, lo, hi), optimizer in zip(towers, optimizers):
            optimizer.zero_grad(set_to_none=True)
            loss = ((t(images) - labels[:, lo:hi]) ** 2).sum(dim=1).mean()
            loss.backward()
            optimizer.step()

    def wait():
        if device.type == "cuda":
            torch.cuda.synchronize()

    rates = []
    for repetition in range(args.repetitions + 1):
        wait()
        began = time.perf_counter()
        for _ in range(args.steps):
            step()
        wait()
        if repetition:  # the first warms up
            rates.append(args.batch * args.steps / (time.perf_counter() - began))
    print(json.dumps({
        "peer": "pytorch", "version": torch.__version__, "arch": args.arch, "batch": args.batch,
        "threads": torch.get_num_threads(), "device": args.device, "channels_last": args.channels_last,
        "images_per_second": statistics.median(rates), "lowest": min(rates), "highest": max(rates),
    }))


if __name__ == "__main__":
    main()
