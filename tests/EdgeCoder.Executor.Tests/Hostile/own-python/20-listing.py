# SAFE: the root holds only what the interpreter needs
import os
seen = set(os.listdir("/"))
print("ESCAPED" if seen - {"usr", "lib", "lib32", "lib64", "libx32", "etc", "dev", "tmp", "edgecoder", "opt", "home"} else "small", sorted(seen))
print("ESCAPED" if set(os.listdir("/etc")) - {"ld.so.cache"} else "small")
print("ESCAPED" if set(os.listdir("/dev")) - {"null", "zero", "random", "urandom"} else "small")
