using System.Buffers;

namespace EdgeCoder.Inference.Providers;

/// <summary>Ids of models: exact, never shortened, never guessed.</summary>
internal static class ModelNames
{
    /// <summary>Characters of the longest id that the store takes; escaped it still fits a file name.</summary>
    public const int MaxLength = 80;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/@+-");

    /// <summary>Whether an installed id answers to an asked one: the same text, or the same text with <c>:latest</c>.</summary>
    public static bool Matches(string installed, string asked) =>
        string.Equals(installed, asked, StringComparison.Ordinal) || string.Equals(installed, asked + ":latest", StringComparison.Ordinal);

    /// <summary>Whether the store can hold a model of this id.</summary>
    public static bool IsStorable(string modelId) => modelId.Length is > 0 and <= MaxLength && !modelId.AsSpan().ContainsAnyExcept(Allowed);

    /// <summary>Gives the id back. Throws <c>invalid_model_id</c> for one that the store cannot hold.</summary>
    public static string Check(string modelId) => IsStorable(modelId)
        ? modelId
        : throw new ModelException(
            "invalid_model_id", $"A model id here has 1 to {MaxLength} letters, digits or . _ : / @ + - characters.", "For instance qwen2.5-coder:1.5b");

    /// <summary><c>model_not_found</c> that names up to three of the nearest ids.</summary>
    public static ModelException NotFound(string asked, IEnumerable<string> installed)
    {
        var nearest = installed.OrderBy(id => Distance(id, asked)).ThenBy(id => id, StringComparer.Ordinal).Take(3).ToList();
        return new(
            "model_not_found",
            nearest.Count == 0 ? $"There is no model {asked}." : $"There is no model {asked}. Nearest: {string.Join(", ", nearest)}.",
            "edgecoder models list shows the models; edgecoder models pull <id> gets one.");
    }

    /// <summary>Levenshtein distance, with letter case ignored.</summary>
    public static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[b.Length];
    }
}
