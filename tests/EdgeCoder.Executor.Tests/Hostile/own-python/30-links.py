# SAFE: links in the scratch directory must lead nowhere
import os, glob
targets = ("/etc/passwd", "/", "/proc/1/root", "@CANARY_DIR@", "@CANARY_DIR@/secret.txt", "/edgecoder/runner.py", "/usr/lib")
for number, target in enumerate(targets):
    name = "l%d" % number
    try: os.symlink(target, name)
    except OSError as e: print("symlink", e.errno); continue
    for action in (lambda: open(name).read(), lambda: open(name + "/etc/passwd").read(), lambda: open(name + "/secret.txt").read()):
        try: text = action()
        except OSError: continue
        if "root:" in text or "CANARY-FILE" in text: print("ESCAPED", target)
    for action in (lambda: open(name, "a").write("x"), lambda: os.chmod(name, 0o777), lambda: os.utime(name), lambda: os.truncate(name, 0), lambda: os.unlink(name + "/secret.txt"), lambda: os.rename("l0", name + "/pwned")):
        try: action(); print("changed what", target, "means inside")
        except OSError: pass
    try: os.link(target, "h%d" % number); print("ESCAPED hard link" if not target.startswith("@CANARY_DIR@") else "linked what it made", target)
    except OSError: pass
for source in glob.glob("/usr/lib/python3*/os.py")[:1] + ["/edgecoder/runner.py"]:
    for action in (lambda: os.rename(source, "stolen"), lambda: os.rename("l0", source), lambda: os.link(source, "hard"), lambda: os.unlink(source), lambda: os.chmod(source, 0o777)):
        try: action(); print("ESCAPED", source)
        except OSError: pass
for action in (lambda: os.mkfifo("/edgecoder/fifo"), lambda: os.mknod("disk", 0o60666, os.makedev(8, 0))):
    try: action(); print("ESCAPED device")
    except OSError: pass
print("done")
