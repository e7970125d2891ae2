using System.Globalization;
using EdgeCoder.Ledger.Notes;

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

    /// <summary>Keys of a log by its origin.</summary>
    public IEnumerable<NoteKey> Of(string origin) => Keys.Where(key => key.Type == NoteKeyType.Ed25519 && key.Name == origin);

    /// <summary>Distinct witnesses that have cosigned a note. A witness that cosigned twice, or with two keys of one name, counts once.</summary>
    public int Witnesses(SignedNote note) =>
        Keys.Where(key => key.Type == NoteKeyType.Cosignature && note.IsSignedBy(key)).Select(key => key.Name).Distinct(StringComparer.Ordinal).Count();
}
