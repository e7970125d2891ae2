# SAFE: filling the report channel must not grow the host and must not count as a report
import os
block = b"x" * 65536
for _ in range(2000):
    try: os.write(4, block)
    except OSError: break
print("done")
