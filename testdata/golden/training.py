"""Networks trained one at a time, written from the update formulas.

A network is a list of modules. A module reads some input rows, passes them
through a chain of weight matrices and adds the result to some output rows. The
error of the summed output is shared by all modules that write a row.

The same functions serve numbers and stacks of numbers (.mT transposes the last
two axes), so that rounding() can follow many disturbed runs at once.
"""

import numpy as np

from datasets import POINTS, examples, quadrants

EVERYTHING_X = ["omega_x", "gamma_x"]
EVERYTHING_Y = ["omega_y", "gamma_y"]


def module(reads, writes, *hidden):
    return {"reads": reads, "writes": writes, "hidden": list(hidden)}


def dense(*hidden):
    return [module(EVERYTHING_X, EVERYTHING_Y, *hidden)]


def split(h_omega, h_gamma):
    return [module(EVERYTHING_X, ["omega_y"], h_omega), module(EVERYTHING_X, ["gamma_y"], h_gamma)]


def partitioned(h_omega, h_gamma):
    return [module(["omega_x"], ["omega_y"], h_omega), module(["gamma_x"], ["gamma_y"], h_gamma)]


def case(name, dataset, modules, eta, steps, sigma, beta=0.0, gamma=0.0, train=None):
    return dict(name=name, dataset=dataset, modules=modules, eta=eta, steps=steps,
                sigma=sigma, beta=beta, gamma=gamma, train=train)


# η = P · step_size, with the paper's step sizes where the paper has the setting.
CASES = [
    case("dense", "paper", dense(5), 0.16, 60, 0.1),
    case("shallow", "paper", dense(), 0.04, 60, 0.1),
    case("split", "paper", split(4, 5), 0.16, 60, 0.1),
    case("partitioned", "paper", partitioned(4, 5), 0.16, 60, 0.1),
    case("overlapping", "motivating-both",
         [module(EVERYTHING_X, EVERYTHING_Y, 5), module(["omega_x"], ["omega_y"], 4)], 0.16, 40, 0.1),
    case("overlapping-shallow", "two-bits",
         [module(EVERYTHING_X, EVERYTHING_Y), module(["omega_x"], ["omega_y"])], 0.08, 30, 0.1),
    case("two-hidden-layers", "two-bits", dense(5, 4), 0.16, 50, 0.3),
    case("three-hidden-layers", "two-bits", dense(5, 4, 6), 0.16, 50, 0.4),
    case("bit-missing", "inside-and-outside", dense(4), 0.16, 60, 0.1),
    case("hebbian", "paper", dense(5), 0.08, 60, 0.1, beta=0.001),
    case("hebbian-partitioned", "paper", partitioned(4, 4), 0.08, 40, 0.1, beta=0.001),
    case("anti-hebbian", "paper", dense(6), 0.08, 60, 0.05, beta=-0.001),
    case("contrastive-hebbian", "paper", dense(5), 0.04, 60, 0.1, gamma=1.0),
    case("contrastive-hebbian-split", "paper", split(4, 4), 0.04, 40, 0.1, gamma=1.0),
    case("predictive-coding", "paper", dense(5), 0.08, 80, 0.15, gamma=-1.0),
    case("first-three-examples", "motivating-both", dense(5), 0.16, 50, 0.1, train=[0, 1, 2]),
]

RECORD_EVERY = 10


class Task:
    """The data of a case: training and test examples, and who reads and writes what."""

    def __init__(self, spec):
        pt = POINTS[spec["dataset"]]
        self.n_x, self.n_y = len(pt["input_rows"]), len(pt["output_rows"])
        x, y = examples(pt)
        everyone = list(range(x.shape[1]))
        self.train = everyone if spec["train"] is None else spec["train"]
        self.test = [p for p in everyone if p not in self.train]
        self.x, self.y = x[:, self.train], y[:, self.train]
        self.x_test, self.y_test = x[:, self.test], y[:, self.test]
        inputs = {"omega_x": range(self.n_x), "gamma_x": range(self.n_x, x.shape[0])}
        outputs = {"omega_y": range(self.n_y), "gamma_y": range(self.n_y, y.shape[0])}
        self.reads = [[i for b in m["reads"] for i in inputs[b]] for m in spec["modules"]]
        self.writes = [[i for b in m["writes"] for i in outputs[b]] for m in spec["modules"]]


def initial_weights(spec, task, rng):
    """Independent normals, module by module, first layer first."""
    network = []
    for m, reads, writes in zip(spec["modules"], task.reads, task.writes):
        widths = [len(reads)] + m["hidden"] + [len(writes)]
        network.append([spec["sigma"] * rng.standard_normal((after, before))
                        for before, after in zip(widths, widths[1:])])
    return network


def forward(layers, x):
    """The activity before, between and after the layers."""
    activity = [x]
    for w in layers:
        activity.append(w @ activity[-1])
    return activity


def total_output(network, task, x):
    shape = network[0][0].shape[:-2] + (task.y.shape[0], x.shape[1])
    y_hat = np.zeros(shape)
    for layers, reads, writes in zip(network, task.reads, task.writes):
        y_hat[..., writes, :] += forward(layers, x[reads])[-1]
    return y_hat


