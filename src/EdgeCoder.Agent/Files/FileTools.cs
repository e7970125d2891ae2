using EdgeCoder.Agent.Ignores;
using EdgeCoder.Agent.Patches;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Search;
using EdgeCoder.Agent.Secrets;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Files;

/// <summary>The tools on files, of one session (agent-executor-models 2.3).</summary>
internal static class FileTools
{
    /// <summary>Makes them.</summary>
    /// <param name="root">The session's worktree.</param>
    /// <param name="secrets">What is denied.</param>
    /// <param name="ignores">What is left out of lists and searches.</param>
    /// <param name="ledger">What the session has read; also <see cref="ReadLedger.Clear"/>ed by the caller when the tree was put back.</param>
    /// <param name="protectedGlobs">Files that may not be changed.</param>
    public static IReadOnlyList<ITool> Create(ProjectRoot root, SecretFilePolicy secrets, IgnoreRules ignores, ReadLedger ledger, IReadOnlyList<string>? protectedGlobs = null)
    {
        var files = new ProjectFiles(root, secrets, ignores, ledger, protectedGlobs);
        return
        [
            new ReadFileTool(files),
            new ListDirectoryTool(files),
            new SearchFilesTool(files),
            new EditFileTool(files),
            new WriteFileTool(files),
            new ApplyPatchTool(files),
        ];
    }
}
