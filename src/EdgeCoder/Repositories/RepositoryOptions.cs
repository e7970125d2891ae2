using System.CommandLine;
using System.Globalization;
using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Commands;

namespace EdgeCoder.Repositories;

/// <summary>The options that say how to work in a repository; <c>run</c> and <c>chat</c> have them both.</summary>
internal sealed class RepositoryOptions
{
    private readonly Option<string?> _root = new("--root") { Description = "The project's directory. Default: the git work tree around the current directory." };
    private readonly Option<string?> _mode = new("--mode") { Description = "What needs no question: read-only (reading), workspace-write (also writing in the worktree and tests; the default), full (also every command). The sandbox always stays." };
    private readonly Option<bool> _carry = new("--carry-uncommitted") { Description = "Begin from your uncommitted changes instead of the last commit." };
    private readonly Option<string?> _tests = new("--test-command") { Description = "How the project is tested, for instance \"python3 -m unittest\". Default: found in the project." };
    private readonly Option<string[]> _protect = new("--protect") { Description = "A glob of files that may not be changed; several times." };
    private readonly Option<string[]> _secrets = new("--allow-secret") { Description = "A file with secrets that this session may read, by its path below the root; several times." };
    private readonly Option<bool> _approveTests = new("--approve-tests") { Description = "Agree beforehand that the project's test command runs (in the sandbox)." };
    private readonly Option<bool> _trust = new("--trust") { Description = "Trust this root from now on, without a question." };

    /// <summary>Options that mean repository work.</summary>
    public IReadOnlyList<Option> Own => [_root, _mode, _carry, _tests, _protect, _secrets, _approveTests, _trust];

    /// <summary>Those that hold for every session of an editor.</summary>
    public IReadOnlyList<Option> ForServing => [_mode, _carry, _tests, _protect, _approveTests];

    /// <summary>Whether an option was written by a person.</summary>
    public static bool IsGiven(ParseResult arguments, Option option) => arguments.GetResult(option) is { Implicit: false };

    /// <summary>The order. Throws <see cref="UsageException"/> that names what is wrong.</summary>
    public RepositoryOrder Read(ParseResult arguments, Surroundings surroundings, SharedOptions shared, Option<bool> json) => new()
    {
        Task = new RepositoryTask
        {
            Root = ProjectRoot.Choose(arguments.GetValue(_root), surroundings.Directory),
            DataClass = arguments.GetValue(shared.DataClass)!,
            Mode = ModeName.Parse(arguments.GetValue(_mode) ?? ModeName.Default),
            CarryUncommitted = arguments.GetValue(_carry),
            TestCommand = arguments.GetValue(_tests) is { } command ? CommandWords.Split(command) : null,
            Protected = arguments.GetValue(_protect) ?? [],
            AllowedSecrets = arguments.GetValue(_secrets) ?? [],
            MaxSteps = Steps(arguments.GetValue(shared.Steps)),
            MaxTokens = arguments.GetValue(shared.Tokens) is { } tokens ? Positive(tokens, "--max-tokens") : null,
            MaxTime = SharedOptions.Time(arguments.GetValue(shared.Seconds), "--max-seconds"),
            Seed = arguments.GetValue(shared.Seed),
        },
        Model = arguments.GetValue(shared.Model),
        Resume = arguments.GetValue(shared.Resume),
        ApproveTests = arguments.GetValue(_approveTests),
        Trust = arguments.GetValue(_trust),
        Json = arguments.GetValue(json),
    };

    private static int Steps(int steps) => steps is >= 1 and <= 1000
        ? steps
        : throw new UsageException("invalid_option", string.Create(CultureInfo.InvariantCulture, $"--max-steps must be 1 to 1000, not {steps}."));

    private static long Positive(long value, string option) => value > 0
        ? value
        : throw new UsageException("invalid_option", string.Create(CultureInfo.InvariantCulture, $"{option} must be more than 0, not {value}."));
}
