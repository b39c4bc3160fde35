"""Reads the event files of an experiment that was interrupted and resumed as
TensorBoard's server does, and compares the epochs that it shows with the table.

    epochs.py EVENTS TABLE

EVENTS is the folder of `modspec cmnist --tensorboard`, TABLE its epochs.parquet. Exits
with 1 if a run shows an epoch twice, or not at all, or with other numbers.
"""

import os
import sys

import numpy as np
import pandas
from tensorboard.backend.event_processing import event_accumulator, plugin_event_accumulator

events, table = sys.argv[1:]
rows = pandas.read_parquet(table)
if len(os.listdir(events)) != len(rows.groupby(["arch", "run"])):
    sys.exit(f"there are the runs {os.listdir(events)}, but the table has {rows.groupby(['arch', 'run']).ngroups}")
files = 0
for (arch, run), want in rows.groupby(["arch", "run"]):
    folder = os.path.join(events, f"{arch}-{run}")
    files += len(os.listdir(folder))
    expected = [(int(e), np.float32(v)) for e, v in zip(want["epoch"], want["train_compositional"])]
    reader = event_accumulator.EventAccumulator(folder, size_guidance={"scalars": 0})
    reader.Reload()
    seen = [(e.step, np.float32(e.value)) for e in reader.Scalars("error/train_compositional")]
    server = plugin_event_accumulator.EventAccumulator(folder, size_guidance={"tensors": 0})
    server.Reload()
    shown = [(e.step, np.float32(e.tensor_proto.float_val[0])) for e in server.Tensors("error/train_compositional")]
    if seen != expected or shown != expected:
        sys.exit(f"{folder}: {seen} is read and {shown} shown, but the table has {expected}")
if files <= len(os.listdir(events)):
    sys.exit("no run was resumed, so that nothing was compared")
print(f"TensorBoard: {len(rows)} epochs in {files} event files are those of the table, each once")
