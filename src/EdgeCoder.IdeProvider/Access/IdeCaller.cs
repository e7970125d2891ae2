namespace EdgeCoder.IdeProvider.Access;

/// <summary>Who sent a request. Without a key it is somebody at this machine, whose work stays on it.</summary>
/// <param name="Key">The key; null for a loopback caller without one.</param>
/// <param name="Owner">Account of the key, or <c>loopback</c>.</param>
/// <param name="MaxDataClass">The widest class that its requests may have.</param>
internal sealed record IdeCaller(IdeKey? Key, string Owner, DataClass MaxDataClass)
{
    /// <summary>A loopback caller without a key.</summary>
    public static readonly IdeCaller Loopback = new(null, "loopback", DataClass.Local);

    /// <summary>The holder of a key.</summary>
    public static IdeCaller Of(IdeKey key) => new(key, key.Owner, DataClasses.Parse(key.MaxDataClass) ?? DataClass.Local);

    /// <summary>Whether it may use a model.</summary>
    public bool Allows(string model) => Key?.Allows(model) ?? true;
}
