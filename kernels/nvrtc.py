"""NVIDIA's run-time compiler, NVRTC, by way of ctypes: one source in, machine code and a report out."""

import ctypes
import dataclasses
import re


class CompileError(Exception):
    """What the compiler says of a source that it refuses or warns about, a line a fault."""


@dataclasses.dataclass(frozen=True)
class Kernel:
    """What ptxas reports of one kernel; sizes in bytes, a thread's but for `shared`, which is a block's."""

    name: str
    registers: int
    shared: int  # static
    stack: int  # arrays that are indexed at run time, and what is spilled
    spill_stores: int
    spill_loads: int


@dataclasses.dataclass(frozen=True)
class Compiled:
    cubin: bytes
    ptx: bytes
    kernels: tuple  # of Kernel, by name


class NVRTC:
    def __init__(self, path):
        self.library = ctypes.CDLL(str(path))
        self.library.nvrtcGetErrorString.restype = ctypes.c_char_p

    def call(self, name, *arguments):
        status = getattr(self.library, name)(*arguments)
        if status != 0:
            raise RuntimeError(f"{name}: {self.library.nvrtcGetErrorString(status).decode()}")

    def text(self, program, what):
        """The bytes that nvrtcGet<what> gives, whose number nvrtcGet<what>Size gives."""
        size = ctypes.c_size_t()
        self.call(f"nvrtcGet{what}Size", program, ctypes.byref(size))
        buffer = ctypes.create_string_buffer(size.value)
        self.call(f"nvrtcGet{what}", program, buffer)
        return buffer.raw

    def compile(self, name, source, headers, options):
        """Compiles a source, given with everything that it may include: {name: text}.

        The compiler sees these texts and no file, so that what it makes depends
        on them and the options alone. A warning counts as an error.
        """
        program = ctypes.c_void_p()
        names = (ctypes.c_char_p * len(headers))(*[key.encode() for key in headers])
        texts = (ctypes.c_char_p * len(headers))(*[value.encode() for value in headers.values()])
        given = (ctypes.c_char_p * len(options))(*[option.encode() for option in options])
        self.call(
            "nvrtcCreateProgram",
            ctypes.byref(program), source.encode(), name.encode(), len(headers), texts, names,
        )
        try:
            status = self.library.nvrtcCompileProgram(program, len(options), given)
            log = self.text(program, "ProgramLog").rstrip(b"\0").decode(errors="replace")
            if status != 0 or re.search(r"\bwarning\b", log):
                raise CompileError(faults(log))
            return Compiled(
                cubin=self.text(program, "CUBIN"),
                ptx=self.text(program, "PTX").rstrip(b"\0"),
                kernels=report(log),
            )
        finally:
            self.library.nvrtcDestroyProgram(ctypes.byref(program))


def faults(log):
    """The log without ptxas's report, its places written as file:line."""
    lines = [line for line in log.splitlines() if line.strip() and not re.match(r"ptxas (info| +\.) +", line)]
    return "\n".join(re.sub(r"^([\w./]+)\((\d+)\): ", r"\1:\2: ", line) for line in lines)


def report(log):
    """Reads what `--ptxas-options=-v` leaves in the log: a few lines a kernel, of which this is all:

    ptxas info    : Compiling entry function 'NAME' for 'sm_80'
    ptxas info    : Function properties for NAME
    ptxas         .     0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
    ptxas info    : Used 31 registers, used 1 barriers, 128 bytes smem, 360 bytes cmem[0]

    Properties of functions that are called and not inlined stand there too; a
    kernel's own line of registers counts them in, and so does its stack.
    """
    kernels = []
    for part in log.split("Compiling entry function ")[1:]:
        name = re.match(r"'(\w+)'", part).group(1)
        own = part.split(f"Function properties for {name}\n", 1)[1]
        frame = re.search(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads", own)
        used = re.search(r"Used (\d+) registers.*", own)
        cumulative = re.search(r"(\d+) bytes cumulative stack size", used.group())
        shared = re.search(r"(\d+) bytes smem", used.group())
        kernels.append(
            Kernel(
                name=name,
                registers=int(used.group(1)),
                shared=int(shared.group(1)) if shared else 0,
                stack=int((cumulative or frame).group(1)),
                spill_stores=int(frame.group(2)),
                spill_loads=int(frame.group(3)),
            )
        )
    return tuple(sorted(kernels, key=lambda kernel: kernel.name))
