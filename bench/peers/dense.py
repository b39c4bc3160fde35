"""The paper's dense setting in JAX and in PyTorch, many copies at once.

Each peer is written as a good user of the library would write it, in its plain
form (full inputs, Sigma_x a matrix) and in reduced coordinates (Sigma_x a
diagonal): JAX as jit(vmap(scan)), PyTorch as batched products, on a GPU inside
a CUDA graph. Every form is first held against NumPy in float64 from the same
weights; then it is timed, training alone, first call and compilation apart.

Prints one line of JSON a form. A library that is not installed is said to be
missing, and so is a form that does not agree with NumPy.
"""

import argparse
import json
import statistics
import time

import numpy as np

BITS, NX, NY, KX, KY, R, HIDDEN, ETA, SIGMA = 3, 3, 1, 3, 1, 1.0, 50, 0.16, 0.01 / 50


def dataset():
    """Sigma_x, Sigma_yx, and the same in reduced coordinates (d, Sigma_yx Q, Q)."""
    p = 2**BITS
    omega = np.array([[1.0 if (p - 1 - e) >> (BITS - 1 - b) & 1 else -1.0 for e in range(p)] for b in range(BITS)])
    x = np.vstack([omega[:NX]] + [R * np.eye(p)] * KX)
    y = np.vstack([omega[:NY]] + [R * np.eye(p)] * KY)
    sx, syx = x @ x.T / p, y @ x.T / p
    d, q = np.linalg.eigh(sx)
    keep = d > 1e-12 * d.max()
    q, d = q[:, keep], d[keep]
    return sx, syx, d, syx @ q, q


def reference(w1, w2, sx, syx, steps):
    for _ in range(steps):
        e = syx - w2 @ w1 @ sx
        w1, w2 = w1 + ETA * w2.T @ e, w2 + ETA * e @ w1.T
    return w2 @ w1


def weights(copies, seed=1):
    rng = np.random.default_rng(seed)
    inputs, outputs = NX + KX * 2**BITS, NY + KY * 2**BITS
    return (SIGMA * rng.standard_normal((copies, HIDDEN, inputs)), SIGMA * rng.standard_normal((copies, outputs, HIDDEN)))


class Jax:
    name = "jax"

    def __init__(self, reduced, steps, copies, device):
        import jax
        import jax.numpy as jnp

        self.version = jax.__version__
        sx, syx, d, syxq, q = dataset()
        highest = jax.lax.Precision.HIGHEST
        mul = lambda a, b: jnp.matmul(a, b, precision=highest)
        target = jnp.asarray(syxq if reduced else syx, jnp.float32)
        scale = jnp.asarray(d if reduced else sx, jnp.float32)

        def step(w, _):
            w1, w2 = w
            m = mul(w2, w1)
            e = target - (m * scale if reduced else mul(m, scale))
            return (w1 + ETA * mul(w2.T, e), w2 + ETA * mul(e, w1.T)), None

        def train(w1, w2):
            (w1, w2), _ = jax.lax.scan(step, (w1, w2), None, length=steps)
            return mul(w2, w1)

        self.train = jax.jit(jax.vmap(train))
        w1, w2 = weights(copies)
        w1 = w1 @ q if reduced else w1
        self.w = jax.device_put((jnp.asarray(w1, jnp.float32), jnp.asarray(w2, jnp.float32)))

    def run(self):
        self.result = self.train(*self.w).block_until_ready()

    def maps(self):
        return np.asarray(self.result, np.float64)


class Torch:
    name = "pytorch"

    def __init__(self, reduced, steps, copies, device):
        import torch

        self.torch, self.version, self.steps = torch, torch.__version__, steps
        torch.backends.cuda.matmul.allow_tf32 = False
        sx, syx, d, syxq, q = dataset()
        to = lambda a: torch.tensor(a, dtype=torch.float32, device=device)
        w1, w2 = weights(copies)
        self.start = (to(w1 @ q if reduced else w1), to(w2))
        self.w1, self.w2 = self.start[0].clone(), self.start[1].clone()
        target, scale = to(syxq if reduced else syx), to(d if reduced else sx)

        def step():
            m = torch.bmm(self.w2, self.w1)
            e = target - (m * scale if reduced else m @ scale)
            one, two = torch.bmm(self.w2.transpose(1, 2), e), torch.bmm(e, self.w1.transpose(1, 2))
            self.w1.add_(one, alpha=ETA)
            self.w2.add_(two, alpha=ETA)

        self.step, self.graph = step, None
        if device == "cuda":
            for _ in range(3):
                step()
            torch.cuda.synchronize()
            self.graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.graph):
                step()

    def run(self):
        self.w1.copy_(self.start[0])
        self.w2.copy_(self.start[1])
        for _ in range(self.steps):
            self.graph.replay() if self.graph else self.step()
        if self.graph:
            self.torch.cuda.synchronize()

    def maps(self):
        return self.torch.bmm(self.w2, self.w1).double().cpu().numpy()


def agrees(peer, reduced, steps):
    """Whether the maps of a few copies are NumPy's, within what float32 explains."""
    sx, syx, _, _, q = dataset()
    w1, w2 = weights(4)
    peer.run()
    got = peer.maps()
    worst = 0.0
    for i in range(4):
        want = reference(w1[i], w2[i], sx, syx, steps)
        want = want @ q if reduced else want
        worst = max(worst, float(np.abs(got[i] - want).max() / np.abs(want).max()))
    # A step rounds sums of up to 27 + 50 + 9 products in each of three matrix
    # products, and near the saddle a disturbance grows as the fastest mode does,
    # by about the ratio of its asymptote to where it starts, 1e4 at most; what is
    # disturbed then is where on the way a mode is, which the last steps forgive.
    return worst, worst < 2**-24 * 3 * 86 * 1e4 ** 0.5


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--copies", type=int, nargs="+", default=[1, 100, 10000])
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--repetitions", type=int, default=5)
    args = parser.parse_args()
    for peer in (Jax, Torch):
        for reduced in (False, True):
            form = "reduced" if reduced else "plain"
            line = {"peer": peer.name, "form": form, "device": args.device, "steps": args.steps}
            try:
                worst, good = agrees(peer(reduced, args.steps, 4, args.device), reduced, args.steps)
            except ImportError as error:
                print(json.dumps(line | {"missing": str(error)}))
                continue
            if not good:
                print(json.dumps(line | {"disagrees": worst}))
                continue
            for copies in args.copies:
                made = peer(reduced, args.steps, copies, args.device)
                began = time.perf_counter()
                made.run()
                first = time.perf_counter() - began
                rates = []
                for _ in range(args.repetitions):
                    began = time.perf_counter()
                    made.run()
                    rates.append(copies * args.steps / (time.perf_counter() - began))
                print(json.dumps(line | {
                    "version": made.version, "copies": copies, "deviation": worst, "first_call_seconds": first,
                    "steps_per_second": statistics.median(rates), "lowest": min(rates), "highest": max(rates),
                }), flush=True)


if __name__ == "__main__":
    main()
