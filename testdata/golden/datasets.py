"""Datasets formed example by example, and their numerical decompositions.

Nothing here uses the closed forms: X and Y are written out, and every number
comes from a singular value or eigenvalue routine applied to them. That makes
this file an oracle for an implementation that uses the closed forms.
"""

import numpy as np

UNIT_ROUNDOFF = 2.0**-53


def point(bits, input_rows, output_rows, k_x, k_y, r):
    return {
        "bits": bits,
        "input_rows": input_rows,
        "output_rows": output_rows,
        "k_x": k_x,
        "k_y": k_y,
        "r": r,
    }


ALL = [0, 1, 2]

POINTS = {
    # The paper's own settings.
    "paper": point(3, ALL, [0], 3, 1, 1),
    "motivating-gamma-only": point(3, [], [], 1, 1, 2),
    "motivating-omega-input": point(3, ALL, [], 1, 1, 2),
    "motivating-omega-only": point(3, ALL, [0, 1], 0, 0, 2),
    "motivating-gamma-input": point(3, ALL, [0, 1], 1, 0, 2),
    "motivating-both": point(3, ALL, [0, 1], 1, 1, 2),
    "iterated": point(3, ALL, [0, 1], 3, 1, 2),
    # The smallest cubes.
    "one-bit": point(1, [0], [0], 1, 1, 1),
    "one-bit-gamma-only": point(1, [], [], 2, 1, 1),
    "two-bits": point(2, [0, 1], [1], 1, 1, 2),
    # Bits asked for but not given. With k_x = k_y two kinds of mode share one
    # singular value and differ only in the input eigenvalue.
    "shared-singular-value": point(2, [0], [1], 1, 1, 1),
    "asked-bit-not-given": point(2, [0], [1], 2, 1, 1.5),
    "inside-and-outside": point(3, [0, 2], [1, 2], 2, 1, 1),
    "half-scale": point(3, [1], [2], 1, 2, 0.5),
    # An empty block on one side.
    "no-gamma-input": point(3, ALL, [0, 1], 0, 2, 1),
    "no-gamma-input-bit-missing": point(3, [0, 1], [1, 2], 0, 1, 1),
    "no-gamma-output-bit-missing": point(3, [0, 1], [1, 2], 1, 0, 1),
    # Blocks that are present and all zero.
    "zero-scale": point(3, ALL, [0, 2], 2, 1, 0),
    "zero-scale-bit-missing": point(3, [0, 1], [1, 2], 1, 1, 0),
    # Larger cubes.
    "four-bits": point(4, [0, 1, 2, 3], [0, 3], 2, 3, 1),
    "four-bits-inside-and-outside": point(4, [0, 1, 3], [2, 3], 1, 1, 3),
    "five-bits": point(5, [0, 1, 2, 3, 4], [2], 4, 1, 2),
    "five-bits-one-missing": point(5, [0, 1, 2, 3], [1, 2, 3, 4], 1, 2, 0.75),
    "five-bits-omega-output": point(5, [0, 1, 2, 3, 4], [0, 1, 2, 3, 4], 2, 0, 1),
    "five-bits-gamma-output": point(5, [0, 1, 2, 3, 4], [], 1, 1, 1),
    # More bits asked for than given (n_y > n_x).
    "more-asked-no-omega-input": point(3, [], [0, 2], 2, 1, 1),
    "more-asked-one-bit-given": point(3, [1], ALL, 1, 2, 1),
}


def patterns(bits):
    """Ω: example p is the binary pattern of P−1−p, row 0 the slowest bit."""
    examples = 2**bits
    omega = np.empty((bits, examples))
    for p in range(examples):
        for row in range(bits):
            bit = (examples - 1 - p) >> (bits - 1 - row) & 1
            omega[row, p] = 1.0 if bit else -1.0
    return omega


