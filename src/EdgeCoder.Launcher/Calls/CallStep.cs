namespace EdgeCoder.Launcher.Calls;

/// <summary>One system call that the child will make, laid out in plain memory.</summary>
internal unsafe struct CallStep
{
    /// <summary>Instead of a number: copies the low half of the word at the first argument to the second.</summary>
    public const long Copy = -1;

    /// <summary>Number of the call.</summary>
    public long Number;

    /// <summary>Its arguments.</summary>
    public fixed long Arguments[6];

    /// <summary>Bit i: argument i is the address of a word that an earlier call left.</summary>
    public int Indirect;

    /// <summary>Which words say what this step is for.</summary>
    public int Purpose;

    /// <summary>Least result that is a success.</summary>
    public long Least;

    /// <summary>Where the result is left; null when nobody needs it.</summary>
    public long* Result;

    /// <summary>Steps that are passed over when this one succeeds.</summary>
    public int SkipOnSuccess;

    /// <summary>Steps that are passed over when what this one looks for is not there; 0 when that is a failure like any other.</summary>
    public int SkipOnMissing;
}
