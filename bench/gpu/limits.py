"""Measures what the card can do: float32 products without tensor cores, and copies.

Prints JSON: TFLOP/s of a large float32 matrix product (TF32 off) and GB/s of a
copy within device memory, read and written, the median of ten after a warm-up.
"""

import json
import statistics

import torch


def median_ms(run):
    for _ in range(3):
        run()
    times = []
    for _ in range(10):
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        run()
        end.record()
        torch.cuda.synchronize()
        times.append(begin.elapsed_time(end))
    return statistics.median(times)


def main():
    torch.backends.cuda.matmul.allow_tf32 = False
    n = 8192
    a, b = torch.randn(n, n, device="cuda"), torch.randn(n, n, device="cuda")
    product = median_ms(lambda: torch.matmul(a, b))
    x = torch.empty(1 << 30, dtype=torch.float32, device="cuda")
    y = torch.empty_like(x)
    copy = median_ms(lambda: y.copy_(x))
    p = torch.cuda.get_device_properties(0)
    print(json.dumps({
        "device": p.name, "multiprocessors": p.multi_processor_count, "memory_bytes": p.total_memory,
        "matmul_float32_tflops": 2 * n**3 / product / 1e9, "copy_gb_per_second": 2 * x.numel() * 4 / copy / 1e6,
    }))


if __name__ == "__main__":
    main()
