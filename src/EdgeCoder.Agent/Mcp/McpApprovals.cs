using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Agent.Git;
using EdgeCoder.Agent.Repositories;

namespace EdgeCoder.Agent.Mcp;

/// <summary>
/// The servers that a person approved, by exact command line or address (agent-executor-models 8): <c>mcp-approvals.json</c> in the data directory, of its owner
/// alone. With each approval stands what tools the server had when it was first used: a server that offers others later is asked about anew.
/// </summary>
/// <param name="dataDirectory">EdgeCoder's data directory.</param>
/// <param name="time">The clock.</param>
public sealed class McpApprovals(string dataDirectory, TimeProvider time)
{
    private readonly string _file = Path.Combine(dataDirectory, "mcp-approvals.json");

    /// <summary>All of them. Throws <see cref="RepositoryException"/> <c>mcp_approvals_unreadable</c>.</summary>
    public IReadOnlyList<McpApproval> List() => Read().Approvals;

    /// <summary>Whether a server is approved for a project as it is listed now.</summary>
    public bool IsApproved(McpServerEntry entry, string root) => Find(entry, root) is not null;

    /// <summary>Approves it, with whatever tools it has at its next start; only a person's own word may lead here.</summary>
    public void Approve(McpServerEntry entry, string root)
    {
        var approval = new McpApproval(entry.Digest(root), entry.Name, entry.Source, entry.Source == McpServerList.Yours ? "" : root, entry.Line, time.GetUtcNow().ToUnixTimeMilliseconds(), null);
        Change(all => [.. all.Where(known => known.Digest != approval.Digest), approval]);
    }

    /// <summary>Takes every approval of a name back, in this project and for the person's own; gives whether there was one.</summary>
    public bool Forget(string name, string root)
    {
        var known = false;
        Change(all =>
        {
            var left = all.Where(one => one.Name != name || (one.Root.Length > 0 && one.Root != root)).ToList();
            known = left.Count < all.Count;
            return left;
        });
        return known;
    }

    /// <summary>The approval of a server; null when there is none.</summary>
    internal McpApproval? Find(McpServerEntry entry, string root)
    {
        var digest = entry.Digest(root);
        return Read().Approvals.FirstOrDefault(one => one.Digest == digest);
    }

    /// <summary>Keeps what tools it had at its first use.</summary>
    internal void Pin(McpApproval approval, IReadOnlyDictionary<string, string> tools) =>
        Change(all => [.. all.Select(one => one.Digest == approval.Digest && one.Tools is null ? one with { Tools = tools } : one)]);

    private void Change(Func<IReadOnlyList<McpApproval>, IReadOnlyList<McpApproval>> change)
    {
        try
        {
            OwnerOnly.CreateDirectory(dataDirectory);
            using var held = OwnerOnly.Lock(_file + ".lock");
            OwnerOnly.Replace(_file, JsonSerializer.SerializeToUtf8Bytes(new McpApprovalFile(1, change(Read().Approvals)), McpApprovalJson.Default.McpApprovalFile));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new RepositoryException("mcp_approvals_unwritable", $"{_file} cannot be written: {fault.Message}", "Check the owner, the mode and the free space of the data directory, then try again.", fault);
        }
    }

    private McpApprovalFile Read()
    {
        try
        {
            return !File.Exists(_file) ? new(1, [])
                : JsonSerializer.Deserialize(File.ReadAllBytes(_file), McpApprovalJson.Default.McpApprovalFile) is { Version: 1 } read && !read.Approvals.Contains(null!) ? read : throw new JsonException("it has another form");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new RepositoryException("mcp_approvals_unreadable", $"The list of approved MCP servers, {_file}, cannot be used: {fault.Message}.", "Repair it, or delete it and approve your servers again.", fault);
        }
    }
}

/// <summary>An approval.</summary>
/// <param name="Digest">What it holds for.</param>
/// <param name="Name">Name of the server.</param>
/// <param name="Source">Who listed it.</param>
/// <param name="Root">The project; empty for the person's own servers, which are approved everywhere.</param>
/// <param name="Line">The command line or address.</param>
/// <param name="AtMs">When, epoch milliseconds.</param>
/// <param name="Tools">Digest of each tool at the first use; null before it.</param>
public sealed record McpApproval(string Digest, string Name, string Source, string Root, string Line, long AtMs, IReadOnlyDictionary<string, string>? Tools);

/// <summary>The file.</summary>
internal sealed record McpApprovalFile(int Version, IReadOnlyList<McpApproval> Approvals);

/// <summary>JSON of the file.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true, WriteIndented = true)]
[JsonSerializable(typeof(McpApprovalFile))]
internal sealed partial class McpApprovalJson : JsonSerializerContext;
