using System.Text.Json;
using EdgeCoder.Agent.Git;
using EdgeCoder.Agent.Repositories;

namespace EdgeCoder.Agent.Workspaces;

/// <summary>What one session applied to the person's tree, kept so that it can be taken back after a crash and from another process.</summary>
/// <param name="path">The file.</param>
internal sealed class ApplyStore(string path)
{
    /// <summary>Reads it.</summary>
    public ApplyState Read()
    {
        if (!File.Exists(path))
        {
            return ApplyState.Empty;
        }

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), WorkspaceJson.Default.ApplyState) ?? throw new JsonException("It is empty.");
        }
        catch (JsonException fault)
        {
            throw new RepositoryException("session_damaged", $"{path} cannot be read.", "The files of the project are as they are; delete this session and start again.", fault);
        }
    }

    /// <summary>Writes it; it is on the disk when this returns.</summary>
    public void Write(ApplyState state) => OwnerOnly.Replace(path, JsonSerializer.SerializeToUtf8Bytes(state, WorkspaceJson.Default.ApplyState));
}
