using EdgeCoder.Training.Corpus;

namespace EdgeCoder.Training.Tests.Corpus;

/// <summary>The reference results, computed once for the whole run: it starts both interpreters.</summary>
public static class References
{
    private static readonly Lazy<ReferenceResults> Computed = new(() => ReferenceResults.Compute(TemplateLibrary.Problems));

    internal static AnswerText Answers => new(Computed.Value);
}
