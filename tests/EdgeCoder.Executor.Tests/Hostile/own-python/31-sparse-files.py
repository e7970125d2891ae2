# SAFE: a file that only claims to be large must not be larger than allowed
import os
for size in (1 << 30, 1 << 40, (1 << 63) - 1):
    try:
        with open("sparse", "wb") as file: file.truncate(size)
        print("ESCAPED", size)
    except (OSError, OverflowError) as e: print("blocked", getattr(e, "errno", "range"))
    try:
        fd = os.open("sparse2", os.O_RDWR | os.O_CREAT); os.lseek(fd, size - 1, 0); os.write(fd, b"x"); print("ESCAPED", size)
    except (OSError, OverflowError) as e: print("blocked", getattr(e, "errno", "range"))
    try: os.posix_fallocate(fd, 0, size); print("ESCAPED", size)
    except (OSError, OverflowError) as e: print("blocked", getattr(e, "errno", "range"))
