using System.Buffers.Binary;
using System.Text;
using EdgeCoder.Executor.Isolation.Entry;
using EdgeCoder.Executor.Isolation.Seccomp;

namespace EdgeCoder.Executor.Commands.Canaries;

/// <summary>The canaries of commands (agent-executor-models 2.5 "policy proves itself", 3.7 "fail closed").</summary>
internal static class CanaryList
{
    private const ulong CurrentDirectory = unchecked((ulong)-100L);
    private const ulong WriteCreate = 0x41; // O_WRONLY, O_CREAT
    private const ulong OnlyWrite = 1;
    private const ulong FileMode = 0x1A4; // 0644
    private const ulong SeekData = 3;
    private const ulong ReadWrite = 3; // PROT_READ, PROT_WRITE
    private const ulong PrivateAnonymous = 0x22;
    private const ulong NewUser = 0x10000000;
    private const ulong Unlimited = ulong.MaxValue;
    private const ulong ProcessLimit = (ulong)ResourceLimit.Processes;

    /// <summary>Most memory of the run of each.</summary>
    public const long MemoryBytes = 64L << 20;

    /// <summary>All of them; the first is the proof that calls can succeed.</summary>
    public static IEnumerable<Canary> All(CanaryPlace place, MachineArchitecture architecture)
    {
        Canary Make(string name, Action<EntryAssembler> write, CanaryExpectation expected = CanaryExpectation.IsRefused)
        {
            var program = new EntryAssembler(architecture);
            write(program);
            program.Call("exit_group", false, 0UL);
            return new Canary(name, program.Build(), expected);
        }

        void Open(EntryAssembler program, string path, ulong flags) => program.Call("openat", false, CurrentDirectory, program.Text(path), flags, FileMode);
        void Connect(EntryAssembler program, ulong family, byte[] address)
        {
            program.Call("socket", false, family, 1UL, 0UL);
            program.Call("connect", false, null, program.Data(address), (ulong)address.Length);
        }

        yield return Make("work", program =>
        {
            Open(program, $"{CanaryPlace.Work}/written", WriteCreate);
            Open(program, $"{CanaryPlace.Programs}/{CanaryPlace.ReadableName}", 0);
            program.Call("lseek", false, null, 1UL, SeekData);
            program.Call("mmap", false, 0UL, (ulong)MemoryBytes / 4, ReadWrite, PrivateAnonymous, ulong.MaxValue, 0UL);
        }, CanaryExpectation.Works);
        yield return Make("read outside", program => Open(program, place.Secret, 0));
        yield return Make("read a masked file", program =>
        {
            Open(program, $"{CanaryPlace.Programs}/{CanaryPlace.MaskedName}", 0);
            program.Call("lseek", false, null, 1UL, SeekData);
        });
        yield return Make("write to the system", program => Open(program, "/usr/canary-written", WriteCreate));
        yield return Make("write to the root", program => Open(program, "/canary-written", WriteCreate));
        yield return Make("write what may be read", program => Open(program, $"{CanaryPlace.Programs}/{CanaryPlace.ReadableName}", OnlyWrite));
        yield return Make("connect to a host port", program => Connect(program, 2, Internet(place.Port)));
        yield return Make("connect to a host socket", program => Connect(program, 1, [1, 0, 0, .. Encoding.ASCII.GetBytes(place.AbstractName)]));
        yield return Make("see a host process", program => program.Call("kill", false, (ulong)CanaryPlace.Thread, 0UL));
        yield return Make("exceed memory", program => program.Call("mmap", false, 0UL, (ulong)MemoryBytes * 2, ReadWrite, PrivateAnonymous, ulong.MaxValue, 0UL));
        yield return Make("raise its limits", program => program.Call("prlimit64", false, 0UL, ProcessLimit, program.Words(Unlimited, Unlimited), 0UL));
        yield return Make("mount", program => program.Call("mount", false, program.Text("tmpfs"), program.Text("/tmp"), program.Text("tmpfs"), 0UL, 0UL));
        yield return Make("make a namespace", program => program.Call("unshare", false, NewUser));
        yield return Make("debug", program => program.Call("ptrace", false, 0UL, 0UL, 0UL, 0UL));
        yield return Make("outlive the time limit", program => program.Call("nanosleep", false, program.Words(60, 0), 0UL), CanaryExpectation.IsEnded);
    }

    // struct sockaddr_in: family in the machine's order, port and address in the network's.
    private static byte[] Internet(int port)
    {
        var address = new byte[16];
        BinaryPrimitives.WriteUInt16LittleEndian(address, 2);
        BinaryPrimitives.WriteUInt16BigEndian(address.AsSpan(2), (ushort)port);
        address[4] = 127;
        address[7] = 1;
        return address;
    }
}
