using EdgeCoder.Agent.Calls;
using EdgeCoder.IdeProvider.Bodies;
using EdgeCoder.IdeProvider.Upstreams;
using EdgeCoder.Protocol.Tokens;

namespace EdgeCoder.IdeProvider.Relaying;

/// <summary>One call to relay.</summary>
internal sealed record RelayCall
{
    /// <summary>Where to.</summary>
    public required LocalUpstream Upstream { get; init; }

    /// <summary>Path below its base.</summary>
    public required string Path { get; init; }

    /// <summary>The request as checked.</summary>
    public required CallBody Body { get; init; }

    /// <summary>Its bytes for the upstream.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>Marks of the answer; what the upstream names in its headers replaces route, model and digest.</summary>
    public required RelayMarks Marks { get; init; }

    /// <summary>When the request came: where <c>latencyMs</c> begins. A timestamp of the clock.</summary>
    public required long Began { get; init; }

    /// <summary>
    /// How the upstream counts, where nobody else checks that it read the whole prompt; absent where the upstream itself does so (the inference service).
    /// </summary>
    public TokenEstimate? CheckWith { get; init; }

    /// <summary>Share by which an honest count may lie below the estimate.</summary>
    public double Tolerance { get; init; }

    /// <summary>How long it may take; absent where the upstream itself ends what takes too long (the inference service), or its speed is not known.</summary>
    public CallTimes? Times { get; init; }

    /// <summary>How long one token takes to be written, as measured; absent where nobody did.</summary>
    public TimeSpan? TokenTime { get; init; }

    /// <summary>Told when something of the answer came.</summary>
    public Action? Progress { get; init; }
}

/// <summary>How a call ended, for metering and the latency gate.</summary>
/// <param name="Tokens">Tokens read and written, as reported; as counted here where the client went away before the report.</param>
/// <param name="FirstByte">From the start of the request to the first token of the answer; absent where none came.</param>
/// <param name="IsCut">Whether it was cancelled before its end.</param>
/// <param name="IsAtMost">Whether <paramref name="FirstByte"/> is when the whole answer had come, because nothing else is known.</param>
internal readonly record struct RelayEnd(long Tokens, TimeSpan? FirstByte, bool IsCut = false, bool IsAtMost = false);
