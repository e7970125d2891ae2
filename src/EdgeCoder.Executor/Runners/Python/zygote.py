# Keeps an interpreter warm: its modules are imported once, and every job gets a fresh child of it that was forked and locked in before the job came.
# Descriptor 3 is a socket of the host, descriptor 4 the configuration. It never sees a job: a child reads its own, from a pipe of its own.
# Only children run programs. Each has a process namespace of its own from its first instruction, then mount, network, IPC and host name
# namespaces, its own scratch directory, limits, no capabilities, Landlock and the system-call filter, in this order; a step that fails ends it.
# Where user namespaces are forbidden (mode "landlock") the steps about namespaces are left out and the launcher has applied Landlock before.
import sys
import posix
import ctypes
import fcntl
import gc
import resource
import select
import struct
import _socket

CONTROL, CONFIGURATION = 3, 4
NEW_PID, NEW_REST = 0x20000000, 0x00020000 | 0x08000000 | 0x04000000 | 0x40000000 | 0x02000000
NOSUID_NODEV_NOEXEC = 2 | 4 | 8
CAPABILITIES = (21, 8)  # CAP_SYS_ADMIN, CAP_SETPCAP: all that the launcher left
SETUP_FAILED = 98

libc = ctypes.CDLL(None, use_errno=True)
syscall = libc.syscall
syscall.restype = ctypes.c_long


def call(number, *arguments):
    """A system call; one that fails raises."""
    result = syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    if result < 0:
        raise OSError(ctypes.get_errno(), "system call %d" % number)
    return result


class Numbers:
    """Numbers of system calls on this processor, from the host's table."""

    def __init__(self, text):
        for pair in text.split():
            name, _, number = pair.partition("=")
            setattr(self, name, int(number))


def import_ahead(names):
    for name in names.split():
        try:
            __import__(name)
        except Exception:
            pass  # this interpreter does not have it: whoever asks for it gets the same answer as always


def load_runner(here):
    """The runner's functions, compiled once; its parts too, so that a child need not."""
    space = {"__name__": "edgecoder_runner", "__file__": here + "/runner.py"}
    for name in ("runner.py", "testing.py"):
        with open(here + "/" + name, encoding="utf-8") as file:
            exec(compile(file.read(), here + "/" + name, "exec", 0, True), space)
    space["WARM"] = True
    with open(here + "/pytest_shim.py", encoding="utf-8") as file:
        space["PYTEST"] = compile(file.read(), here + "/pytest_shim.py", "exec", 0, True)
    return space


# ---- what a child does before it waits for its job ----

def restrict_files(base):
    """Landlock (Documentation/userspace-api/landlock.rst), as the host's table has it: what is not allowed by a rule is refused."""
    rules = call(NUMBERS.landlock_create_ruleset, RULESET, len(RULESET), 0)
    for access, path in RULES:
        try:
            descriptor = posix.open(base if path == "@scratch" else HERE if path == "@runner" else path, 0x200000 | 0x80000)  # O_PATH, O_CLOEXEC
        except FileNotFoundError:
            continue
        call(NUMBERS.landlock_add_rule, rules, 1, struct.pack("=Qi", access, descriptor), 0)
        posix.close(descriptor)
    call(NUMBERS.landlock_restrict_self, rules, 0)
    posix.close(rules)


