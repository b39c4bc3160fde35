"""Reads a sweep's folder with pandas, Polars and DuckDB and compares what each
sees with the CSV that modspec exports.

    check.py DIR CSV

DIR is a folder of `modspec sweep run`, CSV what `modspec sweep export DIR --csv`
wrote. Exits with 1 at the first difference.
"""

import csv
import math
import sys

import duckdb
import pandas
import polars

folder, exported = sys.argv[1:]
parts = f"{folder}/runs/*.parquet"


def expected():
    """The exported rows by id, with an empty field as None."""
    with open(exported, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["id"]: {k: (v if v != "" else None) for k, v in row.items()} for row in rows}


def same(text, value):
    """Whether a reader's value is what the CSV says. Texts may be empty, which a
    CSV cannot tell from missing; numbers are the same float64 to the last bit,
    because the CSV has enough digits."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return text is None
    if isinstance(value, str):
        return value == (text or "")
    return text is not None and float(text) == float(value)


def compare(reader, rows):
    want = expected()
    seen = 0
    for row in rows:
        seen += 1
        for column, value in row.items():
            if not same(want[row["id"]][column], value):
                sys.exit(f"{reader}: {column} of {row['id']} is {value!r}, but the CSV has {want[row['id']][column]!r}")
        if row.keys() != want[row["id"]].keys():
            sys.exit(f"{reader} sees other columns than the CSV: {row.keys() ^ want[row['id']].keys()}")
    if seen != len(want) or not seen:
        sys.exit(f"{reader} sees {seen} rows, the CSV has {len(want)}")
    print(f"{reader}: {seen} rows of {len(row)} columns are those of the CSV")


compare("pandas " + pandas.__version__, pandas.read_parquet(f"{folder}/runs").to_dict("records"))
compare("Polars " + polars.__version__, polars.read_parquet(parts).to_dicts())
table = duckdb.sql(f"SELECT * FROM '{parts}'")
compare("DuckDB " + duckdb.__version__, [dict(zip(table.columns, row)) for row in table.fetchall()])
