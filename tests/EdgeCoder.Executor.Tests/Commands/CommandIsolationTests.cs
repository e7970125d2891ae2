using System.Net;
using System.Net.Sockets;
using EdgeCoder.Executor.Commands;
using Xunit;

namespace EdgeCoder.Executor.Tests.Commands;

/// <summary>What commands cannot reach (agent-executor-models, failure modes R2 and R5).</summary>
[Collection(CommandCollection.Name)]
public sealed class CommandIsolationTests(CommandFixture fixture)
{
    private const string RootsHome = "/root";

    private readonly Worktree worktree = new(fixture);

    [Fact]
    public async Task Files_of_the_machine_are_not_there()
    {
        var secret = Path.Combine(fixture.NewDirectory("outside"), "secret");
        await File.WriteAllTextAsync(secret, "not for you", TestContext.Current.CancellationToken);
        var outcome = await worktree.RunAsync(worktree.Script($"cat '{secret}' /etc/shadow {RootsHome}/.bashrc ~/.npmrc {RootsHome}/.npmrc /var/lib/dpkg/status; ls /root /home /var /run /sys /srv /mnt 2>/dev/null; head -1 /etc/passwd"));
        Assert.Equal("/home:\nsandbox\nroot:x:0:0:root:/:/bin/false\n", outcome.Stdout.ToString());
    }

