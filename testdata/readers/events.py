"""Reads event files with TensorBoard's own reader and compares them with the CSV that
modspec exports of the same sweep.

    events.py EVENTS RUNS TRAJECTORIES

EVENTS is the folder that `modspec sweep export DIR --tensorboard EVENTS` wrote, RUNS
and TRAJECTORIES what it wrote with --csv of both tables. Exits with 1 at the first
difference.
"""

import csv
import math
import os
import sys

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

events, runs, trajectories = sys.argv[1:]
GROUPS = {"train_loss": "loss/train", "test_loss": "loss/test", "quadrant_": "quadrant/", "mode_": "mode/"}


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def tag(column):
    for start, group in GROUPS.items():
        if column.startswith(start):
            return group + column[len(start) :]
    return column


def name(copy):
    """A run is named by what it is: column=value, joined by commas."""
    return {part.split("=")[0]: part.split("=")[1] for part in copy.split(",")}


recorded = {}
for row in rows(trajectories):
    recorded.setdefault(row["id"], []).append(row)
copies = {tuple(sorted((c, row[c]) for c in name(next(iter(os.listdir(events)))))): row["id"] for row in rows(runs)}
folders = os.listdir(events)
if len(folders) != len(copies):
    sys.exit(f"there are {len(folders)} runs, but the sweep has {len(copies)} copies")
numbers = 0
for folder in folders:
    reader = EventAccumulator(os.path.join(events, folder), size_guidance={"scalars": 0})
    reader.Reload()
    want = recorded[copies[tuple(sorted(name(folder).items()))]]
    for column in want[0]:
        if column in ("id", "copy", "step"):
            continue
        expected = [(int(row["step"]), np.float32(row[column])) for row in want if row[column] != ""]
        seen = [(e.step, np.float32(e.value)) for e in reader.Scalars(tag(column))] if tag(column) in reader.Tags()["scalars"] else []
        if seen != [(s, v) for s, v in expected if math.isfinite(v)]:
            sys.exit(f"{folder}: {column} is {seen[:3]}…, but the CSV has {expected[:3]}…")
        numbers += len(seen)
if not numbers:
    sys.exit("there are no numbers in the event files")
print(f"TensorBoard: {numbers} numbers of {len(folders)} runs are those of the CSV")
