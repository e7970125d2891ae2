namespace EdgeCoder.IdeProvider.Access;

/// <summary>Who may call a route. A route without one is a fault that a test finds.</summary>
internal enum AccessRule
{
    /// <summary>Anyone who reaches it with a permitted Host and Origin.</summary>
    Open,

    /// <summary>A key, or a loopback caller without one: what makes text and changes nothing.</summary>
    KeyOrLoopback,

    /// <summary>A key: what runs tools or code.</summary>
    Key,
}
