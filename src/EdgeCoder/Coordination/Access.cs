using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Commands;
using EdgeCoder.Settings;

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
    /// What the file says, with <c>COORDINATOR_URL</c>, <c>ADMIN_API_TOKEN</c> and <c>AGENT_ACCOUNT_ID</c> over it. Credentials of the file go only to the
    /// coordinator of the file.
    /// </summary>
    public static Access Read(Surroundings surroundings)
    {
        var stored = Stored(surroundings.Directories());
        var url = Value("COORDINATOR_URL") ?? stored?.CoordinatorUrl ?? "http://127.0.0.1:4301";
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || (address.Scheme == "http" && !address.IsLoopback))
        {
            throw new UsageException("invalid_setting", "COORDINATOR_URL must be an https address, or http on this machine.");
        }

        var own = stored is not null && Uri.TryCreate(stored.CoordinatorUrl, UriKind.Absolute, out var home) && home == address ? stored : null;
        return new()
        {
            CoordinatorUrl = url.TrimEnd('/'),
            ApiKey = own?.ApiKey,
            AdminToken = Value("ADMIN_API_TOKEN") ?? own?.AdminToken,
            AccountId = Value("AGENT_ACCOUNT_ID") ?? own?.AccountId,
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

    /// <summary>Replaces the file.</summary>
    public void Write(string dataDirectory)
    {
        var path = PathIn(dataDirectory);
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

    private static Access? Stored(ProgramDirectories directories)
    {
        try
        {
            using var file = File.OpenRead(PathIn(directories.Data));
            return JsonSerializer.Deserialize(file, AccessJson.Default.Access);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException)
        {
            throw new UsageException("access_damaged", $"{PathIn(directories.Data)} is damaged.", "Start the coordinator again with edgecoder up; it writes the file anew.");
        }
    }
}

/// <summary>How <see cref="Access"/> is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(Access))]
internal sealed partial class AccessJson : JsonSerializerContext;
