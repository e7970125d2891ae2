# SAFE: asking the kernel for what no program needs must end the program
import ctypes
library = ctypes.CDLL(None, use_errno=True)
for number in (250, 248, 425, 298, 304, 435, 169, 167, 175, 246, 135, 155):
    print(number, library.syscall(number, 0, 0, 0, 0, 0), ctypes.get_errno(), flush=True)
print("ESCAPED")
