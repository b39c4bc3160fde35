"""Peer: convolutional networks on compositional MNIST in PyTorch.

One epoch over the images of the setting is a repetition. The folder holds

    images.json      batch, learning rate, the outputs and channels of every tower
    images.f32       images x 28 x 84, in the order in which they are trained on
    targets.f32      images x 1030
    parameters.f32   what to start from: tower by tower, layer by layer, weights
                     (as PyTorch has them) before biases

and the file --maps gets the parameters after the first epoch, as float64.
"""

import argparse
import json
import pathlib
import sys

import numpy as np

import contest


class Images:
    def __init__(self, folder, threads, channels_last):
        import torch
        import torch_cmnist

        torch.set_num_threads(threads)
        self.torch, self.library = torch, "PyTorch " + torch.__version__
        folder = pathlib.Path(folder)
        setting = json.loads((folder / "images.json").read_text())
        self.batch, self.count = setting["batch"], setting["count"]
        read = lambda name: np.fromfile(folder / name, np.float32)
        self.images = torch.from_numpy(read("images.f32").reshape(self.count, 1, 28, 84))
        if channels_last:
            self.images = self.images.to(memory_format=torch.channels_last)
        self.targets = torch.from_numpy(read("targets.f32").reshape(self.count, -1))
        start, at, self.towers = read("parameters.f32"), 0, []
        for t in setting["towers"]:
            net = torch_cmnist.tower(t["channels"], t["hi"] - t["lo"])
            with torch.no_grad():
                for p in net.parameters():
                    p.copy_(torch.from_numpy(start[at:at + p.numel()]).reshape(p.shape))
                    at += p.numel()
            if channels_last:
                net = net.to(memory_format=torch.channels_last)
            self.towers.append((net, torch.optim.SGD(net.parameters(), lr=setting["learning_rate"]), t["lo"], t["hi"]))

    def run(self):
        for at in range(0, self.count, self.batch):
            images, targets = self.images[at:at + self.batch], self.targets[at:at + self.batch]
            for net, optimizer, lo, hi in self.towers:
                optimizer.zero_grad(set_to_none=True)
                loss = ((net(images) - targets[:, lo:hi]) ** 2).sum(dim=1).mean()
                loss.backward()
                optimizer.step()

    def parameters(self):
        return np.concatenate([p.detach().contiguous().numpy().ravel() for net, *_ in self.towers for p in net.parameters()])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="folder of the setting")
    parser.add_argument("--way", choices=["contiguous", "channels-last"], default="contiguous", help="how images lie in memory")
    parser.add_argument("--maps", required=True, help="file for the parameters after the first epoch")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    say = lambda line: print(json.dumps(line), flush=True)
    try:
        peer = Images(args.folder, args.threads, args.way == "channels-last")
    except ImportError as error:
        return say({"missing": str(error)})
    first = contest.timed(peer.run)
    peer.parameters().astype(np.float64).tofile(args.maps)
    say({"library": peer.library, "copies": peer.count, "steps": peer.count // peer.batch, "first_seconds": first})
    for line in sys.stdin:
        if line.strip() == "run":
            say({"seconds": contest.timed(peer.run)})


if __name__ == "__main__":
    main()
