# SAFE: neither the clock nor the priority nor the processors of the host may be changed
import os, time
for action in (lambda: os.nice(-5), lambda: os.setpriority(os.PRIO_USER, 0, -5), lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50)), lambda: os.sethostname("x") if hasattr(os, "sethostname") else __import__("socket").sethostname("x"), lambda: time.clock_settime(time.CLOCK_REALTIME, 0)):
    try: action(); print("ESCAPED")
    except OSError as e: print("blocked", e.errno)
