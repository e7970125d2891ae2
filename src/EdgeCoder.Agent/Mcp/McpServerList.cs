using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Mcp;

/// <summary>
/// The servers that are listed for a project: in the person's <c>mcp.json</c> of the configuration directory and in the project's <c>.edgecoder/mcp.json</c>,
/// both in the usual form. Listing starts nothing. What is wrong in a file is told and its entry left out.
/// </summary>
public static class McpServerList
{
    /// <summary>Source of the person's own servers.</summary>
    public const string Yours = "yours";

    /// <summary>Source of servers that a project lists.</summary>
    public const string Project = "project";

    /// <summary>Source of servers that an editor gave for a session.</summary>
    public const string Editor = "editor";

    private const string ProjectFile = ".edgecoder/mcp.json";
    private const int MostBytes = 256 << 10;
    private const int MostServers = 16;

    private static readonly string NotOrdinary = $"it is no ordinary file of at most {MostBytes / 1024} KiB";

    /// <summary>All of them. A project's server that has the name of one of the person's is left out: nobody may stand in for what a person knows by name.</summary>
    /// <param name="configDirectory">The person's configuration directory.</param>
    /// <param name="root">The project's root.</param>
    /// <param name="editor">Servers that an editor gave.</param>
    /// <param name="faults">Told of everything that is left out, in words for a person.</param>
    public static IReadOnlyList<McpServerEntry> Read(string configDirectory, string root, IReadOnlyList<McpServerEntry> editor, Action<string> faults)
    {
        var all = new List<McpServerEntry>();
        foreach (var entry in Of(Path.Combine(configDirectory, "mcp.json"), Yours, OfPerson, faults).Concat(editor).Concat(Of(Path.Combine(root, ProjectFile), Project, _ => OfProject(root), faults)))
        {
            if (all.Any(known => string.Equals(known.Name, entry.Name, StringComparison.OrdinalIgnoreCase)))
            {
                faults($"The MCP server {entry.Name} ({entry.Source}) is left out: another one has that name.");
            }
            else if (all.Count == MostServers)
            {
                faults($"The MCP server {entry.Name} ({entry.Source}) is left out: there are {MostServers} already.");
            }
            else
            {
                all.Add(entry);
            }
        }

        return all;
    }

    /// <summary>An entry that an editor gave; null, and why is told, for one that cannot be used.</summary>
    public static McpServerEntry? OfEditor(
        string name, string? type, string? command, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, string? url, Action<string> faults) =>
        Entry(Named(name), new() { Type = type, Command = command, Args = arguments, Env = environment, Url = url }, Editor, faults);

    // Editors name servers for people; the name becomes part of the names of tools.
    private static string Named(string name)
    {
        var plain = string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' ? letter : '-'));
        return plain.Length > 32 ? plain[..32] : plain;
    }

    private static IEnumerable<McpServerEntry> Of(string path, string source, Func<string, byte[]?> read, Action<string> faults)
    {
        try
        {
            return read(path) is not { } bytes ? []
                : [.. (JsonSerializer.Deserialize(bytes, McpFileJson.Default.McpFile) ?? throw new JsonException("it holds null")).McpServers.Select(pair => Entry(pair.Key, pair.Value, source, faults)).OfType<McpServerEntry>()];
        }
        catch (Exception fault) when (fault is JsonException or IOException or UnauthorizedAccessException or ToolException or RepositoryException)
        {
            faults($"No MCP server of {path} is used: {fault.Message}");
            return [];
        }
    }

    // The person's own: links are how people keep their settings elsewhere.
    private static byte[]? OfPerson(string path)
    {
        var info = new FileInfo(path);
        return !info.Exists && info.LinkTarget is null && !Directory.Exists(path) ? null
            : info.Exists && new FileInfo(info.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path).Length <= MostBytes ? File.ReadAllBytes(path)
            : throw new IOException(NotOrdinary);
    }

    // A stranger's: opened like every file of a project, so that no link leads out of it and nothing is waited for.
    private static byte[]? OfProject(string root)
    {
        using var project = ProjectRoot.Open(root);
        var path = new ProjectPath(ProjectFile);
        if (project.Look(path) is null)
        {
            return null;
        }

        using var file = project.OpenFile(path);
        return file.Real == path && file.Length <= MostBytes ? file.Read(MostBytes) : throw new IOException(NotOrdinary);
    }

    /// <summary>An entry; null, and why is told, for one that cannot be used.</summary>
    internal static McpServerEntry? Entry(string name, McpFileEntry? entry, string source, Action<string> faults)
    {
        var type = entry?.Type?.ToLowerInvariant();
        Uri? url = null;
        var problem = entry switch
        {
            _ when !McpNames.IsServer(name) => "a name is 1 to 32 letters, digits, - and _",
            null => "it is null",
            { Disabled: true } => "",
            { Command: not null, Url: not null } or { Command: null, Url: null } => "it needs a command or a url, one of them",
            { Command: "" } => "its command is empty",
            { Command: not null } when type is not (null or "stdio") => $"a command is of type stdio, not {type}",
            _ when entry.Args.Concat(entry.Env.Values).Any(text => text is null) => "a word of it is null",
            { Command: not null } when entry.Args.Prepend(entry.Command).Concat(entry.Env.Values).Concat(entry.Env.Keys).Any(text => text.Contains('\0', StringComparison.Ordinal)) => "a word of it has a zero byte",
            { Command: not null } when entry.Env.Keys.Any(key => key.Length == 0 || key.Contains('=', StringComparison.Ordinal)) => "a variable has no name",
            { Url: not null } when type is not (null or "http" or "streamable-http") => $"type {type} is not spoken; http is",
            { Url: not null } when entry.Args.Count + entry.Env.Count > 0 => "args and env go with a command",
            { Url: { } text } when !Uri.TryCreate(text, UriKind.Absolute, out url) || url.UserInfo.Length > 0 || !(url.Scheme == "https" || (url.Scheme == "http" && url.IsLoopback)) => "its url must be https, or http on this machine, without a password",
            _ => null,
        };
        if (problem is { Length: > 0 })
        {
            faults($"The MCP server {name} ({source}) is left out: {problem}.");
        }

        return problem is not null ? null : new()
        {
            Name = name,
            Source = source,
            Command = entry!.Command is { } command ? [command, .. entry.Args] : [],
            Environment = new Dictionary<string, string>(entry.Env, StringComparer.Ordinal),
            Url = url,
        };
    }
}

/// <summary>The file.</summary>
internal sealed record McpFile
{
    /// <summary>Servers by name.</summary>
    public IReadOnlyDictionary<string, McpFileEntry?> McpServers { get => field ?? new Dictionary<string, McpFileEntry?>(); init; }
}

/// <summary>An entry. A member that is not known makes the file one that cannot be used: what it asks for would not happen.</summary>
internal sealed record McpFileEntry
{
    /// <summary><c>stdio</c> or <c>http</c>.</summary>
    public string? Type { get; init; }

    /// <summary>Program.</summary>
    public string? Command { get; init; }

    /// <summary>Arguments.</summary>
    public IReadOnlyList<string> Args { get => field ?? []; init; }

    /// <summary>Variables.</summary>
    public IReadOnlyDictionary<string, string> Env { get => field ?? new Dictionary<string, string>(); init; }

    /// <summary>Address.</summary>
    public string? Url { get; init; }

    /// <summary>Whether it is not to be used now.</summary>
    public bool Disabled { get; init; }
}

/// <summary>JSON of the file.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(McpFile))]
internal sealed partial class McpFileJson : JsonSerializerContext;