def examples(pt):
    """X and Y, one example a column, Ω rows first."""
    omega = patterns(pt["bits"])
    identity = pt["r"] * np.eye(omega.shape[1])
    x = np.vstack([omega[pt["input_rows"]]] + pt["k_x"] * [identity])
    y = np.vstack([omega[pt["output_rows"]]] + pt["k_y"] * [identity])
    return x, y


def quadrants(mapping, n_x, n_y):
    """Squared Frobenius norms of the four blocks of an (output × input) map."""
    squares = mapping * mapping
    return {
        "omega_x_to_omega_y": squares[..., :n_y, :n_x].sum((-2, -1)),
        "gamma_x_to_omega_y": squares[..., :n_y, n_x:].sum((-2, -1)),
        "omega_x_to_gamma_y": squares[..., n_y:, :n_x].sum((-2, -1)),
        "gamma_x_to_gamma_y": squares[..., n_y:, n_x:].sum((-2, -1)),
    }


def modes(sigma_yx, sigma_x, floor):
    """Singular triples (λ, u, v) of Σ_yx with λ > floor, each v an eigenvector of Σ_x.

    Where several modes share λ, the routine's v are an arbitrary basis of their
    common space. Σ_x maps that space to itself, so diagonalising it there
    gives vectors that are modes of both matrices.
    """
    u, lam, vt = np.linalg.svd(sigma_yx, full_matrices=False)
    keep = lam > floor
    u, lam, v = u[:, keep], lam[keep], vt[keep].T
    # Equal values come out within about floor of each other, and √u stands far
    # above that and far below every true gap; the assertion holds us to it.
    same = np.sqrt(UNIT_ROUNDOFF) * lam.max(initial=0.0)
    start = 0
    while start < len(lam):
        end = start + 1
        while end < len(lam) and lam[end - 1] - lam[end] < same:
            end += 1
        assert lam[start] - lam[end - 1] <= 2 * floor, "two singular values too close to tell apart"
        group = slice(start, end)
        _, turn = np.linalg.eigh(v[:, group].T @ sigma_x @ v[:, group])
        turn = turn[:, ::-1]
        u[:, group], v[:, group] = u[:, group] @ turn, v[:, group] @ turn
        start = end
    return u, lam, v


def describe(name, pt):
    x, y = examples(pt)
    n_in, count = x.shape
    n_out = y.shape[0]
    sigma_x = x @ x.T / count
    sigma_yx = y @ x.T / count

    # Backward stable routines move eigenvalues and singular values by at most a
    # modest multiple of (dimension × u × norm): below that a value is zero.
    dimension = n_in + n_out + count
    delta, basis = np.linalg.eigh(sigma_x)
    delta, basis = delta[::-1], basis[:, ::-1]
    keep = delta > dimension * UNIT_ROUNDOFF * delta[0]
    delta, basis = delta[keep], basis[:, keep]
    norm_yx = np.linalg.norm(sigma_yx, 2)
    u, lam, v = modes(sigma_yx, sigma_x, dimension * UNIT_ROUNDOFF * norm_yx)

    # The minimum-norm least-squares map Σ_yx Σ_x⁺.
    mapping = (sigma_yx @ basis / delta) @ basis.T

    out = {
        "name": name,
        "point": pt,
        "examples": count,
        "inputs": n_in,
        "outputs": n_out,
        "sigma_x_eigenvalues": delta,
        "sigma_yx_singular_values": lam,
        "mode_input_eigenvalues": np.einsum("im,ij,jm->m", v, sigma_x, v),
        "mode_strengths": np.einsum("im,ij,jm->m", u, mapping, v),
        "quadrants": quadrants(mapping, len(pt["input_rows"]), len(pt["output_rows"])),
        # Dividing by δ magnifies by the condition number; squaring doubles.
        "rounding": float(np.ceil(2 * dimension * delta[0] / delta[-1])),
    }
    if pt["bits"] <= 3:
        out["x"], out["y"] = x, y
    return out


def generate():
    return [describe(name, pt) for name, pt in POINTS.items()]
