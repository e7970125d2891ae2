namespace EdgeCoder.Agent.Redaction;

/// <summary>A text could not be redacted, so it may not leave this machine.</summary>
/// <param name="inner">The cause.</param>
public sealed class RedactionException(Exception inner)
    : Exception("The text could not be searched for secrets, so it was not sent.", inner);
