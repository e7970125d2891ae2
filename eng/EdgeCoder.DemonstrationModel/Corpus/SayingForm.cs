namespace EdgeCoder.Training.Corpus;

/// <summary>Grammatical form in which a template's purpose is written down.</summary>
internal enum SayingForm
{
    /// <summary>Verb phrase in the third person: <c>merges two dictionaries</c>.</summary>
    Verb,

    /// <summary>Noun phrase: <c>the longest word of a string</c>.</summary>
    Noun,

    /// <summary>Clause with a yes or no answer: <c>a string is a palindrome</c>.</summary>
    Question,

    /// <summary>Short title: <c>palindrome check</c>.</summary>
    Title,
}

/// <summary>One way to say what a function does.</summary>
internal sealed record Saying(SayingForm Form, string Text);
