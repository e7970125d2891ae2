namespace EdgeCoder.Coordinator.Keys;

/// <summary>When the coordinator's key is changed (economy-and-ledger 16.2).</summary>
internal sealed record KeyOptions
{
    /// <summary><c>KEY_ROTATION_DAYS</c>: how long a key signs. Default 90 days.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(90);

    /// <summary><c>KEY_ROTATION_WARNING_DAYS</c>: how long before its end a key is changed by itself. Default 14 days.</summary>
    public TimeSpan Warning { get; init; } = TimeSpan.FromDays(14);

    /// <summary>How often it is looked at.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Called at each step of a change; for tests that end the work there.</summary>
    public Action<KeyStep> At { get; init; } = _ => { };
}

/// <summary>Where a crash can leave a change of the key.</summary>
internal enum KeyStep
{
    /// <summary>The new key is made and nobody knows of it.</summary>
    Made,

    /// <summary>The statement is in the store; the key folder still signs with the old key.</summary>
    Announced,

    /// <summary>The key folder signs with the new key and keeps the old one for the overlap.</summary>
    Promoted,
}
