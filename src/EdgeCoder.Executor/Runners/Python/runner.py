# Runs one snippet inside the sandbox. Reads its job on descriptor 3, reports on descriptor 4, ends.
# It shares the interpreter with the program, so it keeps what it needs: its own copy of the builtins, functions taken before
# the program runs. It protects against accidents and plain cheating, not against a program that takes the interpreter apart;
# what protects the machine is outside. Needs CPython 3.8; importing takes time, so it imports almost nothing.
import sys
try:
    import posix
except ImportError:  # Windows has the same functions under another name
    import nt as posix
import builtins as BUILTINS
from time import perf_counter, sleep

# Functions defined from here on look here, not into the module that the program can change.
__builtins__ = dict(BUILTINS.__dict__)

JOB, REPORT = 3, 4
# Where the program may write, and where this file is.
BASE = sys.argv[1] if len(sys.argv) > 1 else "/tmp"
WORK = BASE + "/work"
HERE = __file__.rpartition("/")[0]
ONLY_AST = 0x400
LINGER = 0.5

# What a zygote has loaded ahead.
PYTEST = None
WARM = False


class Refused(Exception):
    pass


def json_text(value):
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if type(value) is int:
        return int.__repr__(value)
    if type(value) is float:
        return "%.3f" % value if value == value and abs(value) < 1e300 else "0"
    if type(value) is dict:
        return "{" + ",".join([json_text(k) + ":" + json_text(v) for k, v in value.items() if v is not None]) + "}"
    out = []
    for char in str(value):
        code = ord(char)
        if char == '"' or char == "\\":
            out.append("\\" + char)
        elif code < 32 or code == 127 or 0xD800 <= code <= 0xDFFF:
            out.append("\\u%04x" % code if code < 0xD800 else "\\ufffd")
        else:
            out.append(char)
    return '"' + "".join(out) + '"'


def read_fields(descriptor):
    """A frame of the host, up to the end of what it comes through."""
    data = b""
    while True:
        piece = posix.read(descriptor, 1 << 20)
        if not piece:
            break
        data += piece
    posix.close(descriptor)
    if len(data) < 4:
        posix._exit(0)  # the host is gone
    fields, at = [], 4
    for _ in range(int.from_bytes(data[:4], "big")):
        size = int.from_bytes(data[at:at + 4], "big")
        fields.append(data[at + 4:at + 4 + size].decode("utf-8"))
        at += 4 + size
    return fields


def reporter(key):
    write = posix.write

    def report(kind, **content):
        line = (key + " " + kind + " " + json_text(content) + "\n").encode("utf-8")
        while line:
            line = line[write(REPORT, line):]

    return report


def clip(text, limit=2000):
    return text if len(text) <= limit else text[:limit] + "… (%d characters more)" % (len(text) - limit)


def show(value, limit=2000):
    try:
        return clip(repr(value), limit)
    except BaseException as error:
        return "<%s whose repr failed with %s>" % (type(value).__name__, type(error).__name__)


# ---- the subset: RULES comes from the host's table ----

def declared_names(nodes):
    """Names that the file binds itself: they are not the builtins of the same name."""
    names = set()
    for node in nodes:
        kind = type(node).__name__
        if kind == "Name" and type(node.ctx).__name__ != "Load":
            names.add(node.id)
        elif kind in ("FunctionDef", "AsyncFunctionDef", "ClassDef"):
            names.add(node.name)
        elif kind == "arg":
            names.add(node.arg)
        elif kind in ("Import", "ImportFrom"):
            for alias in node.names:
                names.add(alias.asname or alias.name.split(".")[0])
        elif kind in ("MatchAs", "MatchStar") and node.name:
            names.add(node.name)
    return names


def flatten(tree):
    found, stack = [], [tree]
    while stack:
        node = stack.pop()
        found.append(node)
        for field in node._fields:
            value = getattr(node, field, None)
            if type(value) is list:
                stack.extend([item for item in value if hasattr(item, "_fields")])
            elif hasattr(value, "_fields"):
                stack.append(value)
    return found


