# SAFE: writing to both streams at once must end at the output limit, and not stop for lack of a reader
import os, threading
def flood(fd):
    while True: os.write(fd, b"x" * 65536)
threading.Thread(target=flood, args=(2,)).start()
flood(1)
