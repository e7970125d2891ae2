namespace EdgeCoder.Training.Corpus;

/// <summary>Programming language of an answer.</summary>
internal enum Language
{
    /// <summary>Python 3.</summary>
    Python,

    /// <summary>JavaScript as Node.js runs it.</summary>
    JavaScript,
}

/// <summary>What is asked for.</summary>
internal enum AnswerKind
{
    /// <summary>Numbered steps.</summary>
    Plan,

    /// <summary>A block of asserts.</summary>
    Tests,

    /// <summary>A block with the function.</summary>
    Code,
}
