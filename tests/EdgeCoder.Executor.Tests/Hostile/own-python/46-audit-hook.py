# SAFE: a hook that forbids everything must not keep the runner from telling the error
import sys
def forbid(event, arguments): raise RuntimeError(event)
sys.addaudithook(forbid)
open("x")
