# SAFE: nothing may be typed into the terminal of whoever started this
import array, fcntl, os
for fd in range(5):
    for request, argument in ((0x5412, b"x"), (0x541C, array.array("B", [11] * 8).tobytes()), (0x5401, b"\0" * 64), (0x540E, 1), (0x5422, b"\0" * 4)):
        try: fcntl.ioctl(fd, request, argument); print("ESCAPED" if request in (0x5412, 0x541C) else "answered", fd, hex(request))
        except OSError: pass
print("done")
