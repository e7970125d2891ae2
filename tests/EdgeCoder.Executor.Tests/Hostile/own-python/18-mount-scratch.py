# SAFE: no file system may be mounted and no namespace made
import ctypes
l = ctypes.CDLL(None, use_errno=True)
print("ESCAPED" if l.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, b"") == 0 else "blocked", ctypes.get_errno())
