namespace EdgeCoder.Training.Learning;

/// <summary>Everything that decides the trained model, in fixed steps and not in time, so that a slower machine makes the same one.</summary>
internal sealed record Recipe
{
    /// <summary>Seed of the corpus, the first weights and the order of examples.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Number of tokens in the vocabulary.</summary>
    public int Vocabulary { get; init; } = 1536;

    /// <summary>Examples from which the vocabulary is learnt.</summary>
    public int VocabularyExamples { get; init; } = 20_000;

    /// <summary>Optimizer steps.</summary>
    public int Steps { get; init; } = 10_400;

    /// <summary>Most tokens in one step; a multiple of 8.</summary>
    public int BatchTokens { get; init; } = 1_024;

    /// <summary>Highest learning rate.</summary>
    public double Rate { get; init; } = 3e-3;

    /// <summary>Steps in which the rate rises to its highest.</summary>
    public int WarmUp { get; init; } = 150;

    /// <summary>Learning rate of a step: a line up, then half a cosine down to a fiftieth.</summary>
    public double RateAt(int step) =>
        Rate * Math.Min(1, (step + 1.0) / WarmUp) * (0.02 + (0.98 * 0.5 * (1 + Math.Cos(Math.PI * step / Steps))));
}
