# SAFE: native stack exhaustion must end the program only
import sys
sys.setrecursionlimit(10 ** 9)
class A:
    def __repr__(self): return repr(self)
x = []
for _ in range(10 ** 6): x = [x]
print(len(repr(x)))
