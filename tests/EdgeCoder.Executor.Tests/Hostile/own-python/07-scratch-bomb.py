# SAFE: the bytes of the scratch directory must be bounded over many files
n = 0
try:
    for i in range(100):
        with open("/tmp/b%d" % i, "wb") as f:
            for _ in range(4): f.write(b"x" * (1 << 20)); n += 1
    print("ESCAPED MiB", n)
except OSError as e: print("blocked at", n <= 16, e.errno)
