namespace EdgeCoder.Portal.Composition;

/// <summary>The address that people use: the settings', else that of the listener once it listens.</summary>
internal sealed class PortalAddress
{
    private Uri? _base;

    /// <summary>Absolute, without a path. Throws before it is known.</summary>
    public Uri Base
    {
        get => _base ?? throw new InvalidOperationException("The portal does not listen yet.");
        set => _base = value;
    }

    /// <summary>The same for who sits at the portal's machine: by name, because passkeys need a name and no number.</summary>
    public Uri LocalLink(string path) => Base is { IsLoopback: true, HostNameType: not UriHostNameType.Dns } ? new(new Uri($"{Base.Scheme}://localhost:{Base.Port}"), path) : Link(path);

    /// <summary>Address of a page with a secret of ours, which needs no escaping.</summary>
    public Uri Link(string path) => new(Base, path);
}
