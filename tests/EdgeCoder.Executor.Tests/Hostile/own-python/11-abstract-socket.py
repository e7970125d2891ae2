# SAFE: no socket of any family, also not the abstract ones that live in no file system
import socket
for family in ("AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_PACKET", "AF_VSOCK", "AF_ALG", "AF_BLUETOOTH"):
    try:
        s = socket.socket(getattr(socket, family), socket.SOCK_STREAM); print("ESCAPED", family)
    except (OSError, AttributeError) as e: print("blocked", family, getattr(e, "errno", ""))
a, b = socket.socketpair(); a.send(b"x"); print("own pair", b.recv(1))
