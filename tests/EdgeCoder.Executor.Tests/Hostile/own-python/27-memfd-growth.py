# SAFE: files in memory must not escape the memory limit
import os
kept, total = [], 0
try:
    for number in range(40):
        fd = os.memfd_create("m%d" % number); kept.append(fd)
        for _ in range(15): total += os.write(fd, b"x" * (1 << 20))
    print("ESCAPED", total)
except OSError as e: print("blocked at", total, e.errno)
