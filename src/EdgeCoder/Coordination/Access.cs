using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Commands;

namespace EdgeCoder.Coordination;

/// <summary>
/// How the commands of this machine reach a coordinator. <c>edgecoder up</c> writes it, owner-only, into the data directory; the credentials in it are made
/// by the coordinator at its first start and are shown nowhere.
/// </summary>
internal sealed record Access
{
    /// <summary>The coordinator.</summary>
    public required string CoordinatorUrl { get; init; }

    /// <summary>Personal API key: submits work and reads it.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Operator's token: approves nodes.</summary>
    public string? AdminToken { get; init; }

    /// <summary>Account that submissions are charged to.</summary>
    public string? AccountId { get; init; }

    /// <summary>Where it is kept.</summary>
    public static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, "access.json");

    /// <summary>
    /// What the file says, with <c>COORDINATOR_URL</c>, <c>EDGECODER_API_KEY</c>, <c>ADMIN_API_TOKEN</c> and <c>AGENT_ACCOUNT_ID</c> over it. Credentials of the
    /// file go only to the coordinator of the file.
    /// </summary>
    public static Access Read(Surroundings surroundings) =>
        For(surroundings, surroundings.Environment("COORDINATOR_URL")?.Trim() is { Length: > 0 } named ? named : Stored(surroundings.Directories().Data)?.CoordinatorUrl ?? "http://127.0.0.1:4301");

    /// <summary>The same for a coordinator whose address is known.</summary>
    public static Access For(Surroundings surroundings, string url)
    {
        var stored = Stored(surroundings.Directories().Data);
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || (address.Scheme == "http" && !address.IsLoopback))
        {
            throw new UsageException("invalid_setting", "COORDINATOR_URL must be an https address, or http on this machine.");
        }

        var own = stored is not null && Uri.TryCreate(stored.CoordinatorUrl, UriKind.Absolute, out var home) && home == address ? stored : null;
        return new()
        {
            CoordinatorUrl = url.TrimEnd('/'),
            ApiKey = Value("EDGECODER_API_KEY") ?? own?.ApiKey,
            AdminToken = Value("ADMIN_API_TOKEN") ?? own?.AdminToken,

            // The account of the file belongs to the key of the file.
            AccountId = Value("AGENT_ACCOUNT_ID") ?? (Value("EDGECODER_API_KEY") is null ? own?.AccountId : null),
        };

        string? Value(string name) => surroundings.Environment(name)?.Trim() is { Length: > 0 } value ? value : null;
    }

    /// <summary>Whether the file is there, whole, and for this coordinator.</summary>
    public static bool IsFor(string dataDirectory, string coordinatorUrl)
    {
        try
        {
            using var file = File.OpenRead(PathIn(dataDirectory));
            return JsonSerializer.Deserialize(file, AccessJson.Default.Access) is { ApiKey: not null, AdminToken: not null } access && access.CoordinatorUrl == coordinatorUrl;
        }
        catch (Exception fault) when (fault is IOException or JsonException)
        {
            return false;
        }
    }

    /// <summary>Throws <see cref="UsageException"/> when the file is another coordinator's: its credentials are never lost silently.</summary>
    public static void ThrowIfForAnother(string dataDirectory, string coordinatorUrl)
    {
        if (Stored(dataDirectory) is { } stored && stored.CoordinatorUrl != coordinatorUrl)
        {
            throw new UsageException("access_of_another", $"{PathIn(dataDirectory)} is for {stored.CoordinatorUrl}.", "Give this coordinator another EDGECODER_DATA_DIR, or leave --save out and set EDGECODER_API_KEY.");
        }
    }

    /// <summary>The file's content with another account and its key. A token that came from the environment is not stored.</summary>
    public Access WithKey(string dataDirectory, string accountId, string apiKey) =>
        (Stored(dataDirectory) ?? new() { CoordinatorUrl = CoordinatorUrl }) with { AccountId = accountId, ApiKey = apiKey };

    /// <summary>Replaces the file.</summary>
    public void Write(string dataDirectory)
    {
        var path = PathIn(dataDirectory);
        Directory.CreateDirectory(dataDirectory);
        var beside = path + ".new";
        File.Delete(beside);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(beside, options))
        {
            JsonSerializer.Serialize(file, this, AccessJson.Default.Access);
        }

        File.Move(beside, path, overwrite: true);
    }

    private static Access? Stored(string dataDirectory)
    {
        try
        {
            using var file = File.OpenRead(PathIn(dataDirectory));
            return JsonSerializer.Deserialize(file, AccessJson.Default.Access);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException)
        {
            throw new UsageException("access_damaged", $"{PathIn(dataDirectory)} is damaged.", "Start the coordinator again with edgecoder up; it writes the file anew.");
        }
    }
}

/// <summary>How <see cref="Access"/> is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(Access))]
internal sealed partial class AccessJson : JsonSerializerContext;