def module_rule(name, own):
    """None when a module is accepted, else the key of the refusing rule."""
    if name.split(".")[0] in own:
        return None
    part = name
    while part:
        if part in RULES["modules_refused"]:
            return RULES["modules_refused"][part]
        if part in RULES["modules"]:
            return None
        part = part.rpartition(".")[0]
    return "module.unknown"


def check(tree, own, has_stdin):
    """The first construct outside the subset, as (line, rule, node, construct), or None. Also gives the modules imported."""
    nodes = flatten(tree)
    declared = declared_names(nodes)
    aliases, modules, faults = {}, set(), []

    def fault(node, rule, construct):
        faults.append((getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1, rule, construct))

    for node in nodes:
        kind = type(node).__name__
        if kind == "Import":
            for alias in node.names:
                modules.add(alias.name)
                aliases[alias.asname or alias.name.split(".")[0]] = alias.name if alias.asname else alias.name.split(".")[0]
                rule = module_rule(alias.name, own)
                if rule:
                    fault(node, rule, "import " + alias.name)
        elif kind == "ImportFrom" and not node.level:
            modules.add(node.module)
            rule = module_rule(node.module, own)
            if rule:
                fault(node, rule, "from " + node.module + " import …")
            else:
                for alias in node.names:
                    full = node.module + "." + alias.name
                    modules.add(full)
                    rule = RULES["attributes"].get(full) or RULES["modules_refused"].get(full)
                    if rule:
                        fault(node, rule, "from " + node.module + " import " + alias.name)
                    aliases[alias.asname or alias.name] = full
    for node in nodes:
        kind = type(node).__name__
        if kind == "Name" and type(node.ctx).__name__ == "Load" and node.id not in declared:
            rule = RULES["names"].get(node.id)
            if rule and not (rule == "name.input" and has_stdin):
                fault(node, rule, node.id)
        elif kind == "Attribute":
            if node.attr in RULES["reflection"]:
                fault(node, "name.reflection", "." + node.attr)
            elif type(node.value).__name__ == "Name" and node.value.id in aliases:
                full = aliases[node.value.id] + "." + node.attr
                rule = RULES["attributes"].get(full)
                if rule:
                    fault(node, rule, full)
            elif type(node.value).__name__ == "Attribute" and type(node.value.value).__name__ == "Name":
                full = aliases.get(node.value.value.id, "") + "." + node.value.attr + "." + node.attr
                rule = RULES["attributes"].get(full)
                if rule:
                    fault(node, rule, full)
        elif kind in ("Constant", "Str"):
            text = getattr(node, "value", None)
            if type(text) is str and "{" in text:
                for name in RULES["reflection"]:
                    at = text.find("." + name)
                    if at > 0 and "{" in text[:at] and "}" not in text[text.rfind("{", 0, at):at]:
                        fault(node, "name.reflection", "." + name + " in a format string")
                        break
    return (min(faults) if faults else None), modules


# ---- running ----

def describe_error(error):
    """The finer reason of an exception, for the report."""
    if isinstance(error, MemoryError):
        return "memory"
    if isinstance(error, OSError):
        if error.errno in (1, 13, 30):
            if error.filename is not None:
                return "denied_file"
            frame = error.__traceback__
            while frame is not None and frame.tb_next is not None:
                frame = frame.tb_next
            where = frame.tb_frame.f_code.co_filename if frame is not None else ""
            names = frame.tb_frame.f_code.co_names if frame is not None else ()
            if where.endswith("socket.py") or "socket" in names or "create_connection" in names:
                return "denied_network"
            if where.endswith("subprocess.py") or [n for n in names if n in ("fork", "forkpty", "kill", "system", "popen") or n.startswith(("exec", "spawn", "posix_spawn"))]:
                return "denied_process"
            return "denied"
        if error.errno in (101, 111, 113) or (error.errno == 97):
            return "denied_network"
        if error.errno in (27, 28):
            return "file_size"
    return "exception"


def place(error, own_files):
    """File and line of the snippet that an exception came through last."""
    found, frame = None, error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename in own_files:
            found = (frame.tb_frame.f_code.co_filename, frame.tb_lineno)
        frame = frame.tb_next
    return found


