using System.Text.Json.Serialization;
using EdgeCoder.Protocol;

namespace EdgeCoder.Inference.Providers;

/// <summary>What a model is used for. A role without a model of its own uses the active model.</summary>
[JsonConverter(typeof(SnakeCaseEnum<ModelRole>))]
public enum ModelRole
{
    /// <summary>Plans and decompositions.</summary>
    Planner,

    /// <summary>Code and tests.</summary>
    Coder,

    /// <summary>Reviews.</summary>
    Reviewer,

    /// <summary>Inline completion.</summary>
    Completer,

    /// <summary>Embeddings.</summary>
    Embedder,
}
