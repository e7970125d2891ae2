using EdgeCoder.Executor.Isolation.Entry;
using EdgeCoder.Executor.Isolation.Landlock;

namespace EdgeCoder.Executor.Isolation.Launcher;

/// <summary>What the plans of snippets and of commands have in common, as bytes.</summary>
internal static class PlanParts
{
    /// <summary>Largest process id: PID_MAX_LIMIT.</summary>
    public const int MostPid = 1 << 22;

    /// <summary>Bytes of a <c>struct sock_filter</c>.</summary>
    public const int InstructionBytes = 8;

    /// <summary>Writes the user that the launcher becomes.</summary>
    public static void User(this PlanWriter writer, uint? user) => writer.List<uint>(user is { } id ? [id] : [], one => writer.Number(one));

    /// <summary>Reads it.</summary>
    public static uint? User(ref PlanReader reader) => reader.Number(0, 1) == 1 ? (uint)reader.Number(1, int.MaxValue) : null;

    /// <summary>Writes resource limits.</summary>
    public static void Limits(this PlanWriter writer, IReadOnlyList<(ResourceLimit Limit, ulong Soft, ulong Hard)> limits) => writer.List(limits, limit =>
    {
        writer.Number((ulong)limit.Limit);
        writer.Number(limit.Soft);
        writer.Number(limit.Hard);
    });

    /// <summary>Reads them.</summary>
    public static (ResourceLimit Limit, ulong Soft, ulong Hard)[] Limits(ref PlanReader reader)
    {
        var limits = new (ResourceLimit, ulong, ulong)[reader.Count()];
        foreach (ref var limit in limits.AsSpan())
        {
            limit = ((ResourceLimit)reader.Number(0, 15), reader.Number(), reader.Number());
        }

        return limits;
    }

    /// <summary>Writes the Landlock layer, where there is one.</summary>
    public static void Layer(this PlanWriter writer, LandlockLayer? layer) => writer.List<LandlockLayer>(layer is null ? [] : [layer], one =>
    {
        writer.Number((ulong)one.Files);
        writer.Number(one.Network);
        writer.Number(one.Scopes);
        writer.List(one.Rules, rule =>
        {
            writer.Text(rule.Path);
            writer.Number((ulong)rule.Access);
        });
    });

    /// <summary>Reads it.</summary>
    public static LandlockLayer? Layer(ref PlanReader reader) => reader.Number(0, 1) == 0 ? null : new()
    {
        Files = (LandlockAccess)reader.Number(),
        Network = reader.Number(),
        Scopes = reader.Number(),
        Rules = Rules(ref reader),
    };

    /// <summary>Reads texts.</summary>
    public static string[] Texts(ref PlanReader reader)
    {
        var texts = new string[reader.Count()];
        foreach (ref var text in texts.AsSpan())
        {
            text = reader.Text();
        }

        return texts;
    }

    private static LandlockRule[] Rules(ref PlanReader reader)
    {
        var rules = new LandlockRule[reader.Count()];
        foreach (ref var rule in rules.AsSpan())
        {
            rule = new(reader.Text(), (LandlockAccess)reader.Number());
        }

        return rules;
    }
}
