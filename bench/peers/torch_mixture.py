"""Peer: mixtures of rules in PyTorch, all runs in one batch of products or one by one.

eager and published train one run after the other; bmm batches the products over runs
by hand; compile is the faster of the two for the number of runs through
torch.compile. All have the fused Adam.
"""

import types

import mixture


class Mixture:
    def __init__(self, setting, way, threads):
        import torch

        torch.set_num_threads(threads)
        self.torch, self.setting, self.library = torch, setting, "PyTorch " + torch.__version__
        self.one_at_a_time = way in ("eager", "published")
        self.single = self.one_at_a_time or setting.copies == 1
        functional = torch.nn.functional
        op = types.SimpleNamespace(
            relu=torch.relu, einsum=torch.einsum, softmax=lambda v: torch.softmax(v, -1), cat=lambda list: torch.cat(list, -1),
            linear=functional.linear if self.single else lambda x, w, b: torch.baddbmm(b[:, None], x, w.mT),
        )

        def loss(p, coefficients, c, x):
            one_hot = functional.one_hot(c, setting.rules).to(x.dtype)
            return mixture.loss(setting, op, p, coefficients, one_hot, x, way == "published")

        self.loss = torch.compile(loss, dynamic=False) if way == "compile" else loss

    def prepare(self, runs, steps, batches=None):
        torch = self.torch
        self.steps, self.batches = steps, None
        if batches is not None:
            self.batches = torch.from_numpy(batches[0]).long(), torch.from_numpy(batches[1])
        # Every network is one run, or all of them.
        part = (lambda v, n: v[n]) if self.single else (lambda v, n: v[:runs])
        self.networks = []
        for n in range(runs if self.single else 1):
            take = lambda v: torch.from_numpy(part(v, n).copy())
            p = {name: take(v).requires_grad_() for name, v in self.setting.initial.items()}
            optimizer = torch.optim.Adam(p.values(), lr=self.setting.rate, fused=True)
            self.networks.append((n, p, take(self.setting.coefficients), optimizer))
        self.shape = (self.setting.batch,) if self.single else (runs, self.setting.batch)

    def drawn(self):
        return self.torch.randint(self.setting.rules, self.shape), self.torch.randn(*self.shape, 2)

    def run(self):
        """Trains on from where the last call ended."""
        self.found = [[] for _ in range(self.steps)]
        for n, p, coefficients, optimizer in self.networks:
            for step in range(self.steps):
                if self.batches is None:
                    c, x = self.drawn()
                else:
                    c, x = (b[step, n] if self.single else b[step] for b in self.batches)
                losses = self.loss(p, coefficients, c, x)
                optimizer.zero_grad(set_to_none=True)
                losses.sum().backward()
                optimizer.step()
                self.found[step].append(losses.detach())

    def losses(self):
        return [self.torch.stack(step).flatten().numpy() for step in self.found]


if __name__ == "__main__":
    mixture.serve(__doc__.splitlines()[0], ["bmm", "eager", "published", "compile"], Mixture)
