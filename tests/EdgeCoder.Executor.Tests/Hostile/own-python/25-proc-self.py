# SAFE: nothing of the host may be told by the program's own process directory
for name in ("environ", "cmdline", "mountinfo", "maps", "root/etc/passwd", "cwd/../../etc/passwd", "fd/4", "task", "cgroup"):
    for base in ("/proc/self/", "/proc/thread-self/", "/proc/1/"):
        try: text = open(base + name, "rb").read(200000)
        except OSError: continue
        print("ESCAPED" if b"CANARY" in text or b"root:" in text else "read", base + name, len(text))
print("done")
