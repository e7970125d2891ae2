# SAFE: a signal to everybody must reach nobody else
import os, signal
for number in (signal.SIGSTOP, signal.SIGKILL):
    for target in (-1, os.getppid(), -os.getppid()):
        try: os.kill(target, number); print("sent", target == -1, int(number))
        except OSError as e: print("blocked", e.errno)
