namespace EdgeCoder.Training.Corpus.Wording;

/// <summary>Which wordings are used: those that the model trains on, or those that are kept back to see whether it understands others.</summary>
internal enum WordingSet
{
    /// <summary>Wordings of the training text.</summary>
    Training,

    /// <summary>Openings, nouns and endings that the training text never has.</summary>
    HeldOut,
}
