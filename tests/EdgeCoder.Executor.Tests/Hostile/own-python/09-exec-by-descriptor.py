# SAFE: the descriptor number that started the interpreter must not be usable again
import ctypes, os
l = ctypes.CDLL(None, use_errno=True)
fd = os.open("/usr/lib/os-release" if os.path.exists("/usr/lib/os-release") else "/edgecoder/entry", os.O_RDONLY)
for number in (1000, 999, 63, fd):
    try: os.dup2(fd, number)
    except OSError as e: print("blocked dup", number, e.errno)
    r = l.syscall(322, number, b"", 0, 0, 0x1000); print("ESCAPED" if r == 0 else "blocked", ctypes.get_errno())
