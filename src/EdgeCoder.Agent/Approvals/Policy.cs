using EdgeCoder.Agent.Ignores;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Approvals;

/// <summary>
/// Decides on actions: managed policy, then deny, then ask, then allow, then the mode; the stricter wins (agent-executor-models 2.5). Pure.
/// No verdict turns the sandbox off, opens a denied file or leaves the root: the tools themselves refuse that whatever is said here.
/// </summary>
/// <param name="files">All policies that hold: managed, the person's, the project's, and what the person answered before.</param>
internal sealed class Policy(IReadOnlyList<PolicyFile> files)
{
    /// <summary>Tools that change what others see of the repository, so a person's word or a rule is needed even in the worktree (2.3).</summary>
    private static readonly HashSet<string> AlwaysAsked = ["git_commit", "git_branch"];

    /// <summary>No rules at all.</summary>
    public static Policy None { get; } = new([]);

    /// <summary>Files that may not be changed.</summary>
    public IReadOnlyList<string> Protected => [.. files.SelectMany(f => f.Protected)];

    /// <summary>More files whose content is denied.</summary>
    public IReadOnlyList<string> SecretFiles => [.. files.SelectMany(f => f.SecretFiles)];

    /// <summary>The mode that holds when <paramref name="wanted"/> was asked for.</summary>
    public ApprovalMode Mode(ApprovalMode wanted) => files.Select(f => f.Mode ?? ApprovalMode.Full).Append(wanted).Min();

    /// <summary>The class that holds when <paramref name="wanted"/> was asked for and nothing was read yet.</summary>
    public string DataClass(string wanted) => DataClasses.Narrowest(files.Select(f => f.DataClass).OfType<string>().Append(wanted));

    /// <summary>The class after these files were read.</summary>
    public string Narrowed(string current, IReadOnlyList<string> paths) =>
        DataClasses.Narrowest(files.SelectMany(f => f.Labels).Where(l => paths.Any(p => PathGlob.Matches(l.Path, p))).Select(l => l.Class).Append(current));

    /// <summary>
    /// Files whose label is narrower than a class. A command reads what it likes and its output may hold any of it, so these are hidden from the commands of
    /// wider work (agent-executor-models 0).
    /// </summary>
    public IReadOnlyList<string> NarrowerThan(string dataClass) =>
        [.. files.SelectMany(f => f.Labels).Where(l => DataClasses.Narrowest(l.Class, dataClass) != dataClass).Select(l => l.Path)];

    /// <summary>Whether the first use of this test command was approved.</summary>
    public bool IsKnownTestCommand(IReadOnlyList<string> command) => files.Any(f => f.TestCommands.Any(c => c.SequenceEqual(command)));

    /// <summary>Decides.</summary>
    /// <param name="action">What is about to be done.</param>
    /// <param name="wanted">The mode that the person chose.</param>
    /// <param name="dataClass">The class of the session now.</param>
    public PolicyVerdict Judge(ToolAction action, ApprovalMode wanted, string dataClass)
    {
        var network = action.Access == ToolAccess.Network || action.Host is not null;
        if (network && !DataClasses.MayLeave(dataClass))
        {
            return new(RuleEffect.Deny, "The work is of class local: nothing of it has network, in any mode.");
        }

        if (action.Access != ToolAccess.Read && action.Paths.FirstOrDefault(IsProtected) is { } kept)
        {
            return new(RuleEffect.Deny, $"{kept} is protected: it may not be changed. Reach the goal without changing it.");
        }

        var rules = files.SelectMany(f => f.Rules.Select(r => (Rule: r, f.Source))).Where(r => r.Rule.Matches(action)).ToList();
        if (rules.FirstOrDefault(r => r.Rule.Effect == RuleEffect.Deny) is { Rule: { } deny } denied)
        {
            return new(RuleEffect.Deny, $"A rule forbids it: {deny} ({denied.Source}).", deny);
        }

        if (rules.FirstOrDefault(r => r.Rule.Effect == RuleEffect.Ask) is { Rule: { } ask } asked)
        {
            return new(RuleEffect.Ask, $"A rule wants to be asked: {ask} ({asked.Source}).", ask);
        }

        if (HidesInCompound(action))
        {
            return new(RuleEffect.Ask, "Rules forbid some commands, and what this one does cannot be told for certain.");
        }

        return rules.FirstOrDefault(r => r.Rule.Effect == RuleEffect.Allow) is { Rule: { } allow } && !(network && AsksForNetwork(action))
            ? new(RuleEffect.Allow, $"A rule allows it: {allow}.", allow)
            : ByMode(action, Mode(wanted), network);
    }

