using EdgeCoder.Agent.Calls;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Inference.Providers;

/// <summary>What every call of one opened model is held to.</summary>
internal sealed record CallRules
{
    /// <summary>The model.</summary>
    public required ModelIdentity Model { get; init; }

    /// <summary>Options that its provider passes on.</summary>
    public required ChatOptionKinds Options { get; init; }

    /// <summary>Window, in tokens.</summary>
    public required int Window { get; init; }

    /// <summary>Token counter; exact, or an upper estimate.</summary>
    public required TokenCounter CountTokens { get; init; }

    /// <summary>Share, 0–1, by which the real count may lie below ours: 0 with the model's own tokenizer.</summary>
    public required double Tolerance { get; init; }

    /// <summary>Measured speed; null for no time limit.</summary>
    public ModelSpeed? Speed { get; init; }

    /// <summary>Told when a call failed for a reason that lies with the provider.</summary>
    public Action<string> CallFailed { get; init; } = _ => { };

    /// <summary>Told when the window turned out to be smaller than proven.</summary>
    public Action WindowLost { get; init; } = () => { };
}
