using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Agent.Git;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Roots;

namespace EdgeCoder.Agent.Trust;

/// <summary>
/// The directories that a person has trusted once (agent-executor-models 2.1): <c>trust.json</c> in the data directory, readable and writable by its owner
/// alone, by real path. A directory that is moved, or another one put behind the same link, must be trusted anew.
/// </summary>
/// <param name="dataDirectory">EdgeCoder's data directory; created when it is not there.</param>
/// <param name="time">The clock.</param>
public sealed class TrustStore(string dataDirectory, TimeProvider time)
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _file = Path.Combine(dataDirectory, "trust.json");

    /// <summary>Trusted directories, by path.</summary>
    public IReadOnlyList<TrustedRoot> List() => Read().Roots;

    /// <summary>Whether a person has trusted this very directory. Throws <see cref="RepositoryException"/> <c>trust_unreadable</c> when that cannot be known.</summary>
    public bool IsTrusted(string root)
    {
        var real = RealPath.Of(root);
        return Read().Roots.Any(r => r.Path == real);
    }

    /// <summary>Trusts a directory; only a person's own word may lead here.</summary>
    public void Trust(string root)
    {
        var real = RealPath.Of(root);
        if (!Directory.Exists(real))
        {
            throw new RepositoryException("root_not_found", $"{root} is not a directory.", "Name an existing directory.");
        }

        Change(roots => [.. roots.Where(r => r.Path != real), new TrustedRoot(real, time.GetUtcNow().ToUnixTimeMilliseconds())]);
    }

    /// <summary>Takes trust back; gives whether it was trusted.</summary>
    public bool Forget(string root)
    {
        // A directory that is gone is known by the path that it had.
        var paths = new[] { RealPath.Of(root), Path.GetFullPath(root) };
        var known = false;
        Change(roots =>
        {
            known = roots.Any(r => paths.Contains(r.Path));
            return [.. roots.Where(r => !paths.Contains(r.Path))];
        });
        return known;
    }

    private void Change(Func<IReadOnlyList<TrustedRoot>, IReadOnlyList<TrustedRoot>> change)
    {
        try
        {
            OwnerOnly.CreateDirectory(dataDirectory);
            using var held = OwnerOnly.Lock(_file + ".lock");
            var roots = change(Read().Roots).OrderBy(r => r.Path, StringComparer.Ordinal).ToList();
            OwnerOnly.Replace(_file, JsonSerializer.SerializeToUtf8Bytes(new TrustFile(1, roots), TrustJson.Default.TrustFile));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new RepositoryException("trust_unwritable", $"{_file} cannot be written: {fault.Message}", "Check the owner, the mode and the free space of the data directory, then try again.", fault);
        }
    }

    private TrustFile Read()
    {
        if (!File.Exists(_file))
        {
            return new TrustFile(1, []);
        }

        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(_file) & ~Owner) != 0)
            {
                throw new IOException("others than its owner may read or write it");
            }

            return JsonSerializer.Deserialize(File.ReadAllBytes(_file), TrustJson.Default.TrustFile) is { Version: 1 } read ? read : throw new JsonException("it has another form");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new RepositoryException("trust_unreadable", $"The list of trusted directories, {_file}, cannot be used: {fault.Message}.", "Repair it (chmod 600), or delete it and trust your projects again.", fault);
        }
    }
}

/// <summary>A trusted directory.</summary>
/// <param name="Path">Its real path.</param>
/// <param name="AtMs">When it was trusted, epoch milliseconds.</param>
public sealed record TrustedRoot(string Path, long AtMs);

/// <summary>The file.</summary>
internal sealed record TrustFile(int Version, IReadOnlyList<TrustedRoot> Roots);

/// <summary>JSON of the file.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true, WriteIndented = true)]
[JsonSerializable(typeof(TrustFile))]
internal sealed partial class TrustJson : JsonSerializerContext;
