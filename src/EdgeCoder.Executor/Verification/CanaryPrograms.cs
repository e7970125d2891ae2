namespace EdgeCoder.Executor.Verification;

/// <summary>
/// The programs of the self-test: each tries what must fail and prints one line per attempt, <c>name|contained|detail</c>. They read what they need
/// from standard input: a directory of the host, whose unique name also names what they try to write elsewhere (a file that another user left cannot be taken for a wall), a TCP port, the path of a Unix socket, and whether the program has a process namespace of its own
/// (<c>own</c>, where it is process 1 or 2) or not (<c>shared</c>). What fills the scratch directory comes last, because it may end the program.
/// </summary>
internal static class CanaryPrograms
{
    /// <summary>The names that a program must have printed; one that is missing counts as not contained.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "read outside", "write outside", "connect to a host port", "connect to a host socket", "execute a program", "start a process", "see other processes",
        "inherit descriptors", "environment", "exceed memory", .. OnScratch,
    ];

    /// <summary>The last attempts. Where the kernel cannot limit the scratch directory, the host ends a program that has too much in it.</summary>
    public static IReadOnlyList<string> OnScratch => ["exceed a file's size", "exceed the number of files"];

    /// <summary>For CPython.</summary>
    public const string Python = """
        import os, sys, socket, time
        directory, port, path, numbers = sys.stdin.read().split("\n")[:4]
        scratch = os.environ["TMPDIR"]

        def attempt(name, action):
            try:
                detail = action()
                print(name, "no", detail, sep="|", flush=True)
            except (OSError, MemoryError, NotImplementedError) as error:
                print(name, "yes", type(error).__name__ + " " + str(getattr(error, "errno", "")), sep="|", flush=True)

        def read():
            done = []
            for path in (directory + "/secret", "/etc/passwd", "/etc/hostname", "/etc/machine-id", "/proc/version", "/var/lib/dpkg/status", "/sys/kernel/notes", "/usr/bin/env"):
                try:
                    done.append(path + " " + str(open(path, "rb").read(100)))
                except OSError:
                    pass
            if not done:
                raise OSError(2, "nothing")
            return " ".join(done)

        def write():
            done = []
            for place in (directory, "/", "/usr/lib", "/etc", "/var/tmp", "/dev", "/dev/shm", scratch + "/../edgecoder", "/home", "/root"):
                try:
                    open(place + "/" + os.path.basename(directory) + "-written", "w").close()
                    done.append(place)
                except OSError:
                    pass
            secret = directory + "/secret"
            for change in (lambda: os.chmod(secret, 0o777), lambda: os.utime(secret, (1, 1)), lambda: os.truncate(secret, 1), lambda: os.close(os.open(secret, os.O_RDONLY | os.O_TRUNC))):
                try:
                    change()
                    done.append("changed the secret")
                except OSError:
                    pass
            if not done:
                raise OSError(30, "nothing")
            return " ".join(done)

        def connect(family, address):
            with socket.socket(family) as one:
                one.settimeout(1)
                one.connect(address)
            return "connected"

        def processes():
            seen = [pid for pid in list(range(3, 64)) + [1, os.getppid()] if signalled(pid)]
            for place in ("/proc", "/proc/1", "/proc/%d" % os.getppid()):
                try:
                    seen.append((place, len(os.listdir(place))))
                except OSError:
                    pass
            if not seen and (numbers == "shared" or os.getpid() in (1, 2)):
                raise OSError(1, "none")
            return "%s as %d" % (seen, os.getpid())

        def signalled(pid):
            try:
                os.kill(pid, 0)
                return pid != os.getpid()
            except OSError:
                return False

        def descriptors():
            found = []
            for fd in list(range(5, 256)) + [1000]:
                try:
                    os.fstat(fd)
                    found.append(fd)
                except OSError:
                    pass
            if not found:
                raise OSError(9, "none")
            return found

        def environment():
            print("environment", "told", " ".join(sorted(os.environ)), sep="|")
            raise OSError(0, "told")

        def memory():
            kept = []
            for _ in range(64):
                kept.append(b"x" * (32 << 20))
            return "2 GiB"

        def size():
            try:
                with open(scratch + "/large", "wb") as file:
                    for _ in range(40):
                        file.write(b"x" * (1 << 20))
            finally:
                os.unlink(scratch + "/large")
            return "40 MiB"

        def count():
            for number in range(3000):
                open(scratch + "/n%d" % number, "w").close()
            time.sleep(3)
            return "3000 files"

        attempt("read outside", read)
        attempt("write outside", write)
        attempt("connect to a host port", lambda: connect(socket.AF_INET, ("127.0.0.1", int(port))))
        attempt("connect to a host socket", lambda: connect(socket.AF_UNIX, path))
        attempt("execute a program", lambda: os.execv(sys.executable, [sys.executable, "-c", "print('executed')"]))
        attempt("start a process", getattr(os, "fork", lambda: os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, "-c", ""])))
        attempt("see other processes", processes)
        attempt("inherit descriptors", descriptors)
        attempt("environment told", environment)
        attempt("exceed memory", memory)
        attempt("exceed a file's size", size)
        attempt("exceed the number of files", count)
        """;

    /// <summary>For node.</summary>
    public const string JavaScript = """
        const fs = require('fs'), net = require('net'), child = require('child_process');
        const [directory, port, path, numbers] = fs.readFileSync(0, 'utf8').split('\n');
        const scratch = process.env.TMPDIR;
        const tell = (name, contained, detail) => console.log([name, contained, String(detail).split('\n')[0]].join('|'));
        const attempt = (name, action) => {
          try { tell(name, 'no', action()); } catch (error) { tell(name, 'yes', error.code || error.message); }
        };
        const connect = (name, options) => new Promise((done) => {
          try {
            const one = net.connect(options, () => { tell(name, 'no', 'connected'); done(); });
            one.setTimeout(1000, () => one.destroy(new Error('no answer')));
            one.on('error', (error) => { tell(name, 'yes', error.code || error.message); done(); });
          } catch (error) { tell(name, 'yes', error.code || error.message); done(); }
        });
        const none = (list) => { if (list.length === 0) throw new Error('none'); return list.join(' '); };
        const works = (action) => { try { action(); return true; } catch { return false; } };
        attempt('read outside', () => none([directory + '/secret', '/etc/passwd', '/etc/hostname', '/etc/machine-id', '/proc/version', '/var/lib/dpkg/status', '/sys/kernel/notes', '/usr/bin/env'].filter((p) => works(() => { fs.readFileSync(p); }))));
        attempt('write outside', () => none([directory, '/', '/usr/lib', '/etc', '/var/tmp', '/dev', '/dev/shm', scratch + '/../edgecoder', '/home', '/root'].filter((p) => works(() => fs.writeFileSync(p + '/' + directory.split('/').pop() + '-written', 'x')))
          .concat([() => fs.chmodSync(directory + '/secret', 0o777), () => fs.utimesSync(directory + '/secret', 1, 1), () => fs.truncateSync(directory + '/secret', 1)].filter(works).map(() => 'changed the secret'))));
        attempt('execute a program', () => { const result = child.spawnSync(process.execPath, ['-e', '0']); if (result.error) throw result.error; return 'executed'; });
        attempt('start a process', () => { const result = child.spawnSync('/bin/sh', ['-c', 'true']); if (result.error) throw result.error; return 'started'; });
        attempt('see other processes', () => none([...Array(64).keys(), process.ppid].filter((pid) => pid !== 0 && pid !== process.pid && works(() => process.kill(pid, 0)))
          .concat(['/proc', '/proc/1', '/proc/' + process.ppid].filter((place) => works(() => fs.readdirSync(place)))).concat(numbers === 'shared' || process.pid <= 2 ? [] : ['pid ' + process.pid])));
        // Node opens descriptors of its own; what it did not open itself would be a file, a pipe or a socket below the first of them.
        attempt('inherit descriptors', () => none([...Array(256).keys()].filter((fd) => fd > 4).concat([1000]).filter((fd) => works(() => { const s = fs.fstatSync(fd); if (!(s.isFile() || s.isDirectory() || s.isSocket())) throw 0; }))));
        tell('environment', 'told', Object.keys(process.env).sort().join(' '));
        attempt('exceed memory', () => { const kept = []; for (let i = 0; i < 64; i++) kept.push(Buffer.alloc(32 << 20, 1)); return '2 GiB'; });
        const size = () => {
          const fd = fs.openSync(scratch + '/large', 'w'), mib = Buffer.alloc(1 << 20, 1);
          try { for (let i = 0; i < 40; i++) if (fs.writeSync(fd, mib) < mib.length) throw new Error('short write'); } finally { fs.unlinkSync(scratch + '/large'); }
          return '40 MiB';
        };
        const count = () => {
          for (let i = 0; i < 3000; i++) fs.closeSync(fs.openSync(scratch + '/n' + i, 'w'));
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
          return '3000 files';
        };
        connect('connect to a host port', { port: Number(port), host: '127.0.0.1' }).then(() => connect('connect to a host socket', { path }))
          .then(() => { attempt("exceed a file's size", size); attempt('exceed the number of files', count); });
        """;
}
