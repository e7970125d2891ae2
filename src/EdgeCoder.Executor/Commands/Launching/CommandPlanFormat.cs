using EdgeCoder.Executor.Isolation.Entry;
using EdgeCoder.Executor.Isolation.Landlock;
using EdgeCoder.Executor.Isolation.Launcher;

namespace EdgeCoder.Executor.Commands.Launching;

/// <summary>The bytes of a <see cref="CommandPlan"/>: pure.</summary>
internal static class CommandPlanFormat
{
    // Changes with the format: a launcher of another version refuses the plan.
    private const ulong Version = 0x4543_4350_0000_0001; // ECCP, 1

    /// <summary>Whether bytes are a plan of a command, and not one of a snippet.</summary>
    public static bool IsOne(ReadOnlySpan<byte> bytes) => new PlanReader(bytes).Number() >> 32 == Version >> 32;

    /// <summary>Writes a plan.</summary>
    public static byte[] Encode(CommandPlan plan)
    {
        var writer = new PlanWriter();
        writer.Number(Version);
        writer.Number((ulong)plan.HostPid);
        writer.User(plan.UserId);
        writer.Number(plan.Network ? 1u : 0);
        writer.List(plan.Places, place => Write(writer, place));
        writer.List(plan.Masks, writer.Text);
        writer.Text(plan.WorkingDirectory);
        writer.List(plan.Programs, writer.Text);
        writer.List(plan.Arguments, writer.Text);
        writer.List(plan.Environment, writer.Text);
        writer.Limits(plan.Limits);
        writer.Bytes(plan.Filter);
        writer.Layer(plan.Landlock);
        return writer.ToBytes();
    }

    /// <summary>Reads a plan.</summary>
    /// <exception cref="FormatException">It is not one, or not a whole one.</exception>
    public static CommandPlan Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new PlanReader(bytes);
        if (reader.Number() != Version)
        {
            throw new FormatException("The launch plan is of another version.");
        }

        var plan = new CommandPlan
        {
            HostPid = reader.Number(1, PlanParts.MostPid),
            UserId = PlanParts.User(ref reader),
            Network = reader.Number(0, 1) == 1,
            Places = Places(ref reader),
            Masks = Paths(ref reader),
            WorkingDirectory = Path(ref reader),
            Programs = PlanParts.Texts(ref reader),
            Arguments = PlanParts.Texts(ref reader),
            Environment = PlanParts.Texts(ref reader),
            Limits = PlanParts.Limits(ref reader),
            Filter = reader.Bytes(),
            Landlock = PlanParts.Layer(ref reader),
        };
        reader.End();
        if (plan.Landlock?.Rules.Any(rule => !IsPath(rule.Path)) == true)
        {
            throw new FormatException("A path of the launch plan is not a full path in its simplest form.");
        }

        return plan.Filter.Length > 0 && plan.Filter.Length % PlanParts.InstructionBytes == 0 && plan.Programs.Count > 0 && plan.Arguments.Count > 0 ? plan
            : throw new FormatException("The launch plan of a command has no whole system-call filter or no program.");
    }

    private static void Write(PlanWriter writer, CommandPlace place)
    {
        writer.Number((ulong)place.Kind);
        writer.Text(place.Path);
        writer.Text(place.Source);
        writer.List(place.Options, writer.Text);
        writer.Number((place.IsDirectory ? 1u : 0) | (place.Writable ? 2u : 0));
        writer.List<(uint User, uint Group)>(place.Owner is { } owner ? [owner] : [], one =>
        {
            writer.Number(one.User);
            writer.Number(one.Group);
        });
    }

    private static CommandPlace[] Places(ref PlanReader reader)
    {
        var places = new CommandPlace[reader.Count()];
        for (var i = 0; i < places.Length; i++)
        {
            var (kind, path, source, options, flags) = ((PlaceKind)reader.Number(1, 6), Path(ref reader), reader.Text(), PlanParts.Texts(ref reader), reader.Number(0, 3));
            places[i] = new CommandPlace
            {
                Kind = kind,
                Path = path,
                Source = source,
                Options = options,
                IsDirectory = (flags & 1) != 0,
                Writable = (flags & 2) != 0,
                Owner = reader.Number(0, 1) == 1 ? ((uint)reader.Number(0, int.MaxValue), (uint)reader.Number(0, int.MaxValue)) : null,
            };
        }

        return places;
    }

    private static string[] Paths(ref PlanReader reader)
    {
        var texts = PlanParts.Texts(ref reader);
        return Array.TrueForAll(texts, IsPath) ? texts : throw new FormatException("A path of the launch plan is not a full path in its simplest form.");
    }

    private static string Path(ref PlanReader reader)
    {
        var path = reader.Text();
        return IsPath(path) ? path : throw new FormatException("A path of the launch plan is not a full path in its simplest form.");
    }

    // The launcher goes through paths segment by segment: one that goes up would leave the root.
    private static bool IsPath(string path) => path == "/" || (path.StartsWith('/') && path[1..].Split('/').All(part => part is not ("" or "." or "..")));
}
