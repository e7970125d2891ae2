# SAFE: a regular expression that never ends must be ended, although it never lets go of the interpreter
import re
re.match(r"(a+)+$", "a" * 60 + "b")