def without_runner(error):
    """The traceback from the first frame of the snippet on."""
    frame = error.__traceback__
    while frame is not None and frame.tb_frame.f_code.co_filename.startswith(HERE + "/"):
        frame = frame.tb_next
    return frame


def syntax_fault(report, name, error):
    report("syntax", file=name, line=getattr(error, "lineno", None) or 1, column=getattr(error, "offset", None) or 1,
           message=clip(str(getattr(error, "msg", None) or error)))


def parse(report, name, text):
    try:
        return compile(text, name, "exec", ONLY_AST, True)
    except SyntaxError as error:
        syntax_fault(report, name, error)
    except (ValueError, UnicodeError) as error:  # NUL, lone surrogates
        syntax_fault(report, name, error)
    except (MemoryError, RecursionError):
        report("refused", file=name, line=1, column=1, rule="source.depth", construct="nesting")
    return None


def prepare(report, fields):
    """Reads the frame, writes the files, checks every one. None when something was wrong and reported."""
    tests_mode, subset, has_stdin = fields[1].endswith("tests"), fields[2] == "subset", fields[3] == "stdin"
    count = int(fields[5])
    sources = [(fields[6 + 2 * i], fields[7 + 2 * i]) for i in range(count)]
    rest = fields[6 + 2 * count:]
    tests = [(rest[2 * i], rest[2 * i + 1]) for i in range(len(rest) // 2)]
    posix.mkdir(BASE + "/home", 0o700)
    posix.mkdir(WORK, 0o700)
    posix.chdir(WORK)
    for name, text in sources + tests:
        parts = name.split("/")
        for i in range(1, len(parts)):
            try:
                posix.mkdir("/".join(parts[:i]), 0o700)
            except FileExistsError:
                pass
        with open(name, "w", encoding="utf-8", newline="", errors="replace") as file:
            file.write(text)
    own = {name.split("/")[0].rpartition(".")[0] or name.split("/")[0] for name, _ in sources + tests}
    trees, modules = {}, set()
    for name, text in sources + tests:
        if not name.endswith(".py"):
            continue
        tree = parse(report, name, text)
        if tree is None:
            return None
        found, used = check(tree, own, has_stdin)
        modules |= used
        if found and subset:
            report("refused", file=name, line=found[0], column=found[1], rule=found[2], construct=found[3])
            return None
        trees[name] = tree
    return tests_mode, sources, tests, trees, modules


def to_code(report, name, tree):
    try:
        return compile(tree, name, "exec", 0, True)
    except (SyntaxError, ValueError) as error:
        syntax_fault(report, name, error)
    except (MemoryError, RecursionError):
        report("refused", file=name, line=1, column=1, rule="source.depth", construct="nesting")
    return None


def exit_code(error):
    code = error.code
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 255
    sys.stderr.write(str(code) + "\n")
    return 1


def finish(code):
    """What an interpreter does at its end, so that nothing the program printed is lost."""
    try:
        threading = sys.modules.get("threading")
        if threading:
            threading._shutdown()
    except BaseException:
        pass
    try:
        atexit = sys.modules.get("atexit")
        if atexit:
            atexit._run_exitfuncs()
    except BaseException:
        pass
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        try:
            stream.flush()
        except BaseException:
            pass
    return code


def new_module(name, file):
    module = type(sys)(name)
    module.__file__ = file
    module.__dict__["__builtins__"] = BUILTINS
    sys.modules[name] = module
    return module


def run_program(report, name, code):
    module = new_module("__main__", name)
    hook = sys.__excepthook__
    report("start")
    try:
        exec(code, module.__dict__)
    except SystemExit as error:
        return finish(exit_code(error))
    except BaseException as error:
        at = place(error, {name})
        kind = describe_error(error)
        try:
            message = clip(type(error).__name__ + ": " + str(error), 1000)
        except BaseException:
            message = type(error).__name__
        hook(type(error), error.with_traceback(without_runner(error)), error.__traceback__)
        finish(1)
        report("error", code=kind, message=message, file=at and at[0], line=at and at[1])
        return 1
    return finish(0)


def set_limits(text):
    """What the launcher does for a process of one job, a child of the zygote does when its job is known: data, address space, CPU seconds."""
    import resource
    data, address_space, seconds = [int(number) for number in text.split()]
    resource.setrlimit(resource.RLIMIT_DATA, (data, data))
    resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def attempts(memory):
    """The canaries of this process: each must fail. What they would do is undone by nobody, so they do as little as proves the point."""
    def connect():
        import _socket
        one = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        one.connect(("127.0.0.1", 9))

    def write():
        for place in ("/", "/usr/lib/", "/var/tmp/", "/etc/"):
            try:
                posix.close(posix.open(place + "edgecoder-canary", posix.O_WRONLY | posix.O_CREAT | posix.O_EXCL, 0o600))
            except OSError:
                continue
            return
        raise OSError

    yield "read outside", lambda: posix.close(posix.open("/etc/passwd", posix.O_RDONLY))
    yield "write outside", write
    yield "connect", connect
    yield "execute a program", lambda: posix.execv(sys.executable, [sys.executable, "-c", ""])
    yield "exceed memory", lambda: bytearray(memory)


def contained(report, limits):
    """Tries the canaries on this very process, before anything of the program. False when one of them got through: then the program does not run."""
    held = True
    for name, attempt in attempts(int(limits.split()[0]) + (64 << 20)):
        try:
            attempt()
        except (OSError, MemoryError):
            report("canary", name=name, contained=True)
        else:
            report("canary", name=name, contained=False)
            held = False
    return held


def rehearse():
    """
    Does for a program of nobody what will be done for the job, so that the pages it needs are this process's own when the job comes: after a fork each is
    copied when it is first written. It leaves nothing behind.
    """
    source = "import math\n\ndef add(a, b):\n    return a + b\n\nprint(add('', ''), end='')\n"
    prepared = prepare(lambda kind, **content: None, ["", "run", "subset", "", "", "1", "solution.py", source])
    module = type(sys)("rehearsal")
    module.__dict__["__builtins__"] = BUILTINS
    exec(to_code(None, "solution.py", prepared[3]["solution.py"]), module.__dict__)
    sys.stdout.flush()
    posix.unlink("solution.py")
    posix.chdir(BASE)
    posix.rmdir(WORK)
    posix.rmdir(BASE + "/home")


def main():
    posix.write(REPORT, b"ready\n")
    fields = read_fields(JOB)
    report = reporter(fields[0])
    if WARM:
        set_limits(fields[4])
    prepared = None
    if not fields[1].startswith("canary ") or contained(report, fields[4]):
        prepared = prepare(report, fields)
    if prepared is None:
        report("end", exit=1)
        posix._exit(1)
    tests_mode, sources, tests, trees, modules = prepared
    main_name = sources[0][0]
    codes = {}
    if tests_mode:
        if not WARM:
            with open(HERE + "/testing.py", encoding="utf-8") as file:
                exec(compile(file.read(), HERE + "/testing.py", "exec", 0, True), globals())
        for name, _ in tests:
            if name in trees:
                rewrite_asserts(trees[name], dict(tests)[name])
    for name in list(trees):
        codes[name] = to_code(report, name, trees[name])
        if codes[name] is None:
            report("end", exit=1)
            posix._exit(1)
    sys.argv = [main_name]
    sys.path[:] = [WORK] + [entry for entry in sys.path if entry != HERE]
    sys.modules.pop("runner", None)
    if "random" in modules or "random" in sys.modules:
        import random
        random.seed(0)
    if tests_mode:
        if [m for m in modules if m == "pytest" or m.startswith("pytest.")]:
            load_pytest()
        code = run_tests(report, main_name, codes, [name for name, _ in tests])
    else:
        code = run_program(report, main_name, codes[main_name])
    report("end", exit=code)
    # The host ends this process as soon as it has asked the kernel what was used; one that had left would have no account.
    sleep(LINGER)
    posix._exit(code)


if __name__ == "__main__":
    main()
