namespace EdgeCoder.Agent.Sources;

/// <summary>Kinds of Python tokens that matter here.</summary>
internal enum PythonTokenKind
{
    /// <summary>Identifier or keyword.</summary>
    Name,

    /// <summary>Number.</summary>
    Number,

    /// <summary>String literal, prefix included.</summary>
    String,

    /// <summary>Operator or bracket, one character.</summary>
    Operator,

    /// <summary>End of a logical line.</summary>
    NewLine,
}

/// <summary>A token.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Text">Its text.</param>
/// <param name="Depth">Brackets open around it.</param>
/// <param name="Indent">Columns before the logical line it stands on.</param>
internal readonly record struct PythonToken(PythonTokenKind Kind, string Text, int Depth, int Indent)
{
    /// <summary>Whether it is this name or keyword.</summary>
    public bool IsName(string text) => Kind == PythonTokenKind.Name && Text == text;

    /// <summary>Whether it is this operator character.</summary>
    public bool Is(char text) => Kind == PythonTokenKind.Operator && Text[0] == text;
}
