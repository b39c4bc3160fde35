"""The manifest of the device images, and the files beside it in images/."""

import gzip
import hashlib
import json
import os


def digest(data):
    return hashlib.sha256(data).hexdigest()


def digest_of(path):
    """The digest of an image in its compressed file, None where there is no such file or it is broken."""
    try:
        return digest(gzip.decompress(path.read_bytes()))
    except (OSError, EOFError):
        return None


def encode(node, indent=""):
    """JSON in which an object of single values is one line, so that a difference reads well."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    if not any(isinstance(child, (dict, list)) for child in children):
        return json.dumps(node)
    deeper = indent + " "
    if isinstance(node, dict):
        lines = [f"{deeper}{json.dumps(key)}: {encode(value, deeper)}" for key, value in node.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    return "[\n" + ",\n".join(deeper + encode(value, deeper) for value in node) + f"\n{indent}]"


def read(images):
    """The manifest in images/, None where there is none."""
    try:
        return json.loads((images / "manifest.json").read_text())
    except FileNotFoundError:
        return None


def write(path, data):
    """Replaces a file at once."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(data)
    os.replace(temporary, path)


def save(images, manifest, files):
    """Writes new images, then the manifest, then removes what the manifest does not name."""
    images.mkdir(exist_ok=True)
    for name, data in files.items():
        write(images / name, gzip.compress(data, 9, mtime=0))
    write(images / "manifest.json", (encode(manifest) + "\n").encode())
    for path in unnamed(images, manifest):
        path.unlink()


def unnamed(images, manifest):
    """Files in images/ that the manifest does not name."""
    named = {image["file"] for entry in manifest["sources"] for image in entry["images"]} | {"manifest.json"}
    return sorted(path for path in images.iterdir() if path.name not in named)


def restricted(manifest, architectures):
    """The manifest without what it says of other architectures."""
    return manifest | {
        "sources": [
            entry
            | {
                "images": [image for image in entry["images"] if image["arch"] in architectures],
                "kernels": [
                    kernel | {"resources": {a: r for a, r in kernel["resources"].items() if a in architectures}}
                    for kernel in entry["kernels"]
                ],
            }
            for entry in manifest["sources"]
        ]
    }


def differences(images, committed, built, architectures):
    """What keeps the images of some architectures from being what their sources give, a line each."""
    if committed is None:
        return ["manifest.json: missing"]
    found = [f"{path.name}: not in the manifest" for path in unnamed(images, committed)]
    committed = restricted(committed, architectures)
    for key in ("compiler", "options"):
        if committed.get(key) != built[key]:
            found.append(f"{key}: {committed.get(key)}, and now {built[key]}")
    old = {entry["source"]: entry for entry in committed["sources"]}
    new = {entry["source"]: entry for entry in built["sources"]}
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            found.append(f"{name}: has images and no source")
        elif name not in old:
            found.append(f"{name}: has no images")
        elif old[name] != new[name]:
            changed = [key for key in new[name] if old[name].get(key) != new[name][key]]
            found.append(f"{name}: the manifest differs in {', '.join(changed)}")
        else:
            for image in new[name]["images"]:
                if digest_of(images / image["file"]) != image["sha256"]:
                    found.append(f"{image['file']}: not what {name} gives")
    return found
