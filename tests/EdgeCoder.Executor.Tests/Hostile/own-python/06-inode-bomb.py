# SAFE: the number of files must be bounded
n = 0
try:
    while n < 100000:
        open("/tmp/f%d" % n, "w").close(); n += 1
    print("ESCAPED files", n)
except OSError as e: print("blocked at", n < 1100, e.errno)
