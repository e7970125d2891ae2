# SAFE: no family of sockets may tell of the host or reach it
import socket
for family, kind, protocol in ((16, 3, 0), (16, 2, 9), (17, 3, 768), (38, 5, 0), (40, 1, 0), (31, 3, 1), (29, 3, 1), (44, 3, 0), (15, 3, 2), (10, 3, 58), (2, 3, 1), (1, 5, 0)):
    try: one = socket.socket(family, kind, protocol)
    except OSError: continue
    try:
        if family == 16:
            one.sendto(b"\x14\0\0\0\x12\0\x01\x03\x01\0\0\0\0\0\0\0\0\0\0\0", (0, 0)); one.settimeout(1)
            print("ESCAPED" if one.recv(65536).count(b"eth") else "empty", family)
        elif family == 40: one.connect((2, 22)); print("ESCAPED", family)
        elif family == 38: one.bind(("hash", "sha256")); print("ESCAPED", family)
        else: one.sendto(b"x" * 64, ("127.0.0.1", 0)); print("sent", family)
    except (OSError, TypeError, ValueError) as e: print("blocked", family, getattr(e, "errno", e))
print("done")
