namespace EdgeCoder.Agent.Sessions;

/// <summary>A line of a <see cref="LineFile{T}"/>: one of several things, each under its own name.</summary>
internal interface ILine
{
    /// <summary>Whether it holds something; a line that does not is damaged.</summary>
    bool IsWhole { get; }
}