def step(network, task, x, y, eta, beta, gamma, minus=-1.0):
    """All weights after one full-batch step; every layer steps from the old weights.

    minus is −1. With +1, and absolute values for everything else, the result
    bounds the size of all terms that were added up on the way.
    """
    error = y + minus * total_output(network, task, x)
    count = x.shape[1]
    after = []
    for layers, reads, writes in zip(network, task.reads, task.writes):
        x_m, y_m = x[reads], y[writes]
        activity = forward(layers, x_m)
        back = error[..., writes, :]
        new = [None] * len(layers)
        for layer in reversed(range(len(layers))):
            new[layer] = layers[layer] + eta * (back @ activity[layer].mT) / count
            back = layers[layer].mT @ back
        if gamma != 0.0:
            w2, y_hat = layers[1], activity[2]
            new[1] = new[1] + eta * gamma * (y_m @ y_m.mT + minus * y_hat @ y_hat.mT) @ w2
        if beta > 0.0:
            w1, h = layers[0], activity[1]
            new[0] = new[0] + beta * h @ (x_m.mT + minus * h.mT @ w1)
        if beta < 0.0:
            w1, h = layers[0], activity[1]
            room = 1.0 - (w1 * w1).sum(-1, keepdims=True)
            # Near ‖w‖ = 1 the rule has a pole: no two implementations would agree.
            assert (room > 0.1).all(), "a row of W1 came too close to unit length"
            new[0] = new[0] + beta / room * (h @ x_m.mT)
        after.append(new)
    return after


def mapping(network, task):
    """The (output × input) map of the whole network."""
    m = np.zeros(network[0][0].shape[:-2] + (task.y.shape[0], task.x.shape[0]))
    for layers, reads, writes in zip(network, task.reads, task.writes):
        product = layers[0]
        for w in layers[1:]:
            product = w @ product
        m[(..., *np.ix_(writes, reads))] += product
    return m


def losses(network, task, x, y, prefix=""):
    """½ · mean over examples of the squared error: of all rows, of Ω rows, of Γ rows."""
    error = y - total_output(network, task, x)
    rows = 0.5 * (error * error).mean(-1)
    omega, gamma = rows[..., :task.n_y].sum(-1), rows[..., task.n_y:].sum(-1)
    return {prefix + "loss": omega + gamma, prefix + "loss_omega": omega, prefix + "loss_gamma": gamma}


def record(number, network, task):
    out = {"step": number, **losses(network, task, task.x, task.y)}
    if task.test:
        out |= losses(network, task, task.x_test, task.y_test, "test_")
    return out | quadrants(mapping(network, task), task.n_x, task.n_y)


def train(spec, task, network, disturb=lambda before, after: after):
    records = [record(0, network, task)]
    for number in range(1, spec["steps"] + 1):
        after = step(network, task, task.x, task.y, spec["eta"], spec["beta"], spec["gamma"])
        network = disturb(network, after)
        if number % RECORD_EVERY == 0:
            records.append(record(number, network, task))
    return network, records


def results(network, records, task):
    """What a run leaves, in groups that have one scale each."""
    names = [name for name in records[0] if name != "step"]
    series = {name: np.stack([r[name] for r in records], -1) for name in names}
    groups = [np.stack([series[n] for n in names if "loss" in n], -1),
              np.stack([series[n] for n in names if "_to_" in n], -1)]
    return [w for layers in network for w in layers] + [mapping(network, task)] + groups


def rounding(spec, task, network, rng, runs=64):
    """How far rounding may carry any result, relative to the largest entry of its group,
    in units of the unit roundoff.

    A step adds up terms in sums of at most `length`, so each new weight is off by
    at most length · u · (sum of the terms' absolute values). Monte Carlo arithmetic
    follows what becomes of such errors: every step of many runs is disturbed at
    random by up to `noise` times those absolute values, and the largest deviation is
    scaled from noise to length · u. Rounding errors are not as random as the
    disturbance, but typically √length times smaller than the bound it stands for.
    """
    noise = 2.0**-26  # small enough to stay linear, large enough to drown real rounding
    size = [task.x.shape[0], task.y.shape[0], task.x.shape[1]]
    length = sum(size) + max(sum(m["hidden"]) for m in spec["modules"])
    length += 4 * len(spec["modules"])  # the few products, quotients and additions around the sums

    def disturb(before, after):
        absolute = [[abs(w) for w in layers] for layers in before]
        # The anti-Hebbian term is left out: |β| = 0.001 makes its sizes vanish beside W1's.
        bound = step(absolute, task, abs(task.x), abs(task.y), spec["eta"],
                     0.0 if spec["beta"] < 0 else spec["beta"], abs(spec["gamma"]), minus=1.0)
        return [[w + noise * b * rng.uniform(-1, 1, w.shape) for w, b in zip(layers, bounds)]
                for layers, bounds in zip(after, bound)]

    plain = results(*train(spec, task, network), task)
    stack = [[np.repeat(w[None], runs, 0) for w in layers] for layers in network]
    disturbed = results(*train(spec, task, stack, disturb), task)
    worst = max(abs(d - p).max() / abs(p).max() for d, p in zip(disturbed, plain))
    assert np.isfinite(worst), "the run diverges"
    return float(np.ceil(length * (worst / noise + 1)))


def describe(number, spec):
    task = Task(spec)
    start = initial_weights(spec, task, np.random.default_rng([20230, number]))
    end, records = train(spec, task, start)
    modules = [{"reads": m["reads"], "writes": m["writes"], "hidden": m["hidden"],
                "initial": first, "final": last}
               for m, first, last in zip(spec["modules"], start, end)]
    return {
        "name": spec["name"],
        "dataset": spec["dataset"],
        "point": POINTS[spec["dataset"]],
        "learning_rate": spec["eta"],
        "beta": spec["beta"],
        "gamma": spec["gamma"],
        "steps": spec["steps"],
        "train_examples": task.train,
        "test_examples": task.test,
        "modules": modules,
        "records": records,
        "map": mapping(end, task),
        "rounding": rounding(spec, task, start, np.random.default_rng([20231, number])),
    }


def generate():
    return [describe(number, spec) for number, spec in enumerate(CASES)]
