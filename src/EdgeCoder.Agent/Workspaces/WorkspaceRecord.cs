using System.Text.Json.Serialization;

namespace EdgeCoder.Agent.Workspaces;

/// <summary>What a workspace is, as it is kept.</summary>
internal sealed record WorkspaceRecord
{
    /// <summary>Version of the form.</summary>
    public required int Version { get; init; }

    /// <summary>The session.</summary>
    public required string SessionId { get; init; }

    /// <summary>The person's project, as a real path.</summary>
    public required string Root { get; init; }

    /// <summary>The worktree.</summary>
    public required string Directory { get; init; }

    /// <summary>Whether the project has a repository of its own.</summary>
    public required bool HasGit { get; init; }

    /// <summary>Directory with the person's HEAD and index; absent without repository.</summary>
    public string? GitDirectory { get; init; }

    /// <summary>Object directories that are borrowed from.</summary>
    public required IReadOnlyList<string> Objects { get; init; }

    /// <summary>What a person should know: submodules that were left alone, large files that are pointers.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Name of the person for commits, where the project's repository gives one.</summary>
    public string? UserName { get; init; }

    /// <summary>Address of the person for commits.</summary>
    public string? UserEmail { get; init; }

    /// <summary>Address of each remote of the project's repository, by name, without user and password.</summary>
    public IReadOnlyDictionary<string, string>? Remotes { get; init; }

    /// <summary>When it was begun, epoch milliseconds.</summary>
    public required long AtMs { get; init; }
}

/// <summary>What was applied to the person's tree, the oldest first, and what is being written at the moment.</summary>
internal sealed record ApplyState
{
    /// <summary>Applied changes.</summary>
    public required IReadOnlyList<AppliedChange> Changes { get; init; }

    /// <summary>What is being written; after a crash it is taken back, or finished when <see cref="ApplyPlan.Committed"/>.</summary>
    public ApplyPlan? Pending { get; init; }

    /// <summary>Nothing.</summary>
    public static ApplyState Empty { get; } = new() { Changes = [] };
}

/// <summary>A change that was applied.</summary>
/// <param name="Before">The person's tree before.</param>
/// <param name="After">The person's tree after.</param>
/// <param name="Undone">Whether it was taken back.</param>
internal sealed record AppliedChange(string Before, string After, bool Undone);

/// <summary>Files to be written together into the person's tree.</summary>
internal sealed record ApplyPlan
{
    /// <summary>Part of the names of its temporary files.</summary>
    public required string Token { get; init; }

    /// <summary>The files.</summary>
    public required IReadOnlyList<PlannedFile> Files { get; init; }

    /// <summary>Directories that it makes, outer ones first.</summary>
    public required IReadOnlyList<string> NewDirectories { get; init; }

    /// <summary>What is applied once every file is in place.</summary>
    public required IReadOnlyList<AppliedChange> Then { get; init; }

    /// <summary>Whether every file is in place: then only the temporary files are left to be removed.</summary>
    public bool Committed { get; init; }
}

/// <summary>A file of a plan.</summary>
/// <param name="Path">Relative to the root.</param>
/// <param name="Old">What must be there.</param>
/// <param name="New">What will be there.</param>
internal sealed record PlannedFile(string Path, FileState Old, FileState New);

/// <summary>What is at a place.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Hash">SHA-256 of the content of a file or of the target of a link, in hexadecimal digits.</param>
/// <param name="Executable">Whether its owner may execute it.</param>
internal sealed record FileState(FileStateKind Kind, string? Hash = null, bool Executable = false)
{
    /// <summary>Nothing is there.</summary>
    public static FileState Absent { get; } = new(FileStateKind.Absent);

    /// <summary>Something that is neither an ordinary file nor a link: a directory, a device, or anything behind a link.</summary>
    public static FileState Other { get; } = new(FileStateKind.Other);
}

/// <summary>Kinds of what may be at a place.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FileStateKind>))]
internal enum FileStateKind
{
    /// <summary>Nothing.</summary>
    Absent,

    /// <summary>An ordinary file.</summary>
    File,

    /// <summary>A symbolic link.</summary>
    Link,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>JSON of a workspace's files.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(WorkspaceRecord))]
[JsonSerializable(typeof(ApplyState))]
internal sealed partial class WorkspaceJson : JsonSerializerContext;
