using EdgeCoder.Agent.Repositories;
using EdgeCoder.Commands;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Repositories;

/// <summary>A person trusts a root once, before anything of it is read (agent-executor-models 2.1).</summary>
internal static class RootTrust
{
    /// <summary>Asks where somebody can be asked. Throws <see cref="RepositoryException"/> <c>root_not_trusted</c> when nobody trusts it.</summary>
    public static async Task RequireAsync(Surroundings surroundings, TrustedRoots trust, RepositoryOrder order, CancellationToken cancellationToken)
    {
        var root = order.Task.Root;
        if (order.Resume is not null || trust.Has(root))
        {
            // A resumed session checks its own root.
            return;
        }

        if (order.Trust || (surroundings.Person.IsThere && !order.Json && await AskAsync(surroundings, root, cancellationToken)))
        {
            trust.Add(root);
            return;
        }

        throw new RepositoryException("root_not_trusted", $"Nobody has trusted {root} yet, so nothing of it was read.", $"When you know what is in it: edgecoder trust {root}. For a function of its own instead of a change here: add --snippet");
    }

    private static async Task<bool> AskAsync(Surroundings surroundings, string root, CancellationToken cancellationToken)
    {
        var console = surroundings.Console;
        console.MarkupLineInterpolated($"[bold]{SafeText.ForTerminal(root)}[/]");
        surroundings.Tell("EdgeCoder has not worked here before. The model will read its files, AGENTS.md guides it, and its tests run in the sandbox.");
        surroundings.Person.DiscardTypedAhead();
        while (true)
        {
            console.Markup("Do you trust what is in this directory? [bold]y[/]/[bold]n[/] > ");
            switch ((await surroundings.Person.ReadLineAsync(cancellationToken))?.Trim().ToLowerInvariant())
            {
                case "y" or "yes":
                    return true;
                case null or "n" or "no":
                    return false;
            }
        }
    }
}
