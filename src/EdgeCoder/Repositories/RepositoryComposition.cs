using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Commands;

namespace EdgeCoder.Repositories;

/// <summary>The parts of repository work as the program has them.</summary>
internal static class RepositoryComposition
{
    /// <summary>Puts them together. Nothing is opened yet.</summary>
    public static RepositoryWork Of(Surroundings surroundings) => throw new RepositoryException("x", "y");
}
