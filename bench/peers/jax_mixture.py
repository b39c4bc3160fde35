"""Peer: mixtures of rules in JAX, all steps in one compiled loop.

vmap batches the step of a run over all runs; map trains one run after the other in
one program; jit has a single run.
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
        updated, lead = self.updated, (setting.batch,)
        if way == "vmap":
            updated, lead = jax.vmap(self.updated), (setting.copies, setting.batch)

        def given(state, coefficients, batches):
            return jax.lax.scan(lambda state, batch: updated(state, coefficients, *batch), state, batches)

        def drawn(state, coefficients, key, steps):
            def step(_, carry):
                state, key = carry
                key, of_c, of_x = jax.random.split(key, 3)
                c, x = jax.random.randint(of_c, lead, 0, setting.rules), jax.random.normal(of_x, (*lead, 2))
                return updated(state, coefficients, c, x)[0], key

            return jax.lax.fori_loop(0, steps, step, (state, key))

        if way == "map":
            self.given = jax.jit(lambda *runs: jax.lax.map(lambda run: given(*run), runs))
            self.drawn = jax.jit(lambda *all: jax.lax.map(lambda run: drawn(*run, all[-1]), all[:-1]))
        else:
            self.given, self.drawn = jax.jit(given), jax.jit(drawn)

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
        jax = self.jax
        # What a single run has of an array whose given axis is the runs.
        part = (lambda v, axis=0: v.take(0, axis)) if self.way == "jit" else (lambda v, axis=0: v)
        p = {name: part(v) for name, v in self.setting.initial.items()}
        zeros = {name: np.zeros_like(v) for name, v in p.items()}
        self.state = jax.device_put((p, zeros, zeros, part(np.zeros(runs, np.float32))))
        self.coefficients, self.steps, self.batches = jax.device_put(part(self.setting.coefficients)), steps, None
        self.key = jax.random.key(1) if self.way != "map" else jax.random.split(jax.random.key(1), runs)
        if batches is not None:
            self.batches = tuple(b.swapaxes(0, 1) if self.way == "map" else part(b, 1) for b in batches)

    def run(self):
        """Trains on from where the last call ended."""
        if self.batches is not None:
            self.state, self.found = self.given(self.state, self.coefficients, self.batches)
        else:
            self.state, self.key = self.drawn(self.state, self.coefficients, self.key, self.steps)
        self.jax.block_until_ready(self.state)

    def losses(self):
        found = np.asarray(self.found)
        return found.T if self.way == "map" else found.reshape(len(found), -1)


if __name__ == "__main__":
    mixture.serve(__doc__.splitlines()[0], ["vmap", "map", "jit"], Mixture)
