# SAFE: a program that closes the report channel has no result
import os
os.close(4)
print("closed")
