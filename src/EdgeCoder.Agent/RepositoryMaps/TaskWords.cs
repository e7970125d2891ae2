using System.Buffers;

namespace EdgeCoder.Agent.RepositoryMaps;

/// <summary>The words of a task that may be names in the program. Pure.</summary>
internal sealed class TaskWords
{
    private const int ShortestPart = 4;

    private static readonly HashSet<string> Common = new(StringComparer.OrdinalIgnoreCase)
    {
        "the", "and", "for", "with", "that", "this", "from", "into", "when", "make", "should", "must", "accept", "support", "change", "update", "remove", "delete", "create", "implement",
        "please", "also", "file", "files", "code", "function", "functions", "method", "class", "test", "tests", "fails", "failing", "error", "errors", "return", "returns", "instead",
        "where", "which", "there", "then", "than", "have", "does", "they", "them", "only", "such", "each", "every", "more", "some", "same", "other", "using", "used", "uses", "work", "works",
        "need", "needs", "want", "like", "give", "given", "take", "takes", "show", "shows", "write", "read", "fix", "add", "new", "all", "not", "use", "can", "will", "value", "values", "name",
    };

    private readonly HashSet<string> _whole;
    private readonly HashSet<string> _wholeAnyCase;
    private readonly List<string> _parts;
    private readonly SearchValues<string> _anyPart;

    /// <summary>Reads the words.</summary>
    public TaskWords(string task)
    {
        var words = Split(task).Where(word => word.Length > 1).Distinct(StringComparer.Ordinal).Take(300).ToList();
        _whole = [.. words.Where(word => !Common.Contains(word))];
        _wholeAnyCase = new(_whole.Where(word => word.Length >= ShortestPart), StringComparer.OrdinalIgnoreCase);
        _parts = [.. words.SelectMany(Parts).Where(part => part.Length >= ShortestPart && !Common.Contains(part)).Select(part => part.ToLowerInvariant()).Distinct()];
        _anyPart = SearchValues.Create([.. _parts], StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>How much the task speaks of a name: 10 when it names it, 3 when it names it in another case, 1 for each part in common, at most 2.</summary>
    public double Weight(string name) =>
        _whole.Contains(name) ? 10
        : _wholeAnyCase.Contains(name) ? 3
        : name.AsSpan().ContainsAny(_anyPart) ? Math.Min(2, _parts.Count(part => name.Contains(part, StringComparison.OrdinalIgnoreCase)))
        : 0;

    private static IEnumerable<string> Split(string text)
    {
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            var within = i < text.Length && (char.IsLetterOrDigit(text[i]) || text[i] == '_');
            if (within && start < 0)
            {
                start = i;
            }
            else if (!within && start >= 0)
            {
                yield return text[start..i];
                start = -1;
            }
        }
    }

    /// <summary>Parts of a name in snake or camel case.</summary>
    private static IEnumerable<string> Parts(string word)
    {
        var start = 0;
        for (var i = 1; i <= word.Length; i++)
        {
            if (i == word.Length || word[i] == '_' || (char.IsUpper(word[i]) && !char.IsUpper(word[i - 1])))
            {
                yield return word[start..i].Trim('_');
                start = i;
            }
        }
    }
}
