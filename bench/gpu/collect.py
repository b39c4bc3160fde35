"""Puts the raw outputs of bench/gpu/run.sh together: one JSON file and one table.

    collect.py RAW OUT
"""

import datetime
import json
import pathlib
import re
import statistics
import sys


def lines(path):
    return path.read_text().splitlines() if path.exists() else []


def benchmarks(path):
    """{name: {unit: [values]}} of Go's benchmark output."""
    found = {}
    for line in lines(path):
        fields = line.split()
        if not fields or not fields[0].startswith("Benchmark") or len(fields) < 4:
            continue
        name = re.sub(r"-\d+$", "", fields[0])
        for value, unit in zip(fields[2::2], fields[3::2]):
            found.setdefault(name, {}).setdefault(unit, []).append(float(value))
    return found


def summary(values):
    return {"median": statistics.median(values), "lowest": min(values), "highest": max(values), "repetitions": len(values)}


def json_lines(path):
    found = []
    for line in lines(path):
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            pass
    return found


# What one network-step of the paper's dense setting costs in reduced coordinates:
# three products of 9 x 50 x 8 multiply-adds.
DENSE_FLOPS = 3 * 2 * 9 * 50 * 8


def registers(manifest, capability):
    """{kernel: {registers, spills}} of the compiler's report for a device."""
    if not manifest.exists():
        return {}
    found = {}
    for source in json.loads(manifest.read_text())["sources"]:
        for kernel in source["kernels"]:
            r = kernel["resources"].get(capability)
            if r:
                found[kernel["name"]] = {"registers": r["registers"], "stack_bytes": r["stack"], "spill_stores": r["spill_stores"]}
    return found


def main():
    raw, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    device = (lines(raw / "device.txt") or ["unknown"])[0].split(",")[0].strip()
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    doctor = json_lines(raw / "doctor.txt")
    steps = [dict(zip(("step", "status", "seconds"), line.split("\t"))) for line in lines(raw / "steps.tsv")]
    ours = {name: {unit: summary(v) for unit, v in units.items()}
            for source in ("copies", "bits", "large", "programs", "images") for name, units in benchmarks(raw / f"{source}.txt").items()}
    limits = (json_lines(raw / "limits.txt") or [None])[0]
    for name, units in ours.items():
        if limits and name.startswith("BenchmarkCopies") and "network-steps/s" in units:
            units["share of float32 products"] = units["network-steps/s"]["median"] * DENSE_FLOPS / (limits["matmul_float32_tflops"] * 1e12)
        if limits and "TFLOP/s" in units:
            units["share of float32 products"] = units["TFLOP/s"]["median"] / limits["matmul_float32_tflops"]
    capability = (lines(raw / "capability.txt") or ["0"])[0].replace(".", "")
    manifest = pathlib.Path(__file__).resolve().parents[2] / "kernels" / "images" / "manifest.json"
    result = {
        "device": device, "date": today, "query": lines(raw / "device.txt"), "clocks_after": lines(raw / "clocks.txt"),
        "doctor": doctor[0] if doctor else None, "limits": limits, "kernels": registers(manifest, "sm_" + capability),
        "command": "bench/gpu/run.sh", "steps": steps, "ours": ours, "peers": json_lines(raw / "peers.txt"),
        "peers_images": json_lines(raw / "peers-images.txt"),
    }
    stem = re.sub(r"[^a-z0-9]+", "-", device.lower()).strip("-") + "-" + today
    (out / f"{stem}.json").write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")

    text = [f"# {device}, {today}", "", "| what | network-steps/s, median | lowest | highest | share of float32 products |", "|---|---|---|---|---|"]
    rows = []
    for name, units in ours.items():
        if "network-steps/s" in units:
            s = units["network-steps/s"]
            share = units.get("share of float32 products")
            rows.append((name.removeprefix("Benchmark"), s["median"], s["lowest"], s["highest"], "" if share is None else f"{share:.0%}"))
    for peer in result["peers"]:
        name = f"{peer['peer']}, {peer['form']}"
        if "steps_per_second" in peer:
            rows.append((f"{name}, {peer['copies']} copies", peer["steps_per_second"], peer["lowest"], peer["highest"], ""))
        else:
            text.append(f"| {name} | missing: {peer.get('missing', 'it disagrees with NumPy')} | | | |")
    text += [f"| {name} | {median:.3g} | {low:.3g} | {high:.3g} | {share} |" for name, median, low, high, share in rows]
    images = [(name.removeprefix("Benchmark"), units["images/s"], units.get("of-predicted")) for name, units in ours.items() if "images/s" in units]
    text += ["", "| convolutional networks | images/s, median | lowest | highest | share of the prediction |", "|---|---|---|---|---|"]
    text += [f"| {name} | {s['median']:.4g} | {s['lowest']:.4g} | {s['highest']:.4g} | {peak['median']:.0%} |" if peak else
             f"| {name} | {s['median']:.4g} | {s['lowest']:.4g} | {s['highest']:.4g} | |" for name, s, peak in images]
    text += [f"| {p['peer']} {p['version']}, {p['arch']}, one run | {p['images_per_second']:.4g} | {p['lowest']:.4g} | {p['highest']:.4g} | |" for p in result["peers_images"]]
    if result["limits"]:
        text += ["", f"Measured in the same run: float32 products {result['limits']['matmul_float32_tflops']:.1f} TFLOP/s, "
                     f"copies {result['limits']['copy_gb_per_second']:.0f} GB/s."]
    text += ["", "| check | result | seconds |", "|---|---|---|"]
    text += [f"| {s['step']} | {'passed' if s['status'] == '0' else 'FAILED (' + s['status'] + ')'} | {s['seconds']} |" for s in steps]
    (out / f"{stem}.md").write_text("\n".join(text) + "\n")
    print(out / f"{stem}.json")


if __name__ == "__main__":
    main()