def lock_in(number):
    """Steps of the list at the top of this file. Returns the directory in which the program may write."""
    if NAMESPACES:
        call(NUMBERS.unshare, NEW_REST)
        base = SCRATCH
        if libc.mount(b"tmpfs", base.encode(), b"tmpfs", NOSUID_NODEV_NOEXEC, MOUNT) != 0:
            raise OSError(ctypes.get_errno(), "mount")
    else:
        base = "%s/%d" % (SCRATCH, number)
        posix.mkdir(base, 0o700)
        environ = sys.modules["os"].environ
        environ["TMPDIR"], environ["HOME"] = base, base + "/home"
    posix.chdir(base)
    for kind, value in LIMITS:
        resource.setrlimit(kind, (value, value))
    if NAMESPACES:
        for capability in CAPABILITIES:
            libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
        libc.prctl(47, 4, 0, 0, 0)  # PR_CAP_AMBIENT_CLEAR_ALL
        call(NUMBERS.capset, struct.pack("Ii", 0x20080522, 0), bytes(24))
    libc.prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG, SIGKILL: without a namespace nothing else ends a child with its zygote
    if posix.getppid() not in (0, ZYGOTE):
        posix._exit(0)
    if libc.prctl(38, 1, 0, 0, 0) != 0:  # PR_SET_NO_NEW_PRIVS
        raise OSError(ctypes.get_errno(), "prctl")
    if RULESET:
        restrict_files(base)
    own_pid = struct.pack("<I", posix.getpid())
    for offset in PID_OFFSETS:
        FILTER[offset:offset + 4] = own_pid
    program = (ctypes.c_char * len(FILTER)).from_buffer(FILTER)
    fprog = struct.pack("HxxxxxxQ", len(FILTER) // 8, ctypes.addressof(program))
    call(NUMBERS.seccomp, 1, 0, fprog)
    return base


def be_child(number, descriptors):
    """Never returns."""
    try:
        for target, source in enumerate(descriptors):
            if source != target:
                posix.dup2(source, target, True)
            else:
                posix.set_inheritable(source, True)
        posix.closerange(len(descriptors), 1024)
        space = RUNNER
        space["BASE"] = lock_in(number)
        space["WORK"] = space["BASE"] + "/work"
        gc.enable()
        space["rehearse"]()
    except BaseException as error:
        try:
            posix.write(2, ("the sandbox could not be set up: %s: %s" % (type(error).__name__, error)).encode("utf-8", "replace"))
        finally:
            posix._exit(SETUP_FAILED)
    try:
        space["main"]()
    except SystemExit as error:  # raised by what a hostile program left in the runner's way: an interpreter of its own would end with it, too
        posix._exit(error.code & 255 if type(error.code) is int else 0 if error.code is None else 1)
    except BaseException:
        pass
    posix._exit(1)


# ---- the host's requests ----

def fork():
    """A child in a process namespace of its own. The namespace of children is set back, so that the next child can have its own again (pid_namespaces(7))."""
    if not NAMESPACES:
        return posix.fork()
    call(NUMBERS.unshare, NEW_PID)
    pid = -1
    try:
        pid = posix.fork()
        return pid
    finally:
        if pid != 0:
            call(NUMBERS.setns, MYSELF, NEW_PID)


def serve():
    control = _socket.socket(fileno=CONTROL)
    poller = select.poll()
    poller.register(CONTROL, select.POLLIN)
    children = {}
    descriptor_bytes = _socket.CMSG_SPACE(5 * 4)
    control.send(b"R")
    while True:
        for descriptor, _ in poller.poll():
            if descriptor == CONTROL:
                message, ancillary, _, _ = control.recvmsg(64, descriptor_bytes)
                if not message:
                    posix._exit(0)  # the host is gone; whoever is left below loses its namespace
                number = int.from_bytes(message[1:5], "big")
                # Above those that the child puts them on, so that none is overwritten before it was used.
                given = [raised(one) for one in struct.unpack("5i", ancillary[0][2])]
                pid = fork()
                if pid == 0:
                    be_child(number, given)
                handle = call(NUMBERS.pidfd_open, pid, 0)
                for one in given:
                    posix.close(one)
                children[handle] = (number, pid)
                poller.register(handle, select.POLLIN)
                control.sendmsg([b"S" + message[1:5]], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, struct.pack("i", handle))])
            else:
                number, pid = children.pop(descriptor)
                poller.unregister(descriptor)
                posix.close(descriptor)
                _, status, usage = posix.wait4(pid, 0)
                code = 128 + (status & 0x7F) if status & 0x7F else status >> 8 & 0xFF
                control.send(b"E" + struct.pack(">IIQ", number, code, int((usage.ru_utime + usage.ru_stime) * 1000)))


def raised(descriptor):
    copy = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 32)
    posix.close(descriptor)
    return copy


HERE = __file__.rpartition("/")[0]
RUNNER = load_runner(HERE)
FIELDS = RUNNER["read_fields"](CONFIGURATION)
CONFIG = dict(zip(FIELDS[::2], FIELDS[1::2]))
NUMBERS = Numbers(CONFIG["numbers"])
NAMESPACES = CONFIG["mode"] == "namespaces"
SCRATCH = sys.argv[1]
MOUNT = CONFIG["mount"].encode()
RULESET = bytes.fromhex(CONFIG["ruleset"])
RULES = [(int(access), path) for access, _, path in (line.partition(" ") for line in CONFIG["rules"].splitlines())]
FILTER = bytearray.fromhex(CONFIG["filter"])
PID_OFFSETS = [int(offset) for offset in CONFIG["pid_offsets"].split()]
LIMITS = [tuple(int(number) for number in pair.split("=")) for pair in CONFIG["limits"].split()]
import_ahead(CONFIG["modules"])
ZYGOTE = posix.getpid()
MYSELF = call(NUMBERS.pidfd_open, posix.getpid(), 0)
gc.collect()
gc.freeze()
gc.disable()
sys.path[:] = [entry for entry in sys.path if entry != HERE]
serve()
