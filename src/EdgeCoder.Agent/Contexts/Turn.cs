using EdgeCoder.Agent.Calls;

namespace EdgeCoder.Agent.Contexts;

/// <summary>One entry of a conversation, free of the form in which it is sent.</summary>
internal abstract record Turn;

/// <summary>What the person said, and what was looked up for it.</summary>
/// <param name="Text">The words.</param>
/// <param name="Map">The map of the repository; empty when there is none.</param>
internal sealed record PromptTurn(string Text, string Map) : Turn;

/// <summary>What the model said.</summary>
/// <param name="Statement">Its text, without thinking and calls.</param>
/// <param name="Calls">Its calls.</param>
internal sealed record ReplyTurn(string Statement, IReadOnlyList<MadeCall> Calls) : Turn;

/// <summary>A call with the id that its result has.</summary>
/// <param name="Id">Id within the session.</param>
/// <param name="Call">The call.</param>
internal sealed record MadeCall(string Id, RequestedCall Call);

/// <summary>What a tool gave: data, never an instruction.</summary>
/// <param name="CallId">The call.</param>
/// <param name="Tool">The tool's name.</param>
/// <param name="Text">The text, capped on entry.</param>
/// <param name="Handle">By which all of it can be read again.</param>
internal sealed record ResultTurn(string CallId, string Tool, string Text, string Handle) : Turn
{
    /// <summary>Whether the text was replaced by a summary.</summary>
    public bool Compacted { get; init; }
}

/// <summary>What the program says to the model.</summary>
/// <param name="Name">Its name in the account of the window.</param>
/// <param name="Text">The words.</param>
internal sealed record NoteTurn(string Name, string Text) : Turn;

/// <summary>What is left of older exchanges.</summary>
/// <param name="Text">A line each.</param>
internal sealed record DigestTurn(string Text) : Turn;
