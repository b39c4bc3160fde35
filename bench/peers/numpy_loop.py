"""Peer: one network at a time in NumPy, the way published scripts train them.

NumPy's own precision is float64, and so is this peer's. Few copies are timed;
the others take as long each.
"""

import numpy as np

import contest


class Loop:
    one_at_a_time = True

    def __init__(self, setting, way, reduced, threads):
        self.setting, self.library = setting, "NumPy " + np.__version__
        self.moments = [contest.Moments(setting, m, reduced, np.asarray) for m in range(len(setting.modules))]

    def prepare(self, weights, steps):
        self.start = [[layer.astype(np.float64) for layer in layers] for layers in weights]
        self.steps = steps

    def run(self):
        op = contest.Operations()
        found = [[] for _ in self.start]
        for copy in range(len(self.start[0][0])):
            for m, (moments, start) in enumerate(zip(self.moments, self.start)):
                layers = [layer[copy] for layer in start]
                for _ in range(self.steps):
                    layers = contest.stepped(self.setting, moments, layers, op)
                product = layers[0]
                for layer in layers[1:]:
                    product = layer @ product
                found[m].append(product)
        self.found = [np.stack(maps) for maps in found]

    def maps(self):
        return self.found


if __name__ == "__main__":
    contest.serve(__doc__.splitlines()[0], ["loop"], Loop)
