using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Subset;

/// <summary>One construct outside the subset, or one that does not parse, and where it is.</summary>
internal sealed record SubsetRefusal
{
    /// <summary>Key of the rule; null when the program does not parse.</summary>
    public string? Rule { get; init; }

    /// <summary>What the program used, or the parser's message.</summary>
    public required string Construct { get; init; }

    /// <summary>File of the snippet.</summary>
    public required string File { get; init; }

    /// <summary>Line, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>Column, from 1.</summary>
    public required int Column { get; init; }

    /// <summary>The one line that a person or a model reads; its form is part of the contract.</summary>
    public string Message => RuleText is { } rule
        ? $"outside_subset: line {Line}, column {Column}: {Construct}: {rule.Why}; instead: {rule.Alternative}"
        : $"syntax_error: {Construct} (line {Line}, column {Column})";

    /// <summary>The detail of a result.</summary>
    public RunDetail Detail => new()
    {
        Code = RuleText is null ? "syntax_error" : "outside_subset",
        Rule = RuleText?.Key,
        Construct = RuleText is null ? null : Construct,
        Alternative = RuleText?.Alternative,
        Message = RuleText?.Why ?? Construct,
        File = File,
        Line = Line,
        Column = Column,
    };

    private SubsetRule? RuleText => Rule is null ? null : SubsetRule.All.GetValueOrDefault(Rule) ?? SubsetRule.All["check.crashed"];
}
