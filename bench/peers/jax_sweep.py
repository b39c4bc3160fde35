"""Peer: a whole sweep in JAX, written as Parquet with pandas.

Trains dense networks at every combination of k_x, r and seed, many at once, and
writes a row for each: its parameters, the first and the last loss, the four
quadrants of its map, its systematicity. What differs in shape (k_x) is a training
of its own, and is compiled on its own; so a person would write it.
"""

import argparse
import functools

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd


def dataset(bits, ny, kx, ky, r):
    p = 2**bits
    omega = np.array([[1.0 if (p - 1 - e) >> (bits - 1 - b) & 1 else -1.0 for e in range(p)] for b in range(bits)])
    x = np.vstack([omega] + [r * np.eye(p)] * kx)
    y = np.vstack([omega[:ny]] + [r * np.eye(p)] * ky)
    return x, y


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", help="file to write, .parquet")
    parser.add_argument("--kx", type=int, nargs="+", required=True)
    parser.add_argument("--r", type=float, nargs="+", required=True)
    parser.add_argument("--seeds", type=int, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--form", choices=["plain", "reduced"], default="plain")
    args = parser.parse_args()
    bits, ny, ky, hidden, scale = 3, 1, 1, 50, 0.01 / 50
    p = 2**bits
    mul = functools.partial(jnp.matmul, precision=jax.lax.Precision.HIGHEST)
    frames = []
    for kx in args.kx:
        inputs, outputs = bits + kx * p, ny + ky * p
        rng = np.random.default_rng(kx)
        first, last, grid = [], [], []
        for r in args.r:
            x, y = dataset(bits, ny, kx, ky, r)
            sx, syx, sy = x @ x.T / p, y @ x.T / p, np.trace(y @ y.T) / p
            d, q = np.linalg.eigh(sx)
            keep = d > inputs * np.finfo(float).eps * d.max()
            grid.append((sx, syx, sy, d[keep], q[:, keep]))
        sx, syx, sy, d, q = (jnp.asarray(np.stack(a), jnp.float32) for a in zip(*grid))
        shape = (len(args.r), args.seeds)
        w1 = rng.standard_normal((*shape, hidden, inputs), np.float32) * np.float32(scale)
        w2 = rng.standard_normal((*shape, outputs, hidden), np.float32) * np.float32(scale)
        reduced = args.form == "reduced"

        def train(w1, w2, sx, syx, sy, d, q):
            target = mul(syx, q) if reduced else syx
            a = mul(w1, q) if reduced else w1

            def step(w, _):
                w1, w2 = w
                m = mul(w2, w1)
                e = target - (m * d if reduced else mul(m, sx))
                return (w1 + args.rate * mul(w2.T, e), w2 + args.rate * mul(e, w1.T)), None

            (a, b), _ = jax.lax.scan(step, (a, w2), None, length=args.steps)
            # What the inputs do not span stays as it started.
            whole = mul(a, q.T) + w1 - mul(mul(w1, q), q.T) if reduced else a

            def loss(m):
                return 0.5 * (sy - 2 * (syx * m).sum() + (mul(m, sx) * m).sum())

            m = mul(b, whole)
            quadrants = [jnp.linalg.norm(m[rows][:, cols]) for rows in (slice(0, ny), slice(ny, None)) for cols in (slice(0, bits), slice(bits, None))]
            return jnp.stack([loss(mul(w2, w1)), loss(m), *quadrants])

        batched = jax.vmap(jax.vmap(train, (0, 0, None, None, None, None, None)), (0, 0, 0, 0, 0, 0, 0))
        found = np.asarray(jax.jit(batched)(w1, w2, sx, syx, sy, d, q), np.float64)
        rs, seeds = np.meshgrid(args.r, np.arange(args.seeds), indexing="ij")
        frame = pd.DataFrame({"bits": bits, "ny": ny, "kx": kx, "ky": ky, "r": rs.ravel(), "lr": args.rate, "seed": seeds.ravel(), "steps": args.steps})
        for i, name in enumerate(["loss_first", "loss_last", "omega_omega", "gamma_omega", "omega_gamma", "gamma_gamma"]):
            frame[name] = found[..., i].ravel()
        frame["systematicity"] = frame.omega_omega**2 / (frame.omega_omega**2 + frame.gamma_omega**2)
        frames.append(frame)
    pd.concat(frames).to_parquet(args.out, index=False)
    print(f"JAX {jax.__version__}, pandas {pd.__version__}")


if __name__ == "__main__":
    main()
