"""What every peer of the comparison shares: the setting, and the talk with modspec bench.

A peer is a process. It is started with a folder that holds a setting,

    setting.json   shapes, rule, rates, numbers of copies and steps
    data.f64       X (inputs x examples), then Y (outputs x examples)
    weights.f32    initial weights of the copies of the check: copy by copy,
                   module by module, layer by layer (output x input)

trains the copies of the check from those weights, writes the maps that they end
with (copies x outputs x inputs, float64), gets ready for the timed training, and
says so in one line of JSON. Then it trains once for every line "run" that it
reads, and answers each with {"seconds": ...}. At the end of its input it ends.
"""

import argparse
import json
import pathlib
import sys
import time

import numpy as np


class Setting:
    """A training that peers are timed on; see bench/compare/setting.go."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        read = json.loads((folder / "setting.json").read_text())
        self.name = read["name"]
        self.inputs, self.outputs, self.examples = read["inputs"], read["outputs"], read["examples"]
        # [first output, end of outputs, widths of the hidden layers] of every module
        self.modules = [(m["lo"], m["hi"], m["hidden"] or []) for m in read["modules"]]
        self.rate, self.gamma, self.beta = read["learning_rate"], read["gamma"], read["beta"]
        self.scale = read["scale"]
        self.copies, self.steps = read["copies"], read["steps"]
        self.check_copies, self.check_steps = read["check_copies"], read["check_steps"]
        data = np.fromfile(folder / "data.f64")
        cut = self.inputs * self.examples
        self.x = data[:cut].reshape(self.inputs, self.examples)
        self.y = data[cut:].reshape(self.outputs, self.examples)
        self.sigma_x = self.x @ self.x.T / self.examples
        self.sigma_yx = self.y @ self.x.T / self.examples
        self.sigma_y = self.y @ self.y.T / self.examples
        # Reduced coordinates: an orthonormal basis of the inputs' span in which
        # Sigma_x is diagonal.
        d, q = np.linalg.eigh(self.sigma_x)
        keep = d > self.inputs * np.finfo(float).eps * d.max()
        self.d, self.q = d[keep], q[:, keep]
        self._given = np.fromfile(folder / "weights.f32", np.float32)

    def shapes(self):
        """The shapes of the layers of every module, first layer first."""
        found = []
        for lo, hi, hidden in self.modules:
            widths = [self.inputs, *hidden, hi - lo]
            found.append([(widths[l + 1], widths[l]) for l in range(len(widths) - 1)])
        return found

    def given(self):
        """The initial weights of the check: for every module and layer copies x output x input."""
        sizes = [[rows * cols for rows, cols in layers] for layers in self.shapes()]
        by_copy = self._given.reshape(self.check_copies, -1)
        out, at = [], 0
        for layers, counts in zip(self.shapes(), sizes):
            out.append([])
            for shape, count in zip(layers, counts):
                out[-1].append(by_copy[:, at:at + count].reshape(-1, *shape))
                at += count
        return out

    def draw(self, copies):
        """Initial weights for a timed training."""
        rng = np.random.default_rng(1)
        scale = np.float32(self.scale)
        return [[rng.standard_normal((copies, *shape), np.float32) * scale for shape in layers] for layers in self.shapes()]

    def reduce(self, weights):
        """The same weights in reduced coordinates."""
        q = self.q.astype(np.float32)
        return [[layers[0] @ q, *layers[1:]] for layers in weights]

    def reducible(self):
        """Whether reduced coordinates train the same network: the Hebbian terms also change what is orthogonal to them."""
        return self.beta == 0


class Moments:
    """What one module learns from, in plain or in reduced coordinates."""

    def __init__(self, setting, module, reduced, convert):
        lo, hi, _ = setting.modules[module]
        yx = setting.sigma_yx[lo:hi]
        self.reduced = reduced
        self.yx = convert(yx @ setting.q if reduced else yx)
        self.x = convert(setting.d if reduced else setting.sigma_x)
        self.sum_y = convert(setting.examples * setting.sigma_y[lo:hi, lo:hi])


class Operations:
    """The operations that a step is made of, for one network; peers that batch have their own."""

    def mul(self, a, b):
        return a @ b

    def transpose(self, a):
        return a.T

    def square_lengths(self, w):
        """The squared lengths of the rows, as a column."""
        return (w * w).sum(axis=1, keepdims=True)

    def add_product(self, w, scale, a, b):
        """w + scale a b"""
        return w + scale * self.mul(a, b)


def stepped(setting, moments, layers, op):
    """The layers of a module after one step, in any array library.

    With E = Sigma_yx - M Sigma_x a layer changes by eta (layers above)' E (layers
    below)'. gamma and beta are the terms of the other rules on a network of one
    hidden layer, sums over the examples.
    """
    below = [layers[0]]  # below[l] = W_l ... W_1
    for layer in layers[1:]:
        below.append(op.mul(layer, below[-1]))
    m = below[-1]
    mx = m * moments.x if moments.reduced else op.mul(m, moments.x)
    above = moments.yx - mx  # (W_L ... W_{l+1})' E
    after = list(layers)
    for l in range(len(layers) - 1, 0, -1):
        after[l] = op.add_product(layers[l], setting.rate, above, op.transpose(below[l - 1]))
        if l > 1:
            above = op.mul(op.transpose(layers[l]), above)
    if len(layers) > 1:
        after[0] = op.add_product(layers[0], setting.rate, op.transpose(layers[1]), above)
    else:
        after[0] = layers[0] + setting.rate * above
    if setting.gamma:
        difference = moments.sum_y - setting.examples * op.mul(mx, op.transpose(m))
        after[-1] = op.add_product(after[-1], setting.rate * setting.gamma, difference, layers[-1])
    if setting.beta:
        w = layers[0]
        hx = setting.examples * (w * moments.x if moments.reduced else op.mul(w, moments.x))
        if setting.beta > 0:
            after[0] = op.add_product(after[0] + setting.beta * hx, -setting.beta, op.mul(hx, op.transpose(w)), w)
        else:
            after[0] = after[0] + setting.beta * hx / (1 - op.square_lengths(w))
    return after


def plain_maps(setting, reduced, maps):
    """The maps of all modules, one below the other, on what the inputs span."""
    whole = np.concatenate([np.asarray(m, np.float64) for m in maps], axis=1)
    return whole @ setting.q.T if reduced else whole


def arguments(description, ways):
    """The parser of what modspec bench starts every peer with."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("folder", help="folder of the setting")
    parser.add_argument("--way", choices=ways, default=ways[0], help="how networks are trained")
    parser.add_argument("--maps", required=True, help="file for the numbers of the check")
    parser.add_argument("--budget", type=float, default=1.0, help="seconds that one repetition may take; fewer steps or copies are timed where all would take longer")
    parser.add_argument("--threads", type=int, default=1)
    return parser


