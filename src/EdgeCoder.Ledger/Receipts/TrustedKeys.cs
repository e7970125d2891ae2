using System.Globalization;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Protocol.Rotations;

namespace EdgeCoder.Ledger.Receipts;

/// <summary>
/// Whom somebody believes: a text with one key a line (<see cref="NoteKey"/>), keys of logs and of witnesses, lines that begin with <c>#</c>, and at most one
/// line <c>threshold N</c>: how many of the witnesses must have cosigned a checkpoint, 0 where it is not there.
/// </summary>
/// <param name="Keys">The keys.</param>
/// <param name="Threshold">Witnesses that must have cosigned.</param>
public sealed record TrustedKeys(IReadOnlyList<NoteKey> Keys, int Threshold)
{
    private const string ThresholdWord = "threshold ";

    /// <summary>Nobody.</summary>
    public static readonly TrustedKeys None = new([], 0);

    /// <summary>Reads the text. Throws <see cref="FormatException"/> that names the line.</summary>
    public static TrustedKeys Parse(string text)
    {
        var keys = new List<NoteKey>();
        int? threshold = null;
        foreach (var (number, line) in text.Split('\n').Select(line => line.Trim()).Index())
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (line.StartsWith(ThresholdWord, StringComparison.Ordinal) && threshold is null
                && int.TryParse(line[ThresholdWord.Length..].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            {
                threshold = count;
            }
            else if (NoteKey.TryParse(line, out var key))
            {
                keys.Add(key);
            }
            else
            {
                throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"Line {number + 1} is no key such as edgecoder/coord-1+64c52a6e+AQOh… and no threshold."));
            }
        }

        var witnesses = keys.Count(key => key.Type == NoteKeyType.Cosignature);
        return threshold > witnesses
            ? throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"The threshold {threshold} is more than the {witnesses} witnesses that are named."))
            : new(keys, threshold ?? 0);
    }

    /// <summary>The changes of keys that were followed.</summary>
    private IReadOnlyList<KeyChain> Chains { get; init; } = [];

    /// <summary>
    /// The same with every key that a trusted one leads to (economy-and-ledger 16.2): where one key of the chain is trusted for its name and kind, all are, each in its time. A chain without
    /// a trusted key adds nothing.
    /// </summary>
    public TrustedKeys Following(KeyChain chain)
    {
        var origin = Checkpoint.OriginOf(chain.CoordinatorId);
        var kinds = Keys.Where(key => key.Name == origin && chain.Of(key.Key) is not null).Select(key => key.Type).Distinct().ToList();
        var more = kinds.SelectMany(kind => chain.Periods.Select(period => NoteKey.Of(origin, kind, period.Key))).Where(key => !Keys.Contains(key));
        return kinds.Count == 0 ? this : this with { Keys = [.. Keys, .. more], Chains = [.. Chains, chain] };
    }

    /// <summary>Whether a key counts at a moment: always, unless its time is known.</summary>
    public bool Counts(NoteKey key, long atMs) => PeriodOf(key)?.CountsAt(atMs) ?? true;

    /// <summary>Whether a key has ended by a moment: never, unless its time is known.</summary>
    public bool HasEnded(NoteKey key, long byMs) => PeriodOf(key)?.HasEndedBy(byMs) ?? false;

    /// <summary>Keys of a log by its origin.</summary>
    public IEnumerable<NoteKey> Of(string origin) => Keys.Where(key => key.Type == NoteKeyType.Ed25519 && key.Name == origin);

    /// <summary>Distinct witnesses that have cosigned a note. A witness that cosigned twice, or with two keys of one name, counts once.</summary>
    public int Witnesses(SignedNote note) =>
        Keys.Where(key => key.Type == NoteKeyType.Cosignature && note.Signatures.Any(line => line.IsOf(key, note.Text) && Counted(key, line))).Select(key => key.Name).Distinct(StringComparer.Ordinal).Count();

    // A witness gives whole seconds.
    private bool Counted(NoteKey key, NoteSignature line) => line.Time is { } seconds and < long.MaxValue / 1_000 && (Counts(key, seconds * 1_000) || Counts(key, (seconds * 1_000) + 999));

    private KeyPeriod? PeriodOf(NoteKey key) => Chains.FirstOrDefault(chain => Checkpoint.OriginOf(chain.CoordinatorId) == key.Name)?.Of(key.Key);
}
