# SAFE: the other numbering of system calls must not pass the filter
import ctypes
l = ctypes.CDLL(None, use_errno=True)
print("ESCAPED", l.syscall(0x40000000 + 39))
