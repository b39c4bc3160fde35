"""Computes anew, from the weights that `modspec cmnist` saved, what it measured on
the test images, and compares with its table.

    cmnist.py DIR MNIST

DIR is a folder of `modspec cmnist --save-weights`, MNIST a folder of the four original
files, gzipped. The weights are read with safetensors, the table runs with pandas, the
networks are written out in NumPy in float64. Exits with 1 at the first difference.
"""

import gzip
import sys

import numpy as np
import pandas
import safetensors.numpy

folder, mnist = sys.argv[1:]
rows = pandas.read_parquet(f"{folder}/runs")
places, r, count = (rows[column].unique().item() for column in ("digits", "r", "test"))


def idx(name, header):
    with gzip.open(f"{mnist}/{name}.gz") as file:
        return np.frombuffer(file.read(), np.uint8, offset=header)


pixels = idx("t10k-images-idx3-ubyte", 16).reshape(-1, 28, 28)
labels = idx("t10k-labels-idx1-ubyte", 8)

# Image i is made of the digits i, i + s, i + 2s …
chosen = np.arange(count)[:, None] + np.arange(places) * (len(labels) // places)
images = np.concatenate([pixels[chosen[:, place]] for place in range(places)], axis=2) / 255.0
classes = labels[chosen].astype(int)
numbers = classes @ 10 ** np.arange(places)[::-1]


def convolve(x, weight, bias):
    """Slides kernels over x (image × channel × row × column), never over the edge."""
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(2, 3))
    return np.stack([np.tensordot(w, weight, axes=([0, 3, 4], [1, 2, 3])) for w in windows]).transpose(0, 3, 1, 2) + bias[:, None, None]


def answers(weights, tower):
    """Returns the outputs of a tower, whose layers that have no weights are ReLU, and the standard deviation of each one's error in float32.

    Roundings go up as often as down, so the error of a sum of n products is a sum of n
    independent ones, each at most a unit of roundoff of a partial sum, whose square is
    about the sum of the squares so far and at most, where all have one sign, the square
    of the whole. Errors of what comes in add up as squares. (The bound of the worst case
    grows by the sum of all magnitudes in every layer, and says nothing after three.)
    """
    x = images[:, None]
    variance = np.zeros_like(x)
    last = max(int(name.split(".")[1].removeprefix("layer")) for name in weights if name.startswith(f"tower{tower}."))
    for number in range(1, last + 1):
        name = f"tower{tower}.layer{number}"
        if f"{name}.weight" not in weights:
            x = np.maximum(x, 0)  # which brings no number farther from another
            continue
        weight, bias = (weights[f"{name}.{what}"].astype(np.float64) for what in ("weight", "bias"))
        if weight.ndim == 4:
            through = lambda values, by, plus: convolve(values, by, plus)
        else:
            x, variance = x.reshape(count, -1), variance.reshape(count, -1)
            through = lambda values, by, plus: values @ by.T + plus
        out = through(x, weight, bias)
        partial = through(x**2, weight**2, bias**2) + out**2
        variance = (weight[0].size + 1) * 2.0**-48 * partial + through(variance, weight**2, 0 * bias)
        x = out
    return x, np.sqrt(variance)


def squares(wrong, deviation, share):
    """Returns the mean of squared errors, and how far float32 may be from it: (a + e)² − a²
    is at most 2|a||e| + e², with e eight deviations, which no rounding ever sees."""
    off = 8 * deviation
    return (wrong**2).sum() / share, (2 * np.abs(wrong) * off + off**2).sum() / share


def compare(what, measured, want, bound):
    if not abs(measured - want) <= bound:
        sys.exit(f"{what} is {measured!r} in the table, but {want!r} ± {bound:.1e} by the weights")


writes = {10 * places: "compositional", 10**places: "non-compositional", 10 * places + 10**places: "both"}
for row in rows.itertuples():
    weights = safetensors.numpy.load_file(f"{folder}/weights/{row.id}.safetensors")
    for tower in sorted({int(name.split(".")[0].removeprefix("tower")) for name in weights}):
        out, error = answers(weights, tower)
        if writes[out.shape[1]] != "non-compositional":
            digits, off = (v[:, : 10 * places].reshape(count, places, 10) for v in (out, error))
            right = np.arange(10) == classes[:, :, None]
            compare("the compositional error", row.test_compositional, *squares(digits - right, off, count * places))
            ordered = np.sort(digits, axis=2)
            if (ordered[:, :, -1] - ordered[:, :, -2] > 16 * off.max(axis=2)).all():  # else float32 may see another first
                compare("the share of images with all digits named", row.test_all_digits, (digits.argmax(axis=2) == classes).all(axis=1).mean(), 0)
        if writes[out.shape[1]] != "compositional":
            numbered, off = (v[:, -(10**places) :] for v in (out, error))
            right = np.arange(10**places) == numbers[:, None]
            compare("the non-compositional error", row.test_non_compositional, *squares(numbered - r * right, off, count * r**2))
    print(f"{row.arch}, seed {row.seed}: test errors {row.test_compositional:.6g} and {row.test_non_compositional:.6g} are those of the weights")
