# SAFE: what runs at the end of the interpreter must reach the limit like all else
import atexit
def spin():
    while True: pass
atexit.register(spin)
