using EdgeCoder.Training.Corpus;

namespace EdgeCoder.Training.Evaluation;

/// <summary>Requests that were written by hand for the evaluation and never occur in training.</summary>
internal static class HeldOutRequests
{
    /// <summary>Ordinary requests and the template each one means.</summary>
    public static IReadOnlyList<(string Template, string Request)> InRange { get; } =
        [.. TextResource.Lines("Evaluation.in-range.txt").Select(line => line.Split(" | ")).Select(parts => (parts[0], parts[1]))];

    /// <summary>Requests that the model must refuse.</summary>
    public static IReadOnlyList<string> OutOfRange { get; } = TextResource.Lines("Evaluation.out-of-range.txt");

    /// <summary>All of them, as the corpus compares them: lower case, without end mark.</summary>
    public static IReadOnlySet<string> All { get; } =
        InRange.Select(entry => entry.Request).Concat(OutOfRange).Select(request => request.TrimEnd('.', '!', '?').ToLowerInvariant()).ToHashSet(StringComparer.Ordinal);
}
