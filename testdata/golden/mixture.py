"""Networks that learn a mixture of rules, with gradients derived by hand.

Modules are computed one at a time, rules are one-hot for every sample, and every
operation is one function here, so that rounding() can disturb each result in
proportion to the absolute values that were added up.
"""

import functools
import itertools

import numpy as np

E, D, BATCH, SAMPLES = 3, 8, 5, 2
RATE, BETA1, BETA2, EPSILON = 0.05, 0.9, 0.999, 1e-8
CORES = ["monolithic", "modular", "modular-op", "ground-truth"]
TASKS = ["regression", "classification"]


class Arithmetic:
    """Operations; with a generator each result is disturbed by up to noise times its terms."""

    def __init__(self, rng=None, noise=0.0):
        self.rng, self.noise = rng, noise

    def result(self, value, terms):
        if self.rng is None:
            return value
        return value + self.noise * self.rng.uniform(-1, 1, np.shape(value)) * terms

    def product(self, x, w):
        return self.result(x @ w, abs(x) @ abs(w))

    def add(self, x, y):
        return self.result(x + y, abs(x) + abs(y))

    def times(self, x, y):
        return self.result(x * y, abs(x * y))

    def over(self, x, y):
        return self.result(x / y, abs(x / y))

    def sum(self, x, axis):
        return self.result(x.sum(axis), abs(x).sum(axis))

    def function(self, value):
        return self.result(value, abs(value))


def shapes(core, rules):
    units = 1 if core == "monolithic" else rules
    h = D // units
    out = {
        "digit.1.weight": (E, 1), "digit.1.bias": (E,), "digit.2.weight": (E, E), "digit.2.bias": (E,),
        "rule.1.weight": (E, rules), "rule.1.bias": (E,), "rule.2.weight": (E, E), "rule.2.bias": (E,),
        "core.1.weight": (units * h, 3 * E), "core.1.bias": (units * h,),
        "core.2.weight": (D, units * h), "core.2.bias": (units, D),
    }
    if core == "modular":
        out |= {"gate.weight": (rules, h), "gate.bias": (rules,)}
    if core == "modular-op":
        out |= {"gate.weight": (rules, E), "gate.bias": (rules,)}
    return out | {"decoder.1.weight": (E, D), "decoder.1.bias": (E,),
                  "decoder.2.weight": (1, E), "decoder.2.bias": (1,)}


def layer(ar, w, name, x):
    return ar.add(ar.product(x, w[name + ".weight"].T), w[name + ".bias"])


def layer_back(ar, w, g, name, x, dy):
    """Gradients of a layer into g, added to what is there; returns the gradient in x."""
    for key, value in ((".weight", ar.product(dy.T, x)), (".bias", ar.sum(dy, 0))):
        g[name + key] = ar.add(g[name + key], value) if name + key in g else value
    return ar.product(dy, w[name + ".weight"])


def encode(ar, w, name, x):
    hidden = layer(ar, w, name + ".1", x)
    return hidden, layer(ar, w, name + ".2", np.maximum(hidden, 0))


def encode_back(ar, w, g, name, x, hidden, dy):
    d = layer_back(ar, w, g, name + ".2", np.maximum(hidden, 0), dy)
    layer_back(ar, w, g, name + ".1", x, d * (hidden > 0))


def softmax(ar, scores):
    e = ar.function(np.exp(scores - scores.max(1, keepdims=True)))
    return ar.over(e, ar.sum(e, 1)[:, None])


def forward(ar, core, w, c, x, rules):
    """Everything that the gradient needs; "y" is the output, "gates" the gates."""
    f = {"x1": x[:, :1], "x2": x[:, 1:], "one_hot": np.eye(rules)[c]}
    f["h1"], e1 = encode(ar, w, "digit", f["x1"])
    f["h2"], e2 = encode(ar, w, "digit", f["x2"])
    f["hr"], f["er"] = encode(ar, w, "rule", f["one_hot"])
    f["z"] = z = np.concatenate([e1, e2, f["er"]], 1)
    units = 1 if core == "monolithic" else rules
    h = D // units
    f["hidden"], f["out"], scores = [], [], []
    for m in range(units):
        part = slice(m * h, (m + 1) * h)
        hidden = ar.add(ar.product(z, w["core.1.weight"][part].T), w["core.1.bias"][part])
        active = np.maximum(hidden, 0)
        f["hidden"].append(hidden)
        f["out"].append(ar.add(ar.product(active, w["core.2.weight"][:, part].T), w["core.2.bias"][m]))
        if core == "modular":
            scores.append(ar.add(ar.product(active, w["gate.weight"][m]), w["gate.bias"][m]))
    f["gates"] = {
        "monolithic": lambda: np.ones((len(c), 1)),
        "modular": lambda: softmax(ar, np.stack(scores, 1)),
        "modular-op": lambda: softmax(ar, layer(ar, w, "gate", f["er"])),
        "ground-truth": lambda: f["one_hot"],
    }[core]()
    v = np.zeros((len(c), D))
    for m in range(units):
        v = ar.add(v, ar.times(f["gates"][:, m:m + 1], f["out"][m]))
    f["v"] = v
    f["hd"], y = encode(ar, w, "decoder", v)
    f["y"] = y[:, 0]
    return f


