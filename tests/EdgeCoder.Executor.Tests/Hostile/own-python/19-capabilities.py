# SAFE: no capability may be left
import ctypes, os
l = ctypes.CDLL(None, use_errno=True)
held = [c for c in range(41) if l.prctl(23, c, 0, 0, 0) == 1]
r = l.syscall(126, 0, 0)
# Without namespaces an ordinary user cannot give up the bounding set; "no new privileges" makes it mean nothing.
print("ESCAPED" if held and os.path.isdir("/edgecoder") else "blocked", ctypes.get_errno(), "bounding", held)
try: os.chown("/tmp", 0, 0); print("ESCAPED")
except OSError as e: print("blocked", e.errno)
