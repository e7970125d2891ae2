using System.Buffers.Binary;
using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Isolation.Entry;
using EdgeCoder.Executor.Isolation.Landlock;
using EdgeCoder.Executor.Isolation.Launcher;

namespace EdgeCoder.Executor.Fuzz.Targets;

/// <summary>The launcher's plan: refused with its own exception, or read as exactly what the bytes say.</summary>
internal sealed class LaunchPlanTarget : FuzzTarget
{
    /// <inheritdoc/>
    public override string Name => "plan";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds { get; } = [LaunchPlanFormat.Encode(Plan), LaunchPlanFormat.Encode(Plan with { UserId = 1, Landlock = null, Zygote = true })];

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. new[] { 0, 1, 2, 8, 1 << 22, int.MaxValue, -1 }.Select(Number), .. new[] { 0L, 1, 2, long.MaxValue, -1 }.Select(Field),
        "/usr/lib"u8.ToArray(), "/../"u8.ToArray(), "\0"u8.ToArray(), [0xFF], "{scratch}"u8.ToArray(),
    ];

    /// <inheritdoc/>
    public override void Check(byte[] input)
    {
        LaunchPlan plan;
        try
        {
            plan = LaunchPlanFormat.Decode(input);
        }
        catch (FormatException)
        {
            return;
        }

        Require(LaunchPlanFormat.Encode(plan).AsSpan().SequenceEqual(input), "a plan that is not what was written");
        Require(plan.Mounts.All(mount => mount.Path.StartsWith('/') && !mount.Path.Contains("/../", StringComparison.Ordinal)), "a path that leaves the root");
        Require(plan.PidOffsets.All(offset => offset >= 0 && offset + sizeof(int) <= plan.Filter.Length), "a process id outside the filter");
    }

    private static LaunchPlan Plan { get; } = new()
    {
        HostPid = 4711,
        Mode = LaunchMode.Landlock,
        Zygote = false,
        Mounts = [new("/usr/lib", MountKind.Directory), new("/lib", MountKind.Link, "usr/lib")],
        Devices = ["/dev/null"],
        RunnerFiles = [("runner.py", [1, 2, 3])],
        Program = "/usr/bin/python3",
        Arguments = ["python3", "{scratch}/edgecoder/runner.py"],
        Environment = ["A=b"],
        ScratchBytes = 1 << 24,
        ScratchFiles = 1024,
        Limits = [(ResourceLimit.Cpu, 5, 6)],
        Filter = new byte[16],
        PidOffsets = [4, 12],
        Landlock = new() { Files = LandlockAccess.ReadFile, Network = 3, Scopes = 3, Rules = [new("/usr/lib", LandlockAccess.ReadFile)] },
    };

    private static byte[] Number(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }

    private static byte[] Field(long number)
    {
        var bytes = new byte[12];
        BinaryPrimitives.WriteInt32BigEndian(bytes, 8);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(4), number);
        return bytes;
    }
}