def say(line):
    print(json.dumps(line), flush=True)


def serve(description, ways, make):
    """Answers modspec bench for networks of modules.

    make(setting, way, reduced, threads) returns a peer with
      library          its name and version
      one_at_a_time    whether it trains one network after the other
      prepare(weights, steps)  gets ready to train these weights for these steps
      run()            trains from those weights, and returns when it has
      maps()           the maps of the last run, one array a module
    """
    parser = arguments(description, ways)
    parser.add_argument("--form", choices=["plain", "reduced"], default="plain", help="coordinates of the inputs")
    args = parser.parse_args()
    setting, reduced = Setting(args.folder), args.form == "reduced"
    if reduced and not setting.reducible():
        return say({"missing": "the Hebbian terms change weights outside reduced coordinates too"})
    try:
        peer = make(setting, args.way, reduced, args.threads)
    except (ImportError, NotImplementedError) as error:
        return say({"missing": str(error)})
    coordinates = setting.reduce if reduced else (lambda w: w)
    peer.prepare(coordinates(setting.given()), setting.check_steps)
    peer.run()
    plain_maps(setting, reduced, peer.maps()).tofile(args.maps)
    contend(peer, lambda copies: coordinates(setting.draw(copies)), setting.copies, setting.steps, args.budget)


def contend(peer, draw, most, most_steps, budget):
    """Gets a peer ready to be timed and trains once for every line "run".

    draw(copies) returns what prepare takes as weights.
    """
    # How long a step takes says how many fit into the budget. The rest is scaled:
    # every figure is for one step of one network.
    copies = 1 if peer.one_at_a_time else most
    weights = draw(copies)
    tried, took = 2, 0.0
    while True:
        tried = min(tried, most_steps)
        peer.prepare(weights, tried)
        peer.run()
        took = timed(peer.run)
        # Short times say little, and a first call is not like others.
        if took > budget / 10 or tried == most_steps:
            break
        tried *= 10
    steps = max(min(2, most_steps), min(most_steps, int(budget * tried / took)))
    if peer.one_at_a_time:
        copies = max(1, min(most, int(budget * tried / (took * steps))))
        weights = draw(copies)
    began = time.perf_counter()
    peer.prepare(weights, steps)
    peer.run()
    first = time.perf_counter() - began
    repeats = max(1, int(budget / timed(peer.run)))  # short trainings are repeated
    # From here on it only trains when told to: another is timed meanwhile.
    say({"library": peer.library, "copies": copies, "steps": steps, "first_seconds": first})
    for line in sys.stdin:
        if line.strip() == "run":
            say({"seconds": timed(lambda: [peer.run() for _ in range(repeats)]) / repeats})


def timed(run):
    """The seconds that a call takes."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began
