"""Reads the event files of an experiment that was interrupted and resumed as
TensorBoard's server does, and compares the epochs that it shows with the table.

    epochs.py EVENTS DIR STEPS

EVENTS is the folder of `modspec cmnist --tensorboard`, DIR that of its results, STEPS
the number of steps of an epoch. Exits with 1 if a run shows an epoch twice, or not at
all, or with other numbers.
"""

import os
import sys

import numpy as np
import pandas
from tensorboard.backend.event_processing import event_accumulator, plugin_event_accumulator

events, folder, steps = sys.argv[1], sys.argv[2], int(sys.argv[3])
runs = pandas.read_parquet(f"{folder}/runs")
rows = pandas.read_parquet(f"{folder}/trajectories")
if len(os.listdir(events)) != len(runs):
    sys.exit(f"there are the runs {os.listdir(events)}, but the table has {len(runs)}")
files = 0
for run in runs.itertuples():
    want = rows[rows.id == run.id].sort_values("step")
    shown_by = os.path.join(events, f"{run.arch}-{run.seed}")
    files += len(os.listdir(shown_by))
    expected = [(int(s) // steps, np.float32(v)) for s, v in zip(want["step"], want["train_compositional"])]
    reader = event_accumulator.EventAccumulator(shown_by, size_guidance={"scalars": 0})
    reader.Reload()
    seen = [(e.step, np.float32(e.value)) for e in reader.Scalars("error/train_compositional")]
    server = plugin_event_accumulator.EventAccumulator(shown_by, size_guidance={"tensors": 0})
    server.Reload()
    shown = [(e.step, np.float32(e.tensor_proto.float_val[0])) for e in server.Tensors("error/train_compositional")]
    if seen != expected or shown != expected:
        sys.exit(f"{shown_by}: {seen} is read and {shown} shown, but the table has {expected}")
if files <= len(os.listdir(events)):
    sys.exit("no run was resumed, so that nothing was compared")
print(f"TensorBoard: {len(rows)} epochs in {files} event files are those of the table, each once")
