# First step on macOS: this process limits and confines itself, then it becomes the runner. Nothing of the job has been read until then.
# sandbox-exec could confine it from outside, but a profile under which it can start the interpreter lets the program start it again.
# Arguments: the directory where the program may write, the file with the profile, limits as NAME=value.
import sys


def limit(texts):
    import resource
    for text in texts:
        name, _, value = text.partition("=")
        resource.setrlimit(getattr(resource, "RLIMIT_" + name), (int(value), int(value)))


def confine(profile):
    import ctypes
    library = ctypes.CDLL(None)
    library.sandbox_init.argtypes = [ctypes.c_char_p, ctypes.c_uint64, ctypes.POINTER(ctypes.c_char_p)]
    error = ctypes.c_char_p()
    if library.sandbox_init(profile, 0, ctypes.byref(error)) != 0:
        raise OSError("sandbox_init: %r" % error.value)


def become_runner():
    before = set(sys.modules)
    limit(sys.argv[3:])
    with open(sys.argv[2], "rb") as file:
        profile = file.read()
    runner = __file__.rpartition("/")[0] + "/runner.py"
    with open(runner, encoding="utf-8") as file:
        code = compile(file.read(), runner, "exec", 0, True)
    confine(profile)
    for name in set(sys.modules) - before:
        del sys.modules[name]
    sys.argv = [runner, sys.argv[1]]
    return code, runner


code, runner = become_runner()
exec(code, {"__name__": "__main__", "__file__": runner, "__builtins__": __builtins__})
