using EdgeCoder.Protocol.Tokens;
using System.Text.Json.Serialization;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Preflight;

/// <summary>One prompt size that a preflight tried.</summary>
public sealed record PreflightSize
{
    /// <summary>Tokens that the prompt had by our own count.</summary>
    public required int Own { get; init; }

    /// <summary>Tokens that the server says it read; absent when it refused the prompt or says nothing.</summary>
    public int? Reported { get; init; }

    /// <summary>Whether needles and counts were right.</summary>
    public required bool Ok { get; init; }

    /// <summary>What was seen, for a person.</summary>
    public required string Seen { get; init; }
}

/// <summary>What a preflight proved of a model, on this machine, with these settings.</summary>
public sealed record PreflightReport
{
    /// <summary>The model.</summary>
    public required string ModelId { get; init; }

    /// <summary>What it is remembered by.</summary>
    public required PreflightSubject Subject { get; init; }

    /// <summary>Processors and memory of the machine that measured it.</summary>
    public required string Hardware { get; init; }

    /// <summary>When, epoch milliseconds.</summary>
    public required long AtMs { get; init; }

    /// <summary>Largest prompt plus answer, in tokens, that was read whole; 0 when nothing was proven.</summary>
    public required int ProvenWindow { get; init; }

    /// <summary>Why it is not larger, for a person.</summary>
    public required string Why { get; init; }

    /// <summary>Whether it grew until something stopped it; false for the quick form of a first use.</summary>
    public required bool Complete { get; init; }

    /// <summary>Tokens that the chat template adds to a prompt of one message.</summary>
    public int TemplateTokens { get; init; }

    /// <summary>Token estimate calibrated for it; absent where the model's own tokenizer counts.</summary>
    public TokenEstimate? Estimate { get; init; }

    /// <summary>Its speed; absent when nothing was answered.</summary>
    public ModelSpeed? Speed { get; init; }

    /// <summary>What it can do; absent where only its window was proven.</summary>
    public AbilityReport? Abilities { get; init; }

    /// <summary>The report as far as it binds calls of this model: nothing but a server's window needs proof.</summary>
    internal PreflightReport? ForUse(OpenedModel model) => model.Preflight is null ? null : this;

    /// <summary>The sizes tried, in order.</summary>
    public IReadOnlyList<PreflightSize> Sizes { get; init; } = [];
}

/// <summary>How reports are kept.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(PreflightReport))]
internal sealed partial class PreflightJson : JsonSerializerContext;