def target_of(ar, coefficients, c, x):
    return ar.sum(ar.times(coefficients[c], x), 1)


def loss(ar, task, y, target):
    if task == "regression":
        each = abs(ar.add(y, -target))
    else:
        # ln(1 + e^−s) of the score s for the right label.
        s = np.where(target >= 0, y, -y)
        each = ar.function(np.log1p(ar.function(np.exp(-abs(s))))) + np.maximum(-s, 0)
    return ar.over(ar.sum(each, 0), len(y))


def gradient(ar, core, task, w, c, x, target, rules):
    f = forward(ar, core, w, c, x, rules)
    if task == "regression":
        dy = np.sign(f["y"] - target)
    else:
        dy = ar.add(ar.over(1.0, ar.add(1.0, ar.function(np.exp(-f["y"])))), -(target >= 0).astype(float))
    dy = ar.over(dy, len(c))[:, None]
    g = {}
    d = layer_back(ar, w, g, "decoder.2", np.maximum(f["hd"], 0), dy)
    dv = layer_back(ar, w, g, "decoder.1", f["v"], d * (f["hd"] > 0))

    units = len(f["hidden"])
    h, gates = D // units, f["gates"]
    dscores = None
    if core in ("modular", "modular-op"):
        dgates = np.stack([ar.sum(ar.times(dv, out), 1) for out in f["out"]], 1)
        mean = ar.sum(ar.times(gates, dgates), 1)[:, None]
        dscores = ar.times(gates, ar.add(dgates, -mean))
    der = np.zeros((len(c), E))
    if core == "modular-op":
        der = layer_back(ar, w, g, "gate", f["er"], dscores)
    if core == "modular":
        g["gate.weight"], g["gate.bias"] = np.zeros((units, h)), ar.sum(dscores, 0)
    for name in ("core.1.weight", "core.1.bias", "core.2.weight", "core.2.bias"):
        g[name] = np.zeros_like(w[name])
    dz = np.zeros_like(f["z"])
    for m in range(units):
        part = slice(m * h, (m + 1) * h)
        active = np.maximum(f["hidden"][m], 0)
        dout = ar.times(gates[:, m:m + 1], dv)
        g["core.2.weight"][:, part] = ar.product(dout.T, active)
        g["core.2.bias"][m] = ar.sum(dout, 0)
        d = ar.product(dout, w["core.2.weight"][:, part])
        if core == "modular":
            g["gate.weight"][m] = ar.product(dscores[:, m], active)
            d = ar.add(d, ar.times(dscores[:, m:m + 1], w["gate.weight"][m]))
        d = d * (f["hidden"][m] > 0)
        g["core.1.weight"][part] = ar.product(d.T, f["z"])
        g["core.1.bias"][part] = ar.sum(d, 0)
        dz = ar.add(dz, ar.product(d, w["core.1.weight"][part]))
    encode_back(ar, w, g, "digit", f["x1"], f["h1"], dz[:, :E])
    encode_back(ar, w, g, "digit", f["x2"], f["h2"], dz[:, E:2 * E])
    encode_back(ar, w, g, "rule", f["one_hot"], f["hr"], ar.add(der, dz[:, 2 * E:]))
    return g


def adam(ar, w, g, state, t):
    new = {}
    for name in w:
        m, v = state.get(name, (0.0, 0.0))
        m = ar.add(ar.times(BETA1, m), ar.times(1 - BETA1, g[name]))
        v = ar.add(ar.times(BETA2, v), ar.times(1 - BETA2, ar.times(g[name], g[name])))
        state[name] = m, v
        size = ar.add(ar.function(np.sqrt(ar.over(v, 1 - BETA2**t))), EPSILON)
        new[name] = ar.add(w[name], -RATE * ar.over(ar.over(m, 1 - BETA1**t), size))
    return new


@functools.cache
def distributions(n):
    return np.stack([np.random.RandomState(k).dirichlet(np.ones(n)) for k in range(100)])


