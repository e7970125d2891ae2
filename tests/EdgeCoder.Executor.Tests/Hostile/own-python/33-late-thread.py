# SAFE: a thread that prints when the program has ended must neither lengthen the run nor change its result
import threading
def late():
    while True: print("late", flush=True)
threading.Thread(target=late, daemon=True).start()
