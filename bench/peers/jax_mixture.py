"""Peer: mixtures of rules in JAX, all steps in one scan.

vmap batches the step of a run over all runs; map trains one run after the other in
one program; scan has a single run.
"""

import types

import numpy as np

import mixture


class Mixture:
    one_at_a_time = False

    def __init__(self, setting, way, threads):
        import jax
        import jax.numpy as jnp

        self.jax, self.setting, self.way, self.library = jax, setting, way, "JAX " + jax.__version__
        self.op = types.SimpleNamespace(
            relu=jax.nn.relu, softmax=jax.nn.softmax, cat=lambda list: jnp.concatenate(list, -1),
            linear=lambda x, w, b: x @ w.T + b,
        )

    def updated(self, state, coefficients, c, x):
        """The state of a run after a step, and the loss before it."""
        jax, jnp = self.jax, self.jax.numpy
        p, first, second, step = state
        one_hot = jax.nn.one_hot(c, self.setting.rules)
        loss, gradient = jax.value_and_grad(lambda p: mixture.loss(self.setting, self.op, p, coefficients, one_hot, x))(p)
        step = step + 1
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)
        of_first, of_second = self.setting.rate / (1 - 0.9**step), 1 / (1 - 0.999**step)
        p = jax.tree.map(lambda w, m, v: w - of_first * m / (jnp.sqrt(of_second * v) + 1e-8), p, first, second)
        return (p, first, second, step), loss

    def prepare(self, runs, steps, batches=None):
        jax, jnp = self.jax, self.jax.numpy
        take = (lambda v: v[0]) if self.way == "scan" else (lambda v: v[:runs])
        shape = () if self.way == "vmap" else None

        def train(state, coefficients, key, batches, updated, lead):
            """All steps of a run, or of runs whose number is lead."""

            def step(carry, batch):
                state, key = carry
                if batch is None:
                    key, of_c, of_x = jax.random.split(key, 3)
                    batch = jax.random.randint(of_c, (*lead, self.setting.batch), 0, self.setting.rules), jax.random.normal(of_x, (*lead, self.setting.batch, 2))
                state, loss = updated(state, coefficients, *batch)
                return (state, key), loss

            (state, key), losses = jax.lax.scan(step, (state, key), batches, length=steps)
            return state, key, losses

        p = {name: take(v) for name, v in self.setting.initial.items()}
        zeros = {name: np.zeros_like(v) for name, v in p.items()}
        keys = jax.random.split(jax.random.key(1), runs)
        counts = np.zeros(runs, np.float32)
        if self.way == "vmap":
            updated, key = jax.vmap(self.updated), keys[0]
            body = lambda state, coefficients, key, batches: train(state, coefficients, key, batches, updated, (runs,))
        elif self.way == "scan":
            key, counts = keys[0], counts[0]
            batches = batches and tuple(b[:, 0] for b in batches)
            body = lambda state, coefficients, key, batches: train(state, coefficients, key, batches, self.updated, ())
        else:
            key = keys
            batches = batches and tuple(b.swapaxes(0, 1) for b in batches)
            body = lambda *all: jax.lax.map(lambda one: train(*one, self.updated, ()), all)
        self.train = jax.jit(body, donate_argnums=0)
        self.state, self.key = jax.device_put((p, zeros, zeros, counts)), key
        self.coefficients, self.batches = jax.device_put(take(self.setting.coefficients)), batches

    def run(self):
        """Trains on from where the last call ended."""
        self.state, self.key, self.found = self.jax.block_until_ready(self.train(self.state, self.coefficients, self.key, self.batches))

    def losses(self):
        found = np.asarray(self.found)
        return found.T if self.way == "map" else found.reshape(len(found), -1)


if __name__ == "__main__":
    mixture.serve(__doc__.splitlines()[0], ["vmap", "map", "scan"], Mixture)
