using EdgeCoder.Agent.Repositories;
using EdgeCoder.Commands;
namespace EdgeCoder.Repositories;
internal static class RepositoryComposition
{
    public static RepositoryWork Of(Surroundings surroundings) => throw new RepositoryException("x", surroundings.Directory);
}
