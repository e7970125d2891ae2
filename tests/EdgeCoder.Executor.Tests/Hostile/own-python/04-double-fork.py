# SAFE: a daemon must not come to be
import os
try:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            print("ESCAPED daemon")
except OSError as e: print("blocked", e)
try: os.setsid(); print("ESCAPED session")
except OSError as e: print("blocked", e)
