# SAFE: records without the key must not be believed
import os
for kind in (b"case", b"end", b"collected"):
    os.write(4, b"0" * 32 + b" " + kind + b' {"exit":0,"total":1,"status":"passed","name":"x"}\n')
raise SystemExit(3)
