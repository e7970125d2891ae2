using System.Text.Json;
using EdgeCoder.Inference.Catalogue;

namespace EdgeCoder.Inference.Providers;

/// <summary>
/// Reads <see cref="ModelSettings"/> from <c>models.json</c> of the configuration directory and the environment; the environment wins.
/// All faults come in one message.
/// </summary>
public sealed class ModelSettingsReader
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "models.json";

    /// <summary>Model of each role on Ollama when Ollama is the default provider and nothing else is set.</summary>
    public const string DefaultOllamaModel = "qwen3.5:9b";

    private const int SmallestWindow = 512;
    private const int LargestWindow = 1 << 20;
    private readonly List<string> _faults = [];
    private readonly List<string> _warnings = [];
    private readonly Func<string, string?> _environment;

    private ModelSettingsReader(Func<string, string?> environment) => _environment = environment;

    /// <summary>Reads the settings. Throws <c>invalid_settings</c> that names every fault and the accepted values.</summary>
    public static ModelSettings Read(string dataDirectory, string configDirectory, Func<string, string?>? environment = null)
    {
        var reader = new ModelSettingsReader(environment ?? Environment.GetEnvironmentVariable);
        var settings = reader.Build(dataDirectory, Path.Combine(configDirectory, FileName));
        return reader._faults.Count == 0
            ? settings
            : throw new ModelException("invalid_settings", string.Join(Environment.NewLine, reader._faults), "docs/models.md lists every setting.");
    }

    private ModelSettings Build(string dataDirectory, string path)
    {
        var file = ReadFile(path);
        var provider = Value("LOCAL_MODEL_PROVIDER");
        if (provider is not null && !ProviderKinds.All.Contains(provider))
        {
            Fault("LOCAL_MODEL_PROVIDER", $"is \"{provider}\"; accepted: {string.Join(", ", ProviderKinds.All)}");
        }

        var servers = (file.Servers ?? []).Select(Server).OfType<OpenAIServerSettings>().ToList();
        foreach (var twice in servers.GroupBy(server => server.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            Fault(FileName, $"names server \"{twice.Key}\" more than once");
        }

        if (provider == ProviderKinds.OpenAICompatible && servers.Count == 0)
        {
            Fault("LOCAL_MODEL_PROVIDER", $"is {provider}, but {FileName} names no server");
        }

        var ollama = Ollama(file.Ollama, chosen: provider == ProviderKinds.Ollama);
        CheckEndpoint("OLLAMA_GENERATE_ENDPOINT", "api/generate", ollama);
        CheckEndpoint("OLLAMA_TAGS_ENDPOINT", "api/tags", ollama);
        if (Value("OLLAMA_AUTO_INSTALL") is { } install && install is not ("false" or "0"))
        {
            Fault("OLLAMA_AUTO_INSTALL", "cannot be honoured by this version; accepted: false. Install Ollama yourself, or use edgecoder models pull");
        }

        return new()
        {
            DataDirectory = dataDirectory,
            DefaultProvider = provider ?? ProviderKinds.Local,
            Ollama = ollama,
            Servers = servers,
            Roles = Roles(file.Roles, ollamaIsDefault: provider == ProviderKinds.Ollama),
            Fallback = Fallback(file.Fallback),
            Demonstration = file.Demonstration ?? true,
            Sources = Sources(),
            Warnings = _warnings,
        };
    }

    private ModelSettingsFile ReadFile(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), ModelSettingsJson.Default.ModelSettingsFile) ?? new();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new();
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            Fault(path, $"cannot be read: {e.Message}");
            return new();
        }
    }

    private OllamaSettings Ollama(ModelSettingsFile.OllamaPart? part, bool chosen)
    {
        var settings = new OllamaSettings { ContextWindow = Window(part?.ContextWindow, "ollama"), IsConfigured = chosen || part is not null };
        if (Value("OLLAMA_HOST") is { } host)
        {
            if (!ServerAddress.TryParse(host, OllamaSettings.DefaultPort, out var address, out var fault))
            {
                Fault("OLLAMA_HOST", fault);
                return settings;
            }

            settings = settings with { Address = address, IsConfigured = true };
        }

        if (settings.Address.IsLoopback)
        {
            return settings;
        }

        if (part?.Reach is null)
        {
            Fault("OLLAMA_HOST", $"is not this machine; label it in {FileName}: \"ollama\": {{ \"reach\": \"team\" }} or \"external\"");
            return settings;
        }

        return settings with { Reach = Reach(part.Reach, settings.Address, "ollama") };
    }

    private OpenAIServerSettings? Server(ModelSettingsFile.ServerPart part)
    {
        var where = $"{FileName}, server \"{part.Name}\"";
        if (string.IsNullOrEmpty(part.Name) || !part.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            Fault(FileName, "every server needs a name of letters, digits, - _ and .");
            return null;
        }

        if (part.Address is null || !ServerAddress.TryParse(part.Address, defaultPort: null, out var address, out var fault))
        {
            Fault(where, $"address {(part.Address is null ? "is missing" : "is wrong")}; for instance http://127.0.0.1:8080/v1");
            return null;
        }

        if (part.Reach is null)
        {
            Fault(where, "reach is missing; accepted: this-machine, team, external");
            return null;
        }

        if (part.ApiKeyFile is { } keyFile)
        {
            CheckKeyFile(keyFile, where);
        }

        return new()
        {
            Name = part.Name,
            Address = address,
            Reach = Reach(part.Reach, address, where),
            Model = part.Model,
            ContextWindow = Window(part.ContextWindow, where),
            KeyFile = part.ApiKeyFile,
        };
    }

    private void CheckKeyFile(string path, string where)
    {
        if (!Path.IsPathFullyQualified(path) || !File.Exists(path))
        {
            Fault(where, "apiKeyFile must be the full path of a file that is there");
        }
        else if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0)
        {
            Fault(where, $"apiKeyFile can be read by others; run: chmod 600 {path}");
        }
    }

    private ModelReach Reach(string text, ServerAddress address, string where)
    {
        switch (text)
        {
            case "this-machine" when address.IsLoopback:
                return ModelReach.ThisMachine;
            case "this-machine":
                Fault(where, "reach this-machine is only for a loopback address");
                return ModelReach.External;
            case "team":
                return ModelReach.Team;
            case "external":
                return ModelReach.External;
            default:
                Fault(where, $"reach is \"{text}\"; accepted: this-machine, team, external");
                return ModelReach.External;
        }
    }

    private int? Window(int? window, string where)
    {
        if (window is < SmallestWindow or > LargestWindow)
        {
            Fault(where, $"contextWindow is {window}; accepted: {SmallestWindow} to {LargestWindow} tokens");
        }

        return window;
    }

    private Dictionary<ModelRole, string> Roles(Dictionary<string, string>? written, bool ollamaIsDefault)
    {
        var roles = new Dictionary<ModelRole, string>();
        foreach (var (role, variable) in new[]
        {
            (ModelRole.Coder, "OLLAMA_MODEL"), (ModelRole.Completer, "OLLAMA_EDGE_MODEL"), (ModelRole.Planner, "OLLAMA_COORDINATOR_MODEL"),
        })
        {
            if (Value(variable) is { } model)
            {
                roles[role] = $"{ProviderKinds.Ollama}/{model}";
            }
            else if (ollamaIsDefault)
            {
                roles[role] = $"{ProviderKinds.Ollama}/{DefaultOllamaModel}";
            }
        }

        foreach (var (name, model) in written ?? [])
        {
            if (!Enum.TryParse<ModelRole>(name, ignoreCase: true, out var role) || char.IsAsciiDigit(name[0]))
            {
                Fault(FileName, $"roles: \"{name}\" is none; accepted: planner, coder, reviewer, completer, embedder");
            }
            else if (Value(VariableOf(role)) is null)
            {
                roles[role] = model;
            }
        }

        return roles;
    }

    private static string VariableOf(ModelRole role) => role switch
    {
        ModelRole.Coder => "OLLAMA_MODEL",
        ModelRole.Completer => "OLLAMA_EDGE_MODEL",
        ModelRole.Planner => "OLLAMA_COORDINATOR_MODEL",
        _ => "",
    };

    private List<string> Fallback(JsonElement? written)
    {
        switch (written)
        {
            case null or { ValueKind: JsonValueKind.String } when written is null || written.Value.GetString() == "none":
                return [];
            case { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String):
                return [.. list.EnumerateArray().Select(item => item.GetString()!)];
            default:
                Fault(FileName, "fallback must be \"none\" or a list of models");
                return [];
        }
    }

    private SourceAllowList Sources()
    {
        if (Value("MODEL_SOURCE_ALLOWLIST") is not { } text)
        {
            return SourceAllowList.Default;
        }

        if (!SourceAllowList.TryParse(text, out var list, out var fault))
        {
            Fault("MODEL_SOURCE_ALLOWLIST", fault);
            return SourceAllowList.Default;
        }

        return list;
    }

    private void CheckEndpoint(string variable, string path, OllamaSettings ollama)
    {
        var derived = new Uri(ollama.Address.Uri, path).ToString();
        if (Value(variable) is { } endpoint && endpoint.TrimEnd('/') != derived)
        {
            Fault(variable, $"must be {derived}, which follows from OLLAMA_HOST; leave it unset");
        }
    }

    private string? Value(string name) => name.Length > 0 && _environment(name)?.Trim() is { Length: > 0 } value ? value : null;

    private void Fault(string name, string fault) => _faults.Add($"{name}: {fault}.");
}
