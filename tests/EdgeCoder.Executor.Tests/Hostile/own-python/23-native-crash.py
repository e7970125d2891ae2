# SAFE: a crash of native code is a crash of the program only
import ctypes
ctypes.string_at(0)
