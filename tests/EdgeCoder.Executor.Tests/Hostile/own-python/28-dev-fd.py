# SAFE: opening descriptors by name must give nothing that was not given
import os
for path in ["/dev/fd/%d" % n for n in range(12)] + ["/proc/self/fd/%d" % n for n in range(12)] + ["/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/ptmx", "/dev/mem", "/dev/kmsg", "/dev/fuse"]:
    for flags in (os.O_WRONLY, os.O_RDWR, os.O_RDONLY):
        try: fd = os.open(path, flags)
        except OSError: continue
        print("opened", path, flags)
        try: os.write(fd, b"0 end {\"exit\":0}\n")
        except OSError: pass
raise SystemExit(3)
