"""Writes the golden files beside it, or with --check compares them with a new computation.

    python generate.py            write the files
    python generate.py --check    compare; exit status 1 where they differ

The files are not compared byte by byte: the order in which a linear algebra
library adds up depends on the processor, and so do the last digits. Each case
carries a bound on what rounding can do to it, and the comparison uses that.
"""

import argparse
import json
import pathlib
import sys

import numpy as np

import datasets
import mixture
import training

FOLDER = pathlib.Path(__file__).resolve().parent
FILES = {"datasets.json": datasets.generate, "training.json": training.generate, "mixture.json": mixture.generate}


def plain(node):
    """The same data with JSON's own types; whole numbers lose their fraction."""
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [plain(value) for value in node]
    if isinstance(node, (np.ndarray, np.generic)):
        return plain(node.tolist())
    if isinstance(node, float):
        assert np.isfinite(node)
        return int(node) if node.is_integer() else node
    return node


def text(node, indent=""):
    """JSON with a matrix row, or an object of single values, on a line of its own."""
    children = node.values() if isinstance(node, dict) else node
    if not isinstance(node, (dict, list)) or not any(isinstance(c, (dict, list)) and c for c in children):
        return json.dumps(node)
    deeper = indent + " "
    if isinstance(node, dict):
        lines = [f"{deeper}{json.dumps(key)}: {text(value, deeper)}" for key, value in node.items()]
        return "{\n" + ",\n".join(lines) + "\n" + indent + "}"
    return "[\n" + ",\n".join(deeper + text(value, deeper) for value in node) + "\n" + indent + "]"


def groups(node, path=""):
    """Yields (path, numbers): numbers of one group are judged by the group's largest.

    A group is a matrix, a list, the four quadrants, all losses of a run, all
    quadrants of a run, or a gate matrix with its metrics.
    """
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("quadrants", "losses"):
                yield f"{path}.{key}", list(value.values())
            elif key == "gates":
                yield f"{path}.{key}", [v for part in value.values() for v in np.ravel(part)]
            elif key == "records":
                for kind in ("step", "loss", "_to_"):
                    yield f"{path}.{key} {kind}", [v for r in value for k, v in r.items() if kind in k]
            else:
                yield from groups(value, f"{path}.{key}")
    elif isinstance(node, list) and any(isinstance(v, dict) for v in node):
        for number, value in enumerate(node):
            yield from groups(value, f"{path}[{number}]")
    elif isinstance(node, list) and node and all(isinstance(v, list) for v in node):
        if any(isinstance(v, list) for row in node for v in row):  # a list of matrices
            for number, value in enumerate(node):
                yield from groups(value, f"{path}[{number}]")
        else:
            yield path, [v for row in node for v in row]
    else:
        yield path, node if isinstance(node, list) else [node]


def outline(node):
    """Everything but the values of the numbers: names, texts, lengths."""
    if isinstance(node, dict):
        return {key: outline(value) for key, value in node.items()}
    if isinstance(node, list):
        return [outline(value) for value in node]
    return "number" if isinstance(node, (int, float)) else node


def compare(name, stored, fresh):
    """Prints the worst case of a file and returns whether all are within their bounds."""
    if outline(stored) != outline(fresh):
        print(f"{name}: names, texts or lengths differ from a fresh computation")
        return False
    good, largest, where = True, 0.0, "nowhere"
    for old, new in zip(stored, fresh):
        # Both sides are rounded, hence twice. The bound itself is a statistic of
        # rounded runs and a judge is not judged by itself: the fresh one counts.
        bound = 2 * new.pop("rounding") * datasets.UNIT_ROUNDOFF
        old.pop("rounding")
        for (path, a), (_, b) in zip(groups(old), groups(new)):
            if a == b:
                continue
            if isinstance(a[0], str):
                difference = np.inf
            else:
                difference = np.abs(np.subtract(a, b)).max() / np.abs(b).max(initial=np.finfo(float).tiny)
            if difference > largest:
                largest, where = difference, old["name"] + path
            if not difference <= bound:
                good = False
                print(f"{name}: {old['name']}{path}: relative difference {difference:.3g}, at most {bound:.3g} is rounding")
    print(f"{name}: {len(fresh)} cases, largest relative difference {largest:.3g} ({where})")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args().check
    good = True
    for name, generate in FILES.items():
        fresh = plain(generate())
        path = FOLDER / name
        if check:
            good &= compare(name, json.loads(path.read_text(encoding="utf-8")), fresh)
        else:
            path.write_text(text(fresh) + "\n", encoding="utf-8")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
