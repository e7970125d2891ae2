using System.Diagnostics.CodeAnalysis;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Protocol.Rotations;

/// <summary>A key and when it counts.</summary>
/// <param name="Key">The key.</param>
/// <param name="FromMs">From when on, in milliseconds since 1970; 0 for the first.</param>
/// <param name="UntilMs">Until when, exclusive; null: no end is known.</param>
public sealed record KeyPeriod(VerifyingKey Key, long FromMs, long? UntilMs)
{
    /// <summary>Whether it counts at a moment.</summary>
    public bool CountsAt(long atMs) => FromMs <= atMs && !HasEndedBy(atMs);

    /// <summary>Whether it has ended by a moment.</summary>
    public bool HasEndedBy(long atMs) => UntilMs is { } end && end <= atMs;
}

/// <summary>
/// The keys of a coordinator from its first on, each announced by a statement of the one before it (economy-and-ledger 16.2). The chain fits itself and proves nothing: it counts for who
/// trusts one of its keys, because every later one was named by that key, and every earlier one is named in what that key has signed.
/// </summary>
public sealed class KeyChain
{
    /// <summary>Most statements of a chain: a change each day for 11 years.</summary>
    public const int Most = 4096;

    /// <summary>Header in which a coordinator that has changed its key shows how to a service that may know an earlier one: each statement as base64, commas between.</summary>
    public const string Header = "x-coordinator-keys";

    private KeyChain(string coordinatorId, IReadOnlyList<SignedKeyStatement> statements)
    {
        (CoordinatorId, Statements) = (coordinatorId, statements);
        Periods = [.. statements.Select((one, at) => new KeyPeriod(one.Key, at == 0 ? 0 : one.Statement.ActivatesAtMs, at + 1 < statements.Count ? statements[at + 1].Statement.OverlapUntilMs : null))];
    }

    /// <summary>Whose keys.</summary>
    public string CoordinatorId { get; }

    /// <summary>The statements, at least one.</summary>
    public IReadOnlyList<SignedKeyStatement> Statements { get; }

    /// <summary>The keys with their times, oldest first.</summary>
    public IReadOnlyList<KeyPeriod> Periods { get; }

    /// <summary>The key that signs now.</summary>
    public VerifyingKey Newest => Statements[^1].Key;

    /// <summary>Begins a chain with the announcement of its first key.</summary>
    public static KeyFault? TryBegin(string coordinatorId, byte[] announcement, [NotNullWhen(true)] out KeyChain? chain)
    {
        chain = null;
        var fault = SignedKeyStatement.TryRead(announcement, out var first) is { } malformed ? malformed
            : first!.Statement.CoordinatorId != coordinatorId ? KeyFault.OtherCoordinator
            : first.Statement.OldKeyId is not null ? KeyFault.NotNext
            : (KeyFault?)null;
        if (fault is null)
        {
            chain = new(coordinatorId, [first!]);
        }

        return fault;
    }

    /// <summary>Reads a whole chain.</summary>
    public static KeyFault? TryRead(string coordinatorId, IReadOnlyList<byte[]> statements, [NotNullWhen(true)] out KeyChain? chain)
    {
        chain = null;
        if (statements.Count is 0 or > Most)
        {
            return KeyFault.NotNext;
        }

        var fault = TryBegin(coordinatorId, statements[0], out var read);
        for (var at = 1; fault is null && at < statements.Count; at++)
        {
            fault = read!.TryFollow(statements[at], out read);
        }

        chain = fault is null ? read : null;
        return fault;
    }

    /// <summary>Reads a whole chain as it is in messages: each statement as base64.</summary>
    public static KeyFault? TryRead(string coordinatorId, IReadOnlyList<string> statements, [NotNullWhen(true)] out KeyChain? chain)
    {
        chain = null;
        var bytes = statements.Take(Most + 1).Select(Base64Text.TryRead).ToList();
        return bytes.Contains(null) ? KeyFault.NotCanonical : TryRead(coordinatorId, [.. bytes.Select(one => one!)], out chain);
    }

    /// <summary>The chain with one statement more. The statement leads from the newest key to one that was never in the chain, later than the newest, with at most 48 hours beside it.</summary>
    public KeyFault? TryFollow(byte[] statement, [NotNullWhen(true)] out KeyChain? longer)
    {
        longer = null;
        if (SignedKeyStatement.TryRead(statement, out var next) is { } malformed)
        {
            return malformed;
        }

        var (said, last) = (next!.Statement, Statements[^1]);
        var fault = said.CoordinatorId != CoordinatorId ? KeyFault.OtherCoordinator
            : said.OldKeyId != last.Key.KeyId || Of(next.Key) is not null || Statements.Count == Most ? KeyFault.NotNext
            : !next.IsSignedByOld(last.Key) ? KeyFault.OldSignatureInvalid
            : said.ActivatesAtMs <= last.Statement.ActivatesAtMs || said.OverlapUntilMs < said.ActivatesAtMs || said.OverlapUntilMs - said.ActivatesAtMs > (long)SignedKeyStatement.Overlap.TotalMilliseconds
                ? KeyFault.TimesInvalid
            : (KeyFault?)null;
        if (fault is null)
        {
            longer = new(CoordinatorId, [.. Statements, next]);
        }

        return fault;
    }

    /// <summary>When a key of this chain counts; null for a key that is not one of it.</summary>
    public KeyPeriod? Of(VerifyingKey key) => Periods.FirstOrDefault(period => period.Key.Equals(key));

    /// <summary>The chain as it is in messages.</summary>
    public IReadOnlyList<string> Texts() => [.. Statements.Select(one => Convert.ToBase64String(one.Bytes))];
}
