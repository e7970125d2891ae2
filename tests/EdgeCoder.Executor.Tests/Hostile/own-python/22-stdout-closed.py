# SAFE: closing the output must not look like success with output, nor hang
import os
for fd in (0, 1, 2): os.close(fd)
while True: pass
