using EdgeCoder.Ledger.Receipts;

namespace EdgeCoder.Ledger.Equivocations;

/// <summary>
/// Two things that one log has signed and that cannot both be true (economy-and-ledger 9.7), as whoever has the log's key checks them without network. Either two records of
/// one place, or two checkpoints; where those are of two sizes, with the proof that the larger tree began otherwise.
/// </summary>
public sealed record EquivocationFile
{
    /// <summary><see cref="Type"/> of this evidence.</summary>
    public const string TypeName = "edgecoder-log-equivocation";

    /// <summary>Version of the form; 1.</summary>
    public required int V { get; init; }

    /// <summary>Always <c>edgecoder-log-equivocation</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Whose log.</summary>
    public required string Origin { get; init; }

    /// <summary>Two leaves of one sequence, base64 of their exact bytes.</summary>
    public IReadOnlyList<string>? Leaves { get; init; }

    /// <summary>Two checkpoints, signed notes, the smaller first.</summary>
    public IReadOnlyList<string>? Checkpoints { get; init; }

    /// <summary>Root that the larger tree had at the size of the smaller, hex. Of two sizes only.</summary>
    public string? FirstRoot { get; init; }

    /// <summary>Hashes that lead from that root to the larger checkpoint's, hex. Of two sizes only.</summary>
    public IReadOnlyList<string>? ConsistencyProof { get; init; }

    /// <summary>How the log's key was changed; absent where it was not. Who trusts one key of the chain follows it to the others.</summary>
    public ReceiptRotations? Rotations { get; init; }

    /// <summary>Of two records.</summary>
    public static EquivocationFile Of(string origin, byte[] one, byte[] other) =>
        new() { V = 1, Type = TypeName, Origin = origin, Leaves = [Convert.ToBase64String(one), Convert.ToBase64String(other)] };

    /// <summary>Of two checkpoints of one size.</summary>
    public static EquivocationFile Of(string origin, string one, string other) => new() { V = 1, Type = TypeName, Origin = origin, Checkpoints = [one, other] };

    /// <summary>Of two checkpoints and the way from another beginning to the larger one.</summary>
    public static EquivocationFile Of(string origin, string smaller, string larger, byte[] firstRoot, IEnumerable<byte[]> proof) =>
        Of(origin, smaller, larger) with { FirstRoot = Convert.ToHexStringLower(firstRoot), ConsistencyProof = [.. proof.Select(Convert.ToHexStringLower)] };
}
