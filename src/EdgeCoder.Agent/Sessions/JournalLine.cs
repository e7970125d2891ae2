using System.Text.Json.Serialization;

namespace EdgeCoder.Agent.Sessions;

/// <summary>One line of a journal: exactly one of its members.</summary>
internal sealed record JournalLine : ILine
{
    public BeginRecord? Begin { get; init; }

    public PromptRecord? Prompt { get; init; }

    public DecisionRecord? Decision { get; init; }

    public ReviewRecord? Review { get; init; }

    public OpenRecord? Open { get; init; }

    public CloseRecord? Close { get; init; }

    public EndRecord? End { get; init; }

    /// <summary>The member that is there.</summary>
    [JsonIgnore]
    public JournalRecord? Record => (JournalRecord?)Begin ?? (JournalRecord?)Prompt ?? (JournalRecord?)Decision ?? (JournalRecord?)Review ?? (JournalRecord?)Open ?? (JournalRecord?)Close ?? End;

    /// <inheritdoc/>
    [JsonIgnore]
    public bool IsWhole => Record is not null;

    /// <summary>The line of a record.</summary>
    public static JournalLine Of(JournalRecord record) => record switch
    {
        BeginRecord begin => new() { Begin = begin },
        PromptRecord prompt => new() { Prompt = prompt },
        DecisionRecord decision => new() { Decision = decision },
        ReviewRecord review => new() { Review = review },
        OpenRecord open => new() { Open = open },
        CloseRecord close => new() { Close = close },
        EndRecord end => new() { End = end },
        _ => throw new ArgumentOutOfRangeException(nameof(record), record, "Not a journal record."),
    };
}
