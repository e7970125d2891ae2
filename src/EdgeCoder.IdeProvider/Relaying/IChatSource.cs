namespace EdgeCoder.IdeProvider.Relaying;

/// <summary>Where the pieces of a chat answer come from: a model of this machine, or the swarm.</summary>
internal interface IChatSource
{
    /// <summary>Marks of the answer; whole from the first piece on.</summary>
    RelayMarks Marks { get; }

    /// <summary>Counts of tokens; absent until they are known.</summary>
    AnswerUsage? Usage { get; }

    /// <summary>From the start of the request to the first piece.</summary>
    TimeSpan? FirstByte { get; }
}
