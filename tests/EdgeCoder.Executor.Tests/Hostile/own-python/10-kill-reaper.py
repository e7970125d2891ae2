# SAFE: the reaper of the namespace and the process group must not be signalled
import os, signal
for pid in {1, 0, -1, 3} - {os.getpid()}:
    try: os.kill(pid, signal.SIGKILL if pid == 1 else 0); print("ESCAPED" if pid != 0 else "self", pid)
    except OSError as e: print("blocked", pid, e.errno)
