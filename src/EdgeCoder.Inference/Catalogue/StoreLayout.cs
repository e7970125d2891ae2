namespace EdgeCoder.Inference.Catalogue;

/// <summary>
/// Where the store keeps things, below <c>models</c> of the data directory:
/// <c>sha256/HEX.gguf</c> model files, <c>installed/ID.json</c> what is known of each id, <c>partial/HEX.*</c> downloads under way,
/// <c>locks/HEX.lock</c> one writer per digest, <c>active.json</c> the active model, <c>swaps.jsonl</c> its changes.
/// </summary>
internal sealed class StoreLayout(string dataDirectory)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public string Root { get; } = Path.Combine(Path.GetFullPath(dataDirectory), "models");

    public string ActiveFile => Path.Combine(Root, "active.json");

    public string SwapsFile => Path.Combine(Root, "swaps.jsonl");

    public string InstalledDirectory => Path.Combine(Root, "installed");

    public string Blob(ModelDigest digest) => Path.Combine(Root, "sha256", digest.Hex + ".gguf");

    public string Partial(ModelDigest digest) => Path.Combine(Root, "partial", digest.Hex + ".part");

    public string PartialState(ModelDigest digest) => Path.Combine(Root, "partial", digest.Hex + ".json");

    public string Lock(ModelDigest digest) => Path.Combine(Root, "locks", digest.Hex + ".lock");

    /// <summary>File name of an id: ids hold <c>:</c> and <c>/</c>, and must not name a path.</summary>
    public string Installed(string modelId) => Path.Combine(InstalledDirectory, Uri.EscapeDataString(modelId) + ".json");

    /// <summary>Makes the directory of a file, readable by the owner only.</summary>
    public static void MakeParent(string path)
    {
        var directory = Path.GetDirectoryName(path)!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, OwnerOnly);
        }
    }
}
