# SAFE: shared anonymous memory must not escape the memory limit
import mmap
kept = []
try:
    for _ in range(64): m = mmap.mmap(-1, 32 << 20); m.write(b"x" * (32 << 20)); kept.append(m)
    print("ESCAPED", len(kept))
except (OSError, MemoryError, ValueError) as e: print("blocked at", len(kept), type(e).__name__)
