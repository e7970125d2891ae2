namespace EdgeCoder.Launcher;

/// <summary>Names that nobody can guess, from the kernel itself: the runtime's generator would load a library of the system for it.</summary>
internal static unsafe class RandomName
{
    /// <summary>Sixteen digits and letters.</summary>
    public static string Next()
    {
        ulong number;
        Kernel.Must("draw a random name", "getrandom", (long)(&number), sizeof(ulong));
        return number.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
    }
}
