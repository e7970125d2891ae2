using System.CommandLine;
using System.Globalization;

namespace EdgeCoder.Commands;

/// <summary>Options of both kinds of work: snippets and repositories.</summary>
internal sealed class SharedOptions
{
    /// <summary>Every option with its usual value.</summary>
    public SharedOptions() => DataClass.AcceptOnlyFromAmong("local", "team");

    public Option<string?> Model { get; } = new("--model", "-m") { Description = "Exact id of the model; see edgecoder models list." };

    public Option<int> Steps { get; } = new("--max-steps") { Description = "Most calls of the model.", DefaultValueFactory = _ => 20 };

    public Option<long?> Tokens { get; } = new("--max-tokens") { Description = "Most tokens, read and written together." };

    public Option<double?> Seconds { get; } = new("--max-seconds") { Description = "Most seconds for everything." };

    public Option<long?> Seed { get; } = new("--seed") { Description = "Makes the model's choices repeatable." };

    public Option<string> DataClass { get; } = new("--data-class") { Description = "Where the work may go: local (this machine only) or team (models that you labelled team).", DefaultValueFactory = _ => "local" };

    public Option<string?> Resume { get; } = new("--resume") { Description = "Go on with this session instead of starting a new one." };

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [Model, Steps, Tokens, Seconds, Seed, DataClass, Resume];

    /// <summary>Those that hold for every session of an editor.</summary>
    public IReadOnlyList<Option> ForServing => [Model, Steps, Tokens, Seconds, DataClass];

    /// <summary>Seconds as a time. Throws <see cref="UsageException"/> for none or more than a day.</summary>
    public static TimeSpan? Time(double? value, string option) => value switch
    {
        null => null,
        > 0 and <= 86_400 => TimeSpan.FromSeconds(value.Value),
        _ => throw new UsageException("invalid_option", string.Create(CultureInfo.InvariantCulture, $"{option} must be more than 0 and at most 86400 seconds, not {value}.")),
    };
}
