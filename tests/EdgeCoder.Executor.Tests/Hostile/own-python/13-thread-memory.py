# SAFE: many threads that each take memory must end at the limit
import threading
kept = []
def take():
    while True: kept.append(bytearray(1 << 20))
threads = []
try:
    for _ in range(8): t = threading.Thread(target=take, daemon=True); t.start(); threads.append(t)
except RuntimeError as e: print("blocked", e)
for t in threads: t.join()
print("bounded" if len(kept) < 300 else "ESCAPED", len(kept))
