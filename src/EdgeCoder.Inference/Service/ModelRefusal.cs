using EdgeCoder.Hosting.Problems;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Service;

/// <summary>How a model that cannot serve is told to a coordinator.</summary>
internal static class ModelRefusal
{
    /// <summary>503 with the model's own code: the same request may work later.</summary>
    public static Refusal Of(ModelException fault) => new(503, fault.Code, fault.Hint is null ? fault.Message : $"{fault.Message} {fault.Hint}");
}
