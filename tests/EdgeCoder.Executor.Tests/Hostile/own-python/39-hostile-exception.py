# SAFE: an exception that answers every question with an exception, or with the end, is an error all the same
class Odd(Exception):
    def __str__(self): raise MemoryError
    def __repr__(self): raise KeyboardInterrupt
    def __getattribute__(self, name): raise SystemExit(0)
    @property
    def __traceback__(self): raise SystemExit(0)
raise Odd()
