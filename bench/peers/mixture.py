"""What the peers for mixtures of rules share: the setting, the network, the check.

The kind is that of engine/kind/mixture, for regression: its documentation has the
task, the network and the names of its tensors. The folder of a setting holds

    mixture.json  core, rules, numbers of runs (copies) and steps, names and shapes
    values.f32    of run after run every tensor of the list: initial values, then the
                  inputs of the check's steps

and the file --maps gets the losses of the check, runs x steps, as float64.
"""

import json
import pathlib

import numpy as np

import contest


class Setting:
    def __init__(self, folder):
        folder = pathlib.Path(folder)
        read = json.loads((folder / "mixture.json").read_text())
        self.core, self.rules, self.rate, self.batch = read["core"], read["rules"], read["learning_rate"], read["batch"]
        self.copies, self.steps, self.check_steps = read["copies"], read["steps"], read["check_steps"]
        values, at = np.fromfile(folder / "values.f32", np.float32).reshape(self.copies, -1), 0
        self.initial = {}  # by name, runs first
        for t in read["tensors"]:
            size = int(np.prod(t["shape"]))
            self.initial[t["name"]] = values[:, at:at + size].reshape(-1, *t["shape"])
            at += size
        # Of the check: steps x runs x batch, then x 2.
        self.c = self.initial.pop("c").swapaxes(0, 1).astype(np.int32)
        self.x = self.initial.pop("x").swapaxes(0, 1)
        self.coefficients = self.initial.pop("coefficients")


def loss(setting, op, p, coefficients, one_hot, x, published=False):
    """The mean absolute error of a batch, in any array library.

    p are the parameters by name, one_hot the rules of the samples (batch x rules).
    All may have the runs as first axis; then so has the result. The gated hidden
    units of all modules are one product with all columns of core.2, and each rule is
    encoded once. published computes the outputs of all modules and encodes the rule
    of each sample.
    """
    layer = lambda name, x: op.linear(x, p[name + ".weight"], p[name + ".bias"])
    batch, runs = x.shape[-2], x.shape[:-2]
    target = ((one_hot @ coefficients) * x).sum(-1)
    digits = layer("digit.2", op.relu(layer("digit.1", x.reshape(*runs, 2 * batch, 1)))).reshape(*runs, batch, -1)
    if published:
        codes, each = layer("rule.2", op.relu(layer("rule.1", one_hot))), lambda v: v
    else:
        # Of a one-hot input the first layer takes a column.
        codes = layer("rule.2", op.relu(p["rule.1.weight"].mT + p["rule.1.bias"][..., None, :]))
        each = lambda v: one_hot @ v
    hidden = op.relu(layer("core.1", op.cat([digits, each(codes)])))
    weight, bias = p["core.2.weight"], p["core.2.bias"]
    if setting.core == "monolithic":
        core = op.linear(hidden, weight, bias[..., 0, :])
    else:
        modules = hidden.reshape(*runs, batch, setting.rules, -1)
        if setting.core == "modular":
            scores = (modules * p["gate.weight"][..., None, :, :]).sum(-1) + p["gate.bias"][..., None, :]
            gates = op.softmax(scores)
        elif setting.core == "modular-op":
            gates = each(op.softmax(layer("gate", codes)))
        else:
            gates = one_hot
        if published:
            columns = weight.reshape(*runs, weight.shape[-2], setting.rules, -1)
            outputs = op.einsum("...bmh,...dmh->...bmd", modules, columns) + bias[..., None, :, :]
            core = (gates[..., None] * outputs).sum(-2)
        else:
            core = (modules * gates[..., None]).reshape(*hidden.shape) @ weight.mT + gates @ bias
    output = layer("decoder.2", op.relu(layer("decoder.1", core)))[..., 0]
    return abs(output - target).mean(-1)


def serve(description, ways, make):
    """Answers modspec bench for a mixture.

    make(setting, way, threads) returns a peer as contest.serve has it, where
      prepare(runs, steps, batches)  gets ready to train the first runs; batches are c
                                     and x of every step, None has the peer draw them
      losses()                       are those of the last run, steps x runs
    """
    args = contest.arguments(description, ways).parse_args()
    setting = Setting(args.folder)
    try:
        peer = make(setting, args.way, args.threads)
    except (ImportError, NotImplementedError) as error:
        return contest.say({"missing": str(error)})
    peer.prepare(setting.copies, setting.check_steps, (setting.c, setting.x))
    peer.run()
    np.asarray(peer.losses(), np.float64).T.tofile(args.maps)
    contest.contend(peer, lambda runs: runs, setting.copies, setting.steps, args.budget)
