using System.Buffers.Binary;
using System.Text;
using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Isolation.Entry;
using EdgeCoder.Executor.Isolation.Launcher;

namespace EdgeCoder.Executor.Fuzz.Targets;

/// <summary>The launcher's plan: whatever it is given, it is a plan or a <see cref="FormatException"/>, and a plan has one form only.</summary>
internal sealed class LaunchPlanTarget : FuzzTarget
{
    // After the count: version, host, mode, zygote and no user, each with its length; then the length of the number, and its lower half.
    private const int CountOfMountsAt = 4 + (5 * 12) + 4 + 4;

    /// <inheritdoc/>
    public override string Name => "plan";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds { get; } = [LaunchPlanFormat.Encode(Plan(LaunchMode.Namespaces)), LaunchPlanFormat.Encode(Plan(LaunchMode.Landlock)), ManyMounts(), []];

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Words { get; } =
    [
        [0x7F, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0], [0, 0, 0, 8, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF], [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1], [0xED, 0xA0, 0x80], "/../"u8.ToArray(), Encoding.UTF8.GetBytes(LaunchPlan.ScratchMark),
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

        Require(LaunchPlanFormat.Encode(plan).AsSpan().SequenceEqual(input), "a plan that has two forms");
        Require(plan.RunnerFiles.All(file => !file.Name.Contains('/', StringComparison.Ordinal)), "a runner file with a path");
        Require(plan.HostPid > 0 && plan.UserId is null or > 0, "a process or user of special meaning");
    }

    // Found once: a count of fields and a count of mounts that no plan of this length can have.
    private static byte[] ManyMounts()
    {
        var plan = LaunchPlanFormat.Encode(Plan(LaunchMode.Landlock));
        BinaryPrimitives.WriteInt32BigEndian(plan, int.MaxValue);
        BinaryPrimitives.WriteInt32BigEndian(plan.AsSpan(CountOfMountsAt), int.MaxValue - 10);
        return plan;
    }

    private static LaunchPlan Plan(LaunchMode mode) => new()
    {
        HostPid = 4711,
        Mode = mode,
        Zygote = false,
        UserId = mode == LaunchMode.Namespaces ? 65533 : null,
        Mounts = [new("/usr/lib", MountKind.Directory), new("/lib", MountKind.Link, "usr/lib")],
        Devices = ["/dev/null"],
        RunnerFiles = [("runner.py", "pass"u8.ToArray())],
        Program = "/usr/bin/python3",
        Arguments = ["python3", "-S"],
        Environment = ["LANG=C.UTF-8"],
        ScratchBytes = 1 << 20,
        ScratchFiles = 10,
        Limits = [(ResourceLimit.Core, 0, 0)],
        Filter = new byte[16],
        PidOffsets = [4],
    };
}
