# SAFE: replaced builtins and functions must not change what is reported
import builtins, os, json, sys
for name in ("len", "str", "repr", "isinstance", "type", "open", "print", "getattr", "ord", "dict", "list", "int", "Exception", "BaseException", "SystemExit"):
    setattr(builtins, name, lambda *a, **k: 0)
os.write = os.read = os.close = lambda *a: 0
json.dumps = json.dump = lambda *a, **k: "{}"
sys.excepthook = sys.__excepthook__ = lambda *a: None
1 / 0
