"""Peer: all networks at once in JAX, jit(vmap(scan))."""

import functools

import numpy as np

import contest


class Scan:
    one_at_a_time = False

    def __init__(self, setting, way, reduced, threads):
        import jax
        import jax.numpy as jnp

        self.jax, self.setting, self.library = jax, setting, "JAX " + jax.__version__
        convert = lambda a: jnp.asarray(a, jnp.float32)
        self.moments = [contest.Moments(setting, m, reduced, convert) for m in range(len(setting.modules))]
        self.op = contest.Operations()
        self.op.mul = functools.partial(jnp.matmul, precision=jax.lax.Precision.HIGHEST)

    def prepare(self, weights, steps):
        jax = self.jax

        def step(network, _):
            return [contest.stepped(self.setting, moments, layers, self.op) for moments, layers in zip(self.moments, network)], None

        def train(network):
            network, _ = jax.lax.scan(step, network, None, length=steps)
            return [functools.reduce(lambda product, layer: self.op.mul(layer, product), layers) for layers in network]

        self.train = jax.jit(jax.vmap(train))
        self.start = jax.device_put(weights)

    def run(self):
        self.found = self.jax.block_until_ready(self.train(self.start))

    def maps(self):
        return [np.asarray(m) for m in self.found]


if __name__ == "__main__":
    contest.serve(__doc__.splitlines()[0], ["scan"], Scan)