    private PolicyVerdict ByMode(ToolAction action, ApprovalMode mode, bool network)
    {
        if (network)
        {
            return mode == ApprovalMode.Full && !AsksForNetwork(action) && action.Host is { } host && files.Any(f => f.Hosts.Contains(host, StringComparer.OrdinalIgnoreCase))
                ? new(RuleEffect.Allow, $"{host} is on the list of hosts.")
                : Asked(action, "It uses the network.");
        }

        return (action.Access, mode) switch
        {
            (ToolAccess.Read, _) => new(RuleEffect.Allow, "Reading is allowed."),
            (ToolAccess.Write, ApprovalMode.ReadOnly) => Asked(action, "The mode is read-only."),
            (ToolAccess.Write, not ApprovalMode.Full) when AlwaysAsked.Contains(action.Tool) => Asked(action, "It changes the history of the repository."),
            (ToolAccess.Write, _) => new(RuleEffect.Allow, "Writing in the worktree is allowed."),
            (_, ApprovalMode.Full) => new(RuleEffect.Allow, "The mode is full."),
            (_, ApprovalMode.WorkspaceWrite) when action.Tool == "run_tests" => action.Command is { } tests && IsKnownTestCommand(tests)
                ? new(RuleEffect.Allow, "The project's test command was approved before.")
                : Asked(action, "It is the first use of this test command in this project."),
            _ => Asked(action, mode == ApprovalMode.ReadOnly ? "The mode is read-only." : "No rule allows this command."),
        };
    }

    private bool IsProtected(string path) => files.SelectMany(f => f.Protected).Any(p => PathGlob.Matches(p, path));

    /// <summary>Git and its hosts are always asked for (2.3).</summary>
    private static bool AsksForNetwork(ToolAction action) => action.Tool.StartsWith("git", StringComparison.Ordinal);

    /// <summary>A compound command may do what a rule forbids without any word of the rule in it.</summary>
    private bool HidesInCompound(ToolAction action) =>
        action.Command is not null && CommandShape.Simple(action) is null
        && files.SelectMany(f => f.Rules).Any(r => r is { Effect: not RuleEffect.Allow, Prefix: not null } && (r.Tool == "*" || r.Tool == action.Tool));

    private static PolicyVerdict Asked(ToolAction action, string why) => new(RuleEffect.Ask, why, Offer: Offered(action));

    /// <summary>The narrowest rule that can stand for an action.</summary>
    private static PolicyRule? Offered(ToolAction action)
    {
        if (action.Access == ToolAccess.Network && AsksForNetwork(action))
        {
            return null;
        }

        if (action.Host is { } host)
        {
            return new() { Effect = RuleEffect.Allow, Tool = action.Tool, Host = host };
        }

        if (action.Command is not null)
        {
            return action.Access != ToolAccess.Network && CommandShape.Simple(action) is { } words ? new() { Effect = RuleEffect.Allow, Tool = action.Tool, Prefix = words } : null;
        }

        if (action.Tool.StartsWith(Mcp.McpNames.Prefix, StringComparison.Ordinal))
        {
            return new() { Effect = RuleEffect.Allow, Tool = action.Tool };
        }

        return action.Paths is [var path] ? new() { Effect = RuleEffect.Allow, Tool = action.Tool, Path = path } : null;
    }
}
