"""Peer: all networks at once in PyTorch: batched products, vmap, or torch.compile.

bmm is written out for batches; vmap batches the step of one network; compile is
bmm through torch.compile, on a GPU with CUDA graphs.
"""

import contest


class Batches(contest.Operations):
    """The operations for a batch of networks."""

    def __init__(self, torch):
        self.torch = torch

    def mul(self, a, b):
        # A matrix that all networks share goes through matmul, which makes one product of it.
        return self.torch.bmm(a, b) if b.dim() == 3 else self.torch.matmul(a, b)

    def transpose(self, a):
        return a.transpose(1, 2)

    def square_lengths(self, w):
        return (w * w).sum(dim=2, keepdim=True)

    def add_product(self, w, scale, a, b):
        if a.dim() == 3 and b.dim() == 3:
            return self.torch.baddbmm(w, a, b, alpha=scale)
        return w + scale * self.mul(a, b)


class Batched:
    one_at_a_time = False

    def __init__(self, setting, way, reduced, threads):
        import torch

        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
        self.torch, self.setting, self.library = torch, setting, "PyTorch " + torch.__version__
        convert = lambda a: torch.tensor(a, dtype=torch.float32)
        self.moments = [contest.Moments(setting, m, reduced, convert) for m in range(len(setting.modules))]
        self.batches = Batches(torch)
        if way == "vmap":
            self.step = self.vmapped(self.one)
        elif way == "compile":
            if not hasattr(torch, "compile"):
                raise NotImplementedError(f"PyTorch {torch.__version__} has no torch.compile; 2.0 was the first that has")
            self.step = torch.compile(self.many)
        else:
            self.step = self.many

    def vmapped(self, step):
        if hasattr(self.torch, "func"):
            return self.torch.func.vmap(step)
        import functorch

        return functorch.vmap(step)

    def one(self, network):
        """A step of one network."""
        return self.stepped(network, contest.Operations())

    def many(self, network):
        """A step of a batch of networks."""
        return self.stepped(network, self.batches)

    def stepped(self, network, op):
        return [contest.stepped(self.setting, moments, layers, op) for moments, layers in zip(self.moments, network)]

    def prepare(self, weights, steps):
        self.start = [[self.torch.from_numpy(layer) for layer in layers] for layers in weights]
        self.steps = steps

    def run(self):
        network = self.start
        for _ in range(self.steps):
            network = self.step(network)
        self.found = network

    def maps(self):
        found = []
        for layers in self.found:
            product = layers[0]
            for layer in layers[1:]:
                product = self.torch.bmm(layer, product)
            found.append(product.numpy())
        return found


if __name__ == "__main__":
    contest.serve(__doc__.splitlines()[0], ["bmm", "vmap", "compile"], Batched)
