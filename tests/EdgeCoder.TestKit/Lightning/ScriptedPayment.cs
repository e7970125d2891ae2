namespace EdgeCoder.TestKit.Lightning;

/// <summary>What becomes of a payment that a scripted node is asked for.</summary>
public sealed record PayScript
{
    /// <summary>Succeeds and costs this; null: it does not succeed.</summary>
    public long? FeeMsat { get; init; } = 1_000;

    /// <summary>Is under way and stays so, until the test ends it.</summary>
    public bool StaysInFlight { get; init; }

    /// <summary>Takes its fee though it is above the limit that it was given.</summary>
    public bool IgnoresLimit { get; init; }
}

/// <summary>A payment of a scripted node.</summary>
public sealed class ScriptedPayment
{
    /// <summary>64 hex digits.</summary>
    public required string Hash { get; init; }

    /// <summary>What arrives.</summary>
    public required long AmountMsat { get; init; }

    /// <summary>The limit it was given.</summary>
    public required long FeeLimitMsat { get; init; }

    /// <summary>What it costs, once it succeeded.</summary>
    public long FeeMsat { get; set; }

    /// <summary>State in words of both nodes: SUCCEEDED, FAILED or IN_FLIGHT.</summary>
    public required string State { get; set; }
}
