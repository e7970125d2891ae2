# SAFE: a path without end must be bounded and must not hinder the clean-up
import os
depth = 0
try:
    while True: os.mkdir("d"); os.chdir("d"); depth += 1
except OSError as e: print("blocked at", depth > 100, e.errno)
