using EdgeCoder.Executor.Isolation.Entry;
using EdgeCoder.Executor.Isolation.Landlock;

namespace EdgeCoder.Executor.Isolation.Launcher;

/// <summary>The bytes of a <see cref="LaunchPlan"/>: pure.</summary>
internal static class LaunchPlanFormat
{
    // Changes with the format: a launcher of another version refuses the plan.
    private const ulong Version = 0x4543_4C50_0000_0001; // ECLP, 1

    /// <summary>Writes a plan.</summary>
    public static byte[] Encode(LaunchPlan plan)
    {
        var writer = new PlanWriter();
        writer.Number(Version);
        writer.Number((ulong)plan.HostPid);
        writer.Number((ulong)plan.Mode);
        writer.Number(plan.Zygote ? 1u : 0);
        writer.User(plan.UserId);
        writer.List(plan.Mounts, mount =>
        {
            writer.Text(mount.Path);
            writer.Number((ulong)mount.Kind);
            writer.Text(mount.Target);
        });
        writer.List(plan.Devices, writer.Text);
        writer.List(plan.RunnerFiles, file =>
        {
            writer.Text(file.Name);
            writer.Bytes(file.Content);
        });
        writer.Text(plan.Program);
        writer.List(plan.Arguments, writer.Text);
        writer.List(plan.Environment, writer.Text);
        writer.Number((ulong)plan.ScratchBytes);
        writer.Number((ulong)plan.ScratchFiles);
        writer.Limits(plan.Limits);
        writer.Bytes(plan.Filter);
        writer.List(plan.PidOffsets, offset => writer.Number((ulong)offset));
        writer.Layer(plan.Landlock);
        return writer.ToBytes();
    }

    /// <summary>Reads a plan.</summary>
    /// <exception cref="FormatException">It is not one, or not a whole one.</exception>
    public static LaunchPlan Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new PlanReader(bytes);
        if (reader.Number() != Version)
        {
            throw new FormatException("The launch plan is of another version.");
        }

        var plan = new LaunchPlan
        {
            HostPid = reader.Number(1, PlanParts.MostPid),
            Mode = (LaunchMode)reader.Number(1, 2),
            Zygote = reader.Number(0, 1) == 1,
            UserId = PlanParts.User(ref reader),
            Mounts = Mounts(ref reader),
            Devices = Paths(ref reader),
            RunnerFiles = RunnerFiles(ref reader),
            Program = reader.Text(),
            Arguments = PlanParts.Texts(ref reader),
            Environment = PlanParts.Texts(ref reader),
            ScratchBytes = reader.Number(1, int.MaxValue),
            ScratchFiles = reader.Number(1, int.MaxValue),
            Limits = PlanParts.Limits(ref reader),
            Filter = reader.Bytes(),
            PidOffsets = Offsets(ref reader),
            Landlock = PlanParts.Layer(ref reader),
        };
        reader.End();
        return plan.Filter.Length % PlanParts.InstructionBytes == 0 && plan.PidOffsets.All(offset => offset <= plan.Filter.Length - sizeof(uint)) ? plan
            : throw new FormatException("The system-call filter of the launch plan is not whole.");
    }

    private static SandboxMount[] Mounts(ref PlanReader reader)
    {
        var mounts = new SandboxMount[reader.Count()];
        foreach (ref var mount in mounts.AsSpan())
        {
            mount = new(Path(reader.Text()), (MountKind)reader.Number(0, 2), reader.Text());
        }

        return mounts;
    }

    private static string[] Paths(ref PlanReader reader) => [.. PlanParts.Texts(ref reader).Select(Path)];

    private static (string Name, byte[] Content)[] RunnerFiles(ref PlanReader reader)
    {
        var files = new (string, byte[])[reader.Count()];
        foreach (ref var file in files.AsSpan())
        {
            var name = reader.Text();
            file = name.Length > 0 && !name.Contains('/') && name is not ("." or "..") ? (name, reader.Bytes()) : throw new FormatException("A runner file of the launch plan has no plain name.");
        }

        return files;
    }

    private static int[] Offsets(ref PlanReader reader)
    {
        var offsets = new int[reader.Count()];
        foreach (ref var offset in offsets.AsSpan())
        {
            offset = reader.Number(0, int.MaxValue);
        }

        return offsets;
    }

    private static string Path(string path) =>
        path.StartsWith('/') && path.Length > 1 && !path.Split('/').Skip(1).Any(part => part is "" or "." or "..") ? path
            : throw new FormatException($"'{path}' in the launch plan is no plain path.");
}
