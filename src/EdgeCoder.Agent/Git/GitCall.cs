using System.Text;
using EdgeCoder.Executor.Commands;

namespace EdgeCoder.Agent.Git;

/// <summary>One call of git: arguments of this program's own making, and what it may see.</summary>
internal sealed record GitCall
{
    /// <summary>Arguments after <c>git</c>. Values that come from elsewhere have been checked and stand after <c>--end-of-options</c> or <c>--</c>.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Standard input.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>Exit codes that are answers, besides 0.</summary>
    public IReadOnlyList<int> Answers { get; init; } = [];

    /// <summary>Directory of the work tree, where the call has one.</summary>
    public string? WorkTree { get; init; }

    /// <summary>Index file, where the call uses one of its own.</summary>
    public string? Index { get; init; }

    /// <summary>Seen besides the repository.</summary>
    public IReadOnlyList<CommandMount> Mounts { get; init; } = [];

    /// <summary>Wall limit. Default 2 minutes: a large tree is hashed or written in one call.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Most bytes that it may answer. Default 64 MiB; more is an error, never a cut answer.</summary>
    public int OutputBytes { get; init; } = 64 << 20;

    /// <summary>The one protocol that it may speak with another machine, <c>https</c> or <c>http</c>; null, the default: no network at all.</summary>
    public string? Protocol { get; init; }

    /// <summary>A call with these arguments.</summary>
    public static GitCall Of(params IReadOnlyList<string> arguments) => new() { Arguments = arguments };
}

/// <summary>What git answered.</summary>
/// <param name="ExitCode">0 or one of <see cref="GitCall.Answers"/>.</param>
/// <param name="Bytes">Standard output, whole.</param>
/// <param name="Errors">Standard error.</param>
internal sealed record GitAnswer(int ExitCode, byte[] Bytes, string Errors)
{
    /// <summary>The first line.</summary>
    public string Line => Encoding.UTF8.GetString(Bytes).Split('\n')[0].Trim();

    /// <summary>The parts of a <c>-z</c> answer.</summary>
    public IReadOnlyList<byte[]> Parts => NulText.Split(Bytes);
}
