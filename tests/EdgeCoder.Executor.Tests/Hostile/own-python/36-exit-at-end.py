# SAFE: leaving at the end with success must not hide the error before it
import atexit, os
atexit.register(os._exit, 0)
raise ValueError("hidden")
