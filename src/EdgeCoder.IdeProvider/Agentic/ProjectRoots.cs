using EdgeCoder.Agent.Repositories;
using EdgeCoder.Hosting.Problems;

namespace EdgeCoder.IdeProvider.Agentic;

/// <summary>Which directories a caller may name as a project: the same ones as everywhere in this program (agent-executor-models 2.1).</summary>
internal static class ProjectRoots
{
    /// <summary>
    /// Its real path. Throws <see cref="Refusal"/> 400 <c>Not a valid directory</c> for what is no project (no directory, the root of a file system, a home, our own
    /// data), 403 <c>root_not_trusted</c> for one that no person has trusted yet.
    /// </summary>
    public static string Resolve(IRepositoryAgent agent, string? named)
    {
        if (string.IsNullOrWhiteSpace(named) || !Path.IsPathFullyQualified(named) || named.Contains('\0', StringComparison.Ordinal))
        {
            throw NotValid("Name the absolute path of a directory of this machine as projectRoot.");
        }

        try
        {
            return agent.Resolve(named);
        }
        catch (RepositoryException fault) when (fault.Code is "root_refused" or "root_not_found")
        {
            throw NotValid(fault.Message);
        }
        catch (RepositoryException fault)
        {
            throw WorkFaults.Refusal(fault)!;
        }
    }

    private static Refusal NotValid(string detail) => new(400, "Not a valid directory", detail);
}
