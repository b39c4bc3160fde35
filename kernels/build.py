"""Builds the device images that modspec embeds, and the manifest that says what they are of.

    python build.py                  build what has changed in device/ since images/ was built
    python build.py fused.cu         only this source
    python build.py --check          build everything, compare with images/, write nothing
    python build.py --check --arch sm_90   the same for one architecture
    python build.py --report         compile and print registers, shared memory, stack and spills, write nothing
    python build.py --compiler       print the version of the compiler

Each source becomes machine code for every architecture in MACHINES, and PTX for
devices that come after them. The same sources give the same bytes in any folder
on any machine: the compiler is the one that requirements.txt pins, it is handed
texts and no paths, and what is compared are images as the driver gets them
(compressed files may differ where Python's zlib does).

Exit status 1: a source does not compile, or --check finds a difference.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import sys

import manifest
import nvrtc

FOLDER = pathlib.Path(__file__).resolve().parent
MACHINES = ["sm_80", "sm_86", "sm_89", "sm_90", "sm_100", "sm_120"]
PTX = "compute_80"  # comes with sm_80's machine code: the oldest reaches the most devices
# 177 is a name that is never referenced; it is given for members of templates too,
# and the stand-in's build, by a host compiler, finds what is really unused.
OPTIONS = ["-std=c++17", "--diag-suppress=177", "--ptxas-options=-v"]

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
NAME = re.compile(r"([a-z][a-z0-9]*(?:_[a-z0-9]+)*)_(f32|f64|tf32)")
CLASS = re.compile(r"(?:[a-z]+[0-9]+)+")


def pinned():
    """The only compiler whose images are committed."""
    text = (FOLDER / "requirements.txt").read_text()
    return re.search(r"^nvidia-cuda-nvrtc-cu12==(\S+)", text, re.MULTILINE).group(1)


def closure(device, text, found=None):
    """{name: text} of what a source includes, directly or not, sorted by name.

    A name that is not in device/ is left to the compiler, which refuses it
    unless the line is one that only a host compiler reads.
    """
    found = {} if found is None else found
    for name in INCLUDE.findall(text):
        path = device / name
        if name not in found and path.is_file():
            found[name] = path.read_text()
            closure(device, found[name], found)
    return dict(sorted(found.items()))


def describe(name):
    """What the name of a kernel says: <operation>_<precision>, or <operation>_<class>_<precision>.

    A class is letters and numbers in turn, the parameters that the kernel was
    compiled for: l8u7 is l = 8, u = 7.
    """
    match = NAME.fullmatch(name)
    if not match:
        raise nvrtc.CompileError(
            f'kernel {name}: must be extern "C" and named <operation>_<precision> or <operation>_<class>_<precision>, with f32, f64 or tf32, in lower case'
        )
    operation, precision = match.groups()
    rest, _, last = operation.rpartition("_")
    parameters = {}
    if rest and CLASS.fullmatch(last):
        operation = rest
        parameters = {letters: int(number) for letters, number in re.findall(r"([a-z]+)([0-9]+)", last)}
    return {"name": name, "operation": operation, "parameters": parameters, "precision": precision}


def compile_for(library, name, text, headers, machine):
    """Compiles one source for one architecture; runs in a process of its own."""
    options = OPTIONS + [f"--gpu-architecture={machine}"]
    return nvrtc.NVRTC(library).compile(name, text, headers, options)


def compiler_version(library):
    """What the compiler calls itself, with the update that its interface does not tell."""
    ptx = compile_for(library, "version.cu", 'extern "C" __global__ void version_f32() {}', {}, MACHINES[0]).ptx.decode()
    return re.search(r"release [\d.]+, V([\d.]+)", ptx).group(1)


def build_source(pool, library, device, name, machines):
    """Starts the compilations of a source; returns what collect needs."""
    text = (device / name).read_text()
    headers = closure(device, text)
    jobs = {m: pool.submit(compile_for, library, name, text, headers, m) for m in machines}
    return name, text, headers, jobs


def collect(name, text, headers, jobs):
    """Waits for a source's compilations: its entry in the manifest, and its images by file name."""
    files, images, kernels = {}, [], {}

    def add(image, arch, file):
        files[file] = image
        images.append({"arch": arch, "file": file, "bytes": len(image), "sha256": manifest.digest(image)})

    stem = name.removesuffix(".cu")
    for machine, job in jobs.items():
        try:
            compiled = job.result()
        except nvrtc.CompileError as fault:
            raise nvrtc.CompileError(f"{name} does not compile for {machine}:\n{fault}") from fault
        add(compiled.cubin, machine, f"{stem}.{machine}.cubin.gz")
        if machine == MACHINES[0]:
            add(compiled.ptx, PTX, f"{stem}.{PTX}.ptx.gz")
        for kernel in compiled.kernels:
            entry = kernels.setdefault(kernel.name, describe(kernel.name) | {"resources": {}})
            entry["resources"][machine] = {
                "registers": kernel.registers,
                "shared": kernel.shared,
                "stack": kernel.stack,
                "spill_stores": kernel.spill_stores,
                "spill_loads": kernel.spill_loads,
            }
    if not kernels:
        raise nvrtc.CompileError(f"{name}: has no kernel")
    entry = {
        "source": name,
        "sha256": manifest.digest(text.encode()),
        "headers": {header: manifest.digest(value.encode()) for header, value in headers.items()},
        "images": images,
        "kernels": list(kernels.values()),
    }
    return entry, files


