# SAFE: modules that the runner asks at its end must not end the run as success
import os, sys
class Poison:
    def __getattr__(self, name): return lambda *a, **k: os._exit(0)
sys.modules["threading"] = Poison()
sys.modules["atexit"] = Poison()
sys.stdout = Poison()
sys.stderr = Poison()
raise ValueError("hidden")
