using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Agent.Git;
using EdgeCoder.Protocol.Identifiers;

namespace EdgeCoder.Agent.Coordinators;

/// <summary>A coordinator that answered once.</summary>
/// <param name="PeerId">Its id.</param>
/// <param name="CoordinatorUrl">Its address.</param>
/// <param name="PublicKeySha256">SHA-256 of its SPKI key, hex.</param>
/// <param name="LastOkMs">When it passed the check last.</param>
public sealed record CachedCoordinator(string PeerId, string CoordinatorUrl, string? PublicKeySha256, long LastOkMs);

/// <summary>The cache file as it is written (coordinator-and-mesh 10).</summary>
internal sealed record CacheDocument(int Version, IReadOnlyList<string> Peers, IReadOnlyList<CachedCoordinator> Entries, long UpdatedAtMs);

/// <summary>
/// The coordinators that answered before, in a file (coordinator-and-mesh 10): replaced atomically, open to its owner alone. A file that cannot be read
/// counts as empty, is kept as <c>.bad</c> and reported.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="time">The clock.</param>
public sealed class CoordinatorCache(string path, TimeProvider time)
{
    /// <summary>Entries that are older are ignored.</summary>
    public static readonly TimeSpan MostAge = TimeSpan.FromDays(30);

    private const int MostBytes = 1 << 20;

    /// <summary>What was wrong with the file at the last reading; null when nothing was.</summary>
    public string? Fault { get; private set; }

    /// <summary>The entries, the last one that answered first.</summary>
    public IReadOnlyList<CachedCoordinator> Read()
    {
        Fault = null;
        try
        {
            if (!File.Exists(path))
            {
                return [];
            }

            if (new FileInfo(path).Length > MostBytes)
            {
                return Bad("it is too large");
            }

            var document = JsonSerializer.Deserialize(File.ReadAllBytes(path), CacheJson.Default.CacheDocument);
            return document is { Version: 1 } ? Usable(document) : Bad("its version is not 1");
        }
        catch (JsonException)
        {
            return Bad("it is not whole");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Fault = $"The list of coordinators {path} cannot be read: {fault.Message}";
            return [];
        }
    }

    /// <summary>Keeps a coordinator that passed the check, with the others. A disk that is full loses the list, not the work.</summary>
    public void Keep(CachedCoordinator passed)
    {
        var fault = Fault;
        CachedCoordinator[] entries = [passed, .. Read().Where(entry => entry.PeerId != passed.PeerId && entry.CoordinatorUrl != passed.CoordinatorUrl)];
        var document = new CacheDocument(1, [.. entries.Select(entry => entry.CoordinatorUrl)], entries, time.GetUtcNow().ToUnixTimeMilliseconds());
        try
        {
            OwnerOnly.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            OwnerOnly.Replace(path, JsonSerializer.SerializeToUtf8Bytes(document, CacheJson.Default.CacheDocument));
            Fault = fault;
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            Fault = $"The list of coordinators {path} cannot be written: {disk.Message}";
        }
    }

    private IReadOnlyList<CachedCoordinator> Usable(CacheDocument document)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return
        [
            .. (document.Entries ?? [])
                .Where(entry => entry is { PeerId: not null } && ClientId.IsValid(entry.PeerId) && now - entry.LastOkMs <= MostAge.TotalMilliseconds)
                .Select(entry => CoordinatorUrl.TryNormalise(entry.CoordinatorUrl, out var url) ? entry with { CoordinatorUrl = url } : null)
                .OfType<CachedCoordinator>()
                .OrderByDescending(entry => entry.LastOkMs),
        ];
    }

    private CachedCoordinator[] Bad(string why)
    {
        Fault = $"The list of coordinators {path} cannot be used: {why}. It is kept as {path}.bad.";
        try
        {
            File.Move(path, path + ".bad", overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Fault = $"The list of coordinators {path} cannot be used: {why}.";
        }

        return [];
    }
}

/// <summary>Two spaces of indent, as the format says.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true, IndentSize = 2, NewLine = "\n")]
[JsonSerializable(typeof(CacheDocument))]
internal sealed partial class CacheJson : JsonSerializerContext;