def build(library, device, sources, machines, jobs):
    """Compiles sources; returns their entries, their images, and the faults of those that fail."""
    entries, files, faults = {}, {}, {}
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        started = [build_source(pool, library, device, name, machines) for name in sources]
        for name, text, headers, compilations in started:
            try:
                entries[name], images = collect(name, text, headers, compilations)
                files |= images
            except nvrtc.CompileError as fault:
                for other in compilations.values():
                    other.cancel()
                # The compiler knows bare names; a reader wants the place.
                faults[name] = re.sub(r"^([\w.]+:\d+:)", rf"{os.path.relpath(device)}/\1", str(fault), flags=re.MULTILINE)
    return entries, files, faults


def stale(device, images, committed, name):
    """Whether images/ lacks a source's images as its text is now."""
    entry = next((e for e in committed["sources"] if e["source"] == name), None)
    if entry is None:
        return True
    text = (device / name).read_text()
    headers = {header: manifest.digest(value.encode()) for header, value in closure(device, text).items()}
    return (
        entry["sha256"] != manifest.digest(text.encode())
        or entry["headers"] != headers
        or any(manifest.digest_of(images / image["file"]) != image["sha256"] for image in entry["images"])
    )


def print_resources(entries, machines):
    """A line a kernel and architecture: what it takes, sizes in bytes."""
    columns = ["registers", "shared", "stack", "spill_stores", "spill_loads"]
    rows = [["kernel", "arch", *columns]]
    for entry in entries:
        for kernel in entry["kernels"]:
            rows += [[kernel["name"], m, *(kernel["resources"][m][c] for c in columns)] for m in machines]
    wide = max(len(row[0]) for row in rows)
    for name, machine, *numbers in rows:
        print(f"{name:{wide}}  {machine:6}" + "".join(f"  {n:>12}" for n in numbers))


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="*", metavar="SOURCE", help="names in device/ (default: all)")
    parser.add_argument("--check", action="store_true", help="compare a new build with images/, write nothing")
    parser.add_argument("--report", action="store_true", help="print what kernels take, write nothing")
    parser.add_argument("--compiler", action="store_true", help="print the compiler's version, do nothing else")
    parser.add_argument("--arch", choices=MACHINES, action="append", help="with --report or --check: only for this architecture; may be repeated")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="compilations at a time (default: %(default)s)")
    parser.add_argument("--device", type=pathlib.Path, default=FOLDER / "device", help="folder of the sources")
    parser.add_argument("--images", type=pathlib.Path, default=FOLDER / "images", help="folder of the images")
    parser.add_argument("--nvrtc", type=pathlib.Path, default=FOLDER.parent / ".toolchain/nvrtc/libnvrtc.so.12", help="the compiler")
    given = parser.parse_args()
    if given.check and (given.report or given.sources):
        parser.error("--check takes neither --report nor sources: it is about all images")
    if given.arch and not given.report and not given.check:
        parser.error("--arch goes with --report or --check: images are built for every architecture")
    if given.jobs < 1:
        parser.error(f"--jobs {given.jobs}: must be at least 1")
    return given


def main():
    given = options()
    if not given.nvrtc.is_file():
        sys.exit(f"{given.nvrtc}: no such compiler; `make toolchain` fetches it, where CUDA_HOME is not set")
    # In a process of its own, as every compilation: this one never loads the compiler.
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        version = pool.submit(compiler_version, given.nvrtc).result()
    if given.compiler:
        print(version)
        return
    present = sorted(path.name for path in given.device.glob("*.cu"))
    unknown = sorted(set(given.sources) - set(present))
    if unknown:
        sys.exit(f"no {', '.join(unknown)} in {given.device}; there are: {', '.join(present) or 'no sources'}")
    if version != pinned():
        sys.exit(f"{given.nvrtc} is NVRTC {version}, and images are built by {pinned()} alone: "
                 "unset CUDA_HOME, and `make toolchain` fetches it")

    sources = given.sources or present
    committed = manifest.read(given.images)
    stamp = {"compiler": f"NVRTC {version}", "options": OPTIONS}
    same = committed is not None and all(committed.get(key) == stamp[key] for key in stamp)
    if not given.check and not given.report and same:
        sources = [name for name in sources if stale(given.device, given.images, committed, name)]

    machines = [m for m in MACHINES if not given.arch or m in given.arch]
    entries, files, faults = build(given.nvrtc, given.device, sources, machines, given.jobs)
    for name in sorted(faults):
        print(faults[name], file=sys.stderr)

    if given.report:
        if entries:
            print_resources(entries.values(), machines)
    elif given.check:
        found = [] if faults else manifest.differences(given.images, committed, stamp | {"sources": ordered(entries)},
                                                     machines + ([PTX] if MACHINES[0] in machines else []))
        for line in found:
            print(f"images: {line}", file=sys.stderr)
        if found:
            sys.exit("`make kernels` builds them anew")
    else:
        # A source that was not built now keeps what it had, where that is this compiler's.
        # Asked again: another build may have ended meanwhile.
        committed = manifest.read(given.images) if same else None
        kept = {e["source"]: e for e in committed["sources"] if e["source"] in present} if committed else {}
        built = stamp | {"sources": ordered(kept | entries)}
        manifest.save(given.images, built, files)
        print(f"{len(entries)} of {len(present)} sources built, {len(built['sources'])} in the manifest, "
              f"{sum(path.stat().st_size for path in given.images.iterdir())} bytes in {given.images.name}/")
    sys.exit(1 if faults else 0)


def ordered(entries):
    """The entries of a manifest, by source."""
    return [entries[name] for name in sorted(entries)]


if __name__ == "__main__":
    main()
