namespace EdgeCoder.Inference.Demonstration;

/// <summary>
/// The tiny model that ships with the program: about a million parameters, trained by this project on short functions so that the first
/// command works without any other model. It is no general model, and every place that uses it says so.
/// </summary>
public static class DemonstrationModel
{
    /// <summary>Exact id.</summary>
    public const string ModelId = "edgecoder-demo";

    /// <summary>The whole answer to a request that the model was not made for.</summary>
    public const string Refusal = "This is outside the demonstration model's range.";
}