def gate_metrics(ar, a):
    """The five metrics of a square matrix of mean gates, rules × modules."""
    n = len(a)
    joint = a / n
    use = ar.sum(joint, 0)
    q = np.outer(joint.sum(1), use)
    with np.errstate(divide="ignore", invalid="ignore"):
        information = ar.sum((joint * ar.function(np.log(joint / (q + 1e-8) + 1e-8))).ravel(), 0)
    best = max(np.mean([a[r, k] for r, k in enumerate(order)]) for order in itertools.permutations(range(n)))
    distances = abs(np.sort(distributions(n)) - np.sort(ar.product(distributions(n), a))).sum(1) / 2
    return {
        "collapse_avg": n / (n - 1) * np.maximum(0, 1 / n - use).sum(),
        "collapse_worst": 1 - n * use.min(),
        "alignment": ar.add(1, -best),
        "imi": ar.over(ar.add(np.log(n), -information), np.log(n)),
        "adaptation": np.mean(distances),
    }


def run(ar, spec):
    """What a case computes."""
    core, task, rules, coefficients = spec["core"], spec["task"], spec["rules"], spec["coefficients"]
    w, state, out = spec["initial"], {}, {}
    c = np.repeat(np.arange(rules), SAMPLES)
    (c0, x0), x = spec["batches"][0], spec["samples"]
    target = target_of(ar, coefficients, c0, x0)
    out["losses"] = {"train_loss": loss(ar, task, forward(ar, core, w, c0, x0, rules)["y"], target)}
    errors = {}
    for name, x_now in (("test", x), ("ood", 2 * x)):
        target = target_of(ar, coefficients, c, x_now)
        f = forward(ar, core, w, c, x_now, rules)
        out["losses"][name + "_loss"] = loss(ar, task, f["y"], target)
        errors[name + "_error"] = np.mean((f["y"] >= 0) != (target >= 0))
        if name == "test" and core != "monolithic":
            a = np.stack([ar.over(ar.sum(f["gates"][c == r], 0), SAMPLES) for r in range(rules)])
            out["gates"] = gate_metrics(ar, a) | {"matrix": a}
    if task == "classification":
        out["errors"] = errors
    for t, (c_now, x_now) in enumerate(spec["batches"], 1):
        target = target_of(ar, coefficients, c_now, x_now)
        g = gradient(ar, core, task, w, c_now, x_now, target, rules)
        if t == 1:
            out["gradients"] = g
        w = adam(ar, w, g, state, t)
    out["final"] = {name: w[name] for name in w}
    return out


def groups_of(results):
    """The numbers of each group, in one array each."""
    yield np.array(list(results["losses"].values()))
    if "gates" in results:
        yield np.concatenate([np.ravel(v) for v in results["gates"].values()])
    for part in ("gradients", "final"):
        yield from results[part].values()


def rounding(spec, rng, runs=16):
    """How far rounding may carry any result, relative to the largest entry of its group,
    in units of the unit roundoff: Monte Carlo arithmetic, as in training.py, with the
    result of every operation disturbed."""
    noise = 2.0**-26
    length = max(3 * E, D, spec["rules"], BATCH, SAMPLES * spec["rules"], 100) + 8  # of a sum; of functions
    plain, worst = run(Arithmetic(), spec), 0.0
    for _ in range(runs):
        for p, d in zip(groups_of(plain), groups_of(run(Arithmetic(rng, noise), spec))):
            if abs(p).max(initial=0) > 0:
                worst = max(worst, abs(d - p).max() / abs(p).max())
    return float(np.ceil(length * (worst / noise + 1)))


def describe(number, core, task, rules):
    # Where a gradient cancels or a unit is at 0, no two implementations would agree
    # after a step of Adam, so such data is drawn again.
    for attempt in itertools.count():
        rng = np.random.default_rng([20232, number, attempt])
        short = lambda *shape: np.round(64 * rng.uniform(-1, 1, shape)) / 64  # few digits in the file
        spec = {
            "name": f"{core}, {task}, {rules} rules", "core": core, "task": task, "rules": rules,
            "embedding": E, "width": D, "batch": BATCH, "samples_of_rule": SAMPLES, "learning_rate": RATE,
            "coefficients": 2 * short(rules, 2),
            "batches": [(rng.integers(0, rules, BATCH), 2 * short(BATCH, 2)) for _ in range(2)],
            "samples": 2 * short(rules * SAMPLES, 2),
            "initial": {name: short(*shape) for name, shape in shapes(core, rules).items()},
        }
        results, spread = run(Arithmetic(), spec), rounding(spec, rng)
        if spread < 2e4:
            break
    spec["batches"] = [{"c": c, "x": x} for c, x in spec["batches"]]
    return spec | results | {"rounding": spread}


def generate():
    cases = itertools.product(CORES, TASKS, (2, 3))
    return [describe(number, *case) for number, case in enumerate(cases)]
