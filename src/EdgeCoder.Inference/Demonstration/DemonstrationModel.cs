using EdgeCoder.Inference.Catalogue;
using EdgeCoder.Inference.Local;

namespace EdgeCoder.Inference.Demonstration;

/// <summary>
/// The tiny model that ships with the program: about a million parameters, trained by this project (<c>eng/EdgeCoder.DemonstrationModel</c>)
/// on a fixed family of short functions, so that the first command works without any other model. It is no general model, and every
/// place that uses it says so.
/// </summary>
/// <remarks>
/// Prompt form: one user turn without a system message, one line, <c>plan python: REQUEST</c>, <c>tests python: REQUEST</c> or
/// <c>code python: REQUEST</c>, or the same with <c>javascript</c>. Temperature 0. Answers: numbered lines; one fenced block of plain asserts;
/// one fenced block with the function alone. Both blocks begin with a comment that says what was understood.
/// Function names agree between the three. Anything else is answered by <see cref="Refusal"/>.
/// </remarks>
public static class DemonstrationModel
{
    /// <summary>Exact id.</summary>
    public const string ModelId = "edgecoder-demo";

    /// <summary>SHA-256 of the file, in lower case hexadecimal digits.</summary>
    public const string Sha256 = "e71dd62f54375cfe6e7f27803308c9b87f61fca503d70fe0c47f4021dc45a973";

    /// <summary>Number of parameters as people write it.</summary>
    public const string ParamSize = "1.2M";

    /// <summary>How its weights are stored.</summary>
    public const string Quantization = "Q8_0";

    /// <summary>The whole answer to a request that the model was not made for.</summary>
    public const string Refusal = "This is outside the demonstration model's range.";

    /// <summary>Key in <c>AdditionalProperties</c> that marks a refusal, whether the model said it or was too unsure of its answer.</summary>
    public const string RefusalProperty = "edgecoder.refusal";

    /// <summary>Value of <see cref="RefusalProperty"/>.</summary>
    public const string RefusalValue = "outside_demonstration_range";

    /// <summary>
    /// Natural log-probability, averaged over the answer's worst stretch of tokens, below which an answer is taken for a guess.
    /// Calibrated on requests that were kept out of training; see the model card.
    /// </summary>
    public const double LeastLogProbability = -0.2;

    /// <summary>Full path of the file next to the program.</summary>
    public static string FilePath { get; } = Path.Combine(AppContext.BaseDirectory, "models", "edgecoder-demo.gguf");

    /// <summary>The file as the local provider opens it.</summary>
    public static LocalModel Local { get; } = new()
    {
        ModelId = ModelId,
        Path = FilePath,
        Digest = ModelDigest.Parse(Sha256),
        ParamSize = ParamSize,
        Quantization = Quantization,
        IsDemonstration = true,
    };
}