    [Fact]
    public async Task With_tool_chains_there_are_no_credentials_either()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var outcome = await worktree.RunAsync(worktree.Script($"cd '{home}' 2>/dev/null && find . -maxdepth 3 \\( -name '.npmrc' -o -name '.ssh' -o -name '.gitconfig' -o -name '.bash_history' -o -name 'credentials*' -o -name 'NuGet.Config' -o -name '.config' \\); true") with { ToolChains = true });
        Assert.Equal("", outcome.Stdout.ToString());
    }

    [Theory]
    [InlineData("/usr/x")]
    [InlineData("/etc/x")]
    [InlineData("/x")]
    [InlineData("/project/x")]
    [InlineData("/.edgecoder/x")]
    [InlineData("/proc/sys/kernel/core_pattern")]
    [InlineData("/proc/sysrq-trigger")]
    [InlineData("/proc/1/mem")]
    public async Task Nothing_outside_the_worktree_can_be_written(string path)
    {
        var outcome = await worktree.RunAsync(worktree.Script($"echo x > {path}"));
        Assert.Equal((CommandEnd.Exited, 2), (outcome.End, outcome.ExitCode));
    }

    [Fact]
    public async Task Masked_files_and_directories_show_as_empty_and_cannot_be_changed_or_uncovered()
    {
        worktree.Write(".env", "password");
        worktree.Write("keys/id_rsa", "password");
        worktree.Write("config/real.txt", "password");
        File.CreateSymbolicLink(Path.Combine(worktree.Directory, "linked.pem"), "config/real.txt");
        Directory.CreateSymbolicLink(Path.Combine(worktree.Directory, "linkeddir"), "keys");
        File.CreateSymbolicLink(Path.Combine(worktree.Directory, "absolute"), Worktree.Target + "/config/real.txt");
        File.CreateSymbolicLink(Path.Combine(worktree.Directory, "outside"), "/etc/shadow");
        string[] masked = [".env", "keys", "linked.pem", "absolute", "outside", "missing", ".env/below"];
        var command = worktree.Script("""
            cat .env keys/id_rsa config/real.txt linked.pem absolute linkeddir/id_rsa; ls keys linkeddir
            echo x > .env; echo x > keys/new; rm -f .env; rmdir keys; mv .env away; mv keys elsewhere; ln .env other; umount .env; cp .env copy
            mv config moved; cat moved/real.txt away elsewhere/id_rsa other copy
            grep -r passwo[r]d . && echo found
            """);
        var outcome = await worktree.RunAsync(command with { Masked = [.. masked.Select(name => $"{Worktree.Target}/{name}")] });
        Assert.DoesNotContain("password", outcome.Stdout.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("found", outcome.Stdout.ToString(), StringComparison.Ordinal);
        Assert.Equal("password", await File.ReadAllTextAsync(Path.Combine(worktree.Directory, ".env"), TestContext.Current.CancellationToken));
        Assert.Equal(["id_rsa"], Directory.GetFiles(Path.Combine(worktree.Directory, "keys")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Environment_holds_nothing_of_this_process()
    {
        Environment.SetEnvironmentVariable("EDGECODER_TEST_SECRET", "leak");
        try
        {
            var outcome = await worktree.RunAsync(worktree.Script("env; tr '\\0' '\\n' < /proc/1/environ; echo TOLD=$TOLD") with { Environment = new Dictionary<string, string> { ["TOLD"] = "yes" } });
            var text = outcome.Stdout.ToString();
            Assert.DoesNotContain("EDGECODER", text, StringComparison.Ordinal);
            Assert.DoesNotContain("proxy", text, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("HOME=/home/sandbox\n", text, StringComparison.Ordinal);
            Assert.Contains("TOLD=yes\n", text, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("EDGECODER_TEST_SECRET", null);
        }
    }

    [Fact]
    public async Task Loopback_is_its_own_and_works()
    {
        using var host = new TcpListener(IPAddress.Loopback, 0);
        host.Start();
        var port = ((IPEndPoint)host.LocalEndpoint).Port;
        worktree.Write("net.py", $$"""
            import socket, threading
            server = socket.create_server(("127.0.0.1", 0))
            threading.Thread(target=lambda: server.accept()[0].sendall(b"hello"), daemon=True).start()
            print(socket.create_connection(server.getsockname()).recv(5).decode())
            six = socket.create_server(("::1", 0), family=socket.AF_INET6)
            print("six", six.getsockname()[0])
            for address in (("127.0.0.1", {{port}}), ("1.1.1.1", 80), ("169.254.169.254", 80)):
                try:
                    socket.create_connection(address, timeout=2)
                    print("reached", address)
                except OSError as error:
                    print("refused")
            try:
                socket.getaddrinfo("example.com", 80)
                print("resolved")
            except OSError:
                print("unresolved")
            """);
        var outcome = await worktree.RunAsync(worktree.Command("python3", "net.py"));
        Assert.Equal("hello\nsix ::1\nrefused\nrefused\nrefused\nunresolved\n", outcome.Stdout.ToString());
    }

    [Fact]
    public async Task Network_is_the_machines_where_it_is_allowed()
    {
        using var host = new TcpListener(IPAddress.Loopback, 0);
        host.Start();
        var port = ((IPEndPoint)host.LocalEndpoint).Port;
        worktree.Write("net.py", $"import socket; socket.create_connection(('127.0.0.1', {port}), timeout=5); print('reached')");
        var outcome = await worktree.RunAsync(worktree.Command("python3", "net.py") with { Network = true });
        Assert.Equal("reached\n", outcome.Stdout.ToString());
    }

    [Fact]
    public async Task Processes_of_the_machine_are_not_seen()
    {
        var outcome = await worktree.RunAsync(worktree.Script($"ls -d /proc/[0-9]* | wc -l; kill -0 {Environment.ProcessId} 2>/dev/null && test {Environment.ProcessId} -gt 9 && echo seen; hostname; id -u"));
        var lines = outcome.Stdout.ToString().Split('\n');
        Assert.InRange(int.Parse(lines[0], null), 2, 4);
        Assert.Equal(["sandbox", "1000", ""], lines[1..]);
    }

    [Fact]
    public async Task Refused_system_calls_fail_and_ordinary_ones_do_not()
    {
        worktree.Write("calls.py", """
            import ctypes, errno, os, socket, fcntl, tempfile
            libc = ctypes.CDLL(None, use_errno=True)
            def call(name, number, *arguments):
                ctypes.set_errno(0)
                result = libc.syscall(number, *[ctypes.c_long(a) for a in arguments])
                print(name, errno.errorcode.get(ctypes.get_errno(), "?") if result < 0 else "done")
            call("unshare", 272, 0x10000000)
            call("setns", 308, 0, 0)
            call("clone", 56, 0x10000000 | 17, 0, 0, 0, 0)
            call("clone3", 435, 0, 0)
            call("mount", 165, 0, 0, 0, 0, 0)
            call("fsopen", 430, 0, 0)
            call("bpf", 321, 0, 0, 0)
            call("perf", 298, 0, 0, 0, 0, 0)
            call("io_uring", 425, 1, 0)
            call("userfaultfd", 323, 0)
            call("keyctl", 250, 0, 0, 0)
            call("ptrace", 101, 0, 0, 0, 0)
            call("process_vm_readv", 310, 1, 0, 0, 0, 0, 0)
            call("kexec", 246, 0, 0, 0, 0)
            call("module", 175, 0, 0, 0)
            call("open_by_handle", 304, 0, 0, 0)
            call("tomorrow", 500)
            for family in (socket.AF_VSOCK, socket.AF_ALG, 17):
                try: socket.socket(family, socket.SOCK_DGRAM if family != socket.AF_ALG else socket.SOCK_SEQPACKET); print("family done")
                except OSError as error: print("family", errno.errorcode[error.errno])
            try: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15); print("netlink done")
            except OSError as error: print("netlink", errno.errorcode[error.errno])
            socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0); print("route done")
            try: fcntl.ioctl(0, 0x5412, b"x"); print("TIOCSTI done")
            except OSError as error: print("TIOCSTI", errno.errorcode[error.errno])
            open("plain", "w").close(); os.chmod("plain", 0o755); print("chmod done")
            for mode in (0o4755, 0o2755):
                try: os.chmod("plain", mode); print("set-id done")
                except OSError as error: print("set-id", errno.errorcode[error.errno])
            try: os.open("created", os.O_CREAT | os.O_WRONLY, 0o4755); print("create done")
            except OSError as error: print("create", errno.errorcode[error.errno])
            """);
        var outcome = await worktree.RunAsync(worktree.Command("python3", "calls.py"));
        Assert.Equal("", outcome.Stderr.ToString());
        Assert.Equal(
            """
            unshare EPERM
            setns EPERM
            clone EPERM
            clone3 ENOSYS
            mount EPERM
            fsopen EPERM
            bpf EPERM
            perf EPERM
            io_uring ENOSYS
            userfaultfd EPERM
            keyctl EPERM
            ptrace EPERM
            process_vm_readv EPERM
            kexec EPERM
            module EPERM
            open_by_handle EPERM
            tomorrow ENOSYS
            family EAFNOSUPPORT
            family EAFNOSUPPORT
            family EAFNOSUPPORT
            netlink EAFNOSUPPORT
            route done
            TIOCSTI EPERM
            chmod done
            set-id EPERM
            set-id EPERM
            create EPERM

            """,
            outcome.Stdout.ToString());
    }

    [Fact]
    public async Task Privileges_are_gone_and_cannot_come_back()
    {
        var outcome = await worktree.RunAsync(worktree.Script("grep -E '^(Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs|Seccomp):' /proc/self/status"));
        Assert.Equal("CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n", outcome.Stdout.ToString());
    }

    [Fact]
    public async Task What_a_command_writes_belongs_to_whom_the_worktree_belongs()
    {
        var outcome = await worktree.RunAsync(worktree.Script("mkdir made && echo x > made/file && touch existing && ls -ln made | tail -1 | cut -d' ' -f3,4"));
        Assert.Equal("1000 1000\n", outcome.Stdout.ToString());
        var made = Path.Combine(worktree.Directory, "made/file");
        Assert.Equal(Executor.Commands.Launching.FileOwner.Of(worktree.Directory), Executor.Commands.Launching.FileOwner.Of(made));
        File.Delete(made);
    }

    [Fact]
    public async Task Read_only_mount_stays_read_only_and_one_within_another_is_seen()
    {
        var library = fixture.NewDirectory("library");
        await File.WriteAllTextAsync(Path.Combine(library, "code"), "there\n", TestContext.Current.CancellationToken);
        var command = worktree.Script("cat node_modules/deep/code; echo x > node_modules/deep/code; echo x > node_modules/deep/new; touch beside");
        var outcome = await worktree.RunAsync(command with { Mounts = [.. command.Mounts, new(library, Worktree.Target + "/node_modules/deep")] });
        Assert.Equal("there\n", outcome.Stdout.ToString());
        Assert.Equal("there\n", await File.ReadAllTextAsync(Path.Combine(library, "code"), TestContext.Current.CancellationToken));
        Assert.True(File.Exists(Path.Combine(worktree.Directory, "beside")));
    }

    [Fact]
    public async Task Link_in_the_worktree_cannot_lead_a_mount_elsewhere()
    {
        var elsewhere = fixture.NewDirectory("elsewhere");
        Directory.CreateSymbolicLink(Path.Combine(worktree.Directory, "node_modules"), elsewhere);
        var command = worktree.Script("true");
        var outcome = await worktree.RunAsync(command with { Mounts = [.. command.Mounts, new(fixture.NewDirectory("library"), Worktree.Target + "/node_modules/deep")] });
        Assert.Equal(CommandEnd.Unavailable, outcome.End);
        Assert.Contains("node_modules/deep", outcome.Refusal!.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(elsewhere));
    }

    [Fact]
    public async Task Shared_memory_does_not_outlive_a_command()
    {
        var make = await worktree.RunAsync(worktree.Script("echo left > /dev/shm/left; echo left > /tmp/left; echo left > ~/left; ipcmk -M 100 >/dev/null; ls /dev/shm"));
        Assert.Equal("left\n", make.Stdout.ToString());
        var look = await worktree.RunAsync(worktree.Script("ls -A /dev/shm /tmp ~; ipcs -m | grep -c 0x"));
        Assert.Equal("/dev/shm:\n\n/home/sandbox:\n\n/tmp:\n0\n", look.Stdout.ToString());
    }
}
