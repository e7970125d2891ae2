# SAFE: nothing written to the scratch directory may be executed, directly or through the loader
import os
x = os.path.join(os.environ["TMPDIR"], "x")
open(x, "wb").write(open("/usr/lib/x86_64-linux-gnu/libc.so.6", "rb").read()[:4096] if os.path.exists("/usr/lib/x86_64-linux-gnu/libc.so.6") else b"#!/bin/sh\n")
os.chmod(x, 0o755)
for program, arguments in ((x, [x]), ("/lib64/ld-linux-x86-64.so.2", ["ld", x]), ("/edgecoder/entry", ["entry"])):
    try: os.execv(program, arguments); print("ESCAPED", program)
    except OSError as e: print("blocked", program, e.errno)
