namespace EdgeCoder.Protocol.Tokens;

/// <summary>
/// Counts tokens without the model's tokenizer: a weight for each part of a text's shape, measured against the counts that the server
/// reports for short texts.
/// </summary>
/// <param name="Word">Tokens of a word piece of five letters with the space before it.</param>
/// <param name="Digit">Tokens of a digit.</param>
/// <param name="Mark">Tokens of a visible ASCII mark.</param>
/// <param name="Gap">Tokens of a run of white space.</param>
/// <param name="Other">Tokens of a character beyond ASCII.</param>
public sealed record TokenEstimate(double Word, double Digit, double Mark, double Gap, double Other)
{
    /// <summary>Share by which a calibrated estimate may be off: 15 %.</summary>
    public const double Error = 0.15;

    /// <summary>Share by which an honest count may lie below <see cref="CountAtMost"/>, which itself lies <see cref="Error"/> above the middle.</summary>
    public const double ToleranceBelowMost = 1 - ((1 - Error) / (1 + Error));

    /// <summary>
    /// The same for <see cref="Cautious"/>: plain words are about 45 % of it and dense code about 40 %, so an honest count never lies below 30 %.
    /// </summary>
    public const double ToleranceUncalibrated = 0.7;

    /// <summary>An upper bound in practice for tokenizers in use, for a model that was not calibrated.</summary>
    public static TokenEstimate Cautious { get; } = new(Word: 1.5, Digit: 1, Mark: 1, Gap: 1, Other: 3);

    /// <summary>The likeliest count.</summary>
    public double Middle(string text) => Middle(TokenShape.Of(text));

    /// <summary>The same for a text whose shape is known.</summary>
    public double Middle(TokenShape shape) => (shape.Words * Word) + (shape.Digits * Digit) + (shape.Marks * Mark) + (shape.Gaps * Gap) + (shape.Others * Other);

    /// <summary>An upper estimate.</summary>
    public int CountAtMost(string text) => (int)Math.Ceiling(Middle(text) * (1 + Error));
}
