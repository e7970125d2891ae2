# SAFE: ignoring the signal of the CPU limit must not lengthen the run
import signal, threading
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
def spin():
    while True: pass
for _ in range(4): threading.Thread(target=spin).start()
spin()
