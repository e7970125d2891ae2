# SAFE: the root holds only what the interpreter needs
import os
def listing(path):
    try: return set(os.listdir(path))
    except OSError: return set()
seen = listing("/")
print("ESCAPED" if seen - {"usr", "lib", "lib32", "lib64", "libx32", "etc", "dev", "tmp", "edgecoder", "opt", "home"} else "small", sorted(seen))
print("ESCAPED" if listing("/etc") - {"ld.so.cache"} else "small")
print("ESCAPED" if listing("/dev") - {"null", "zero", "random", "urandom"} else "small")
