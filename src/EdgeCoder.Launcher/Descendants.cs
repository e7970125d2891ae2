using System.Globalization;

namespace EdgeCoder.Launcher;

/// <summary>Without a process namespace, what a zygote leaves is not ended by the kernel with it: this process adopts it and ends it.</summary>
internal static class Descendants
{
    private const long SetChildSubreaper = 36;
    private const int NoChild = -10; // ECHILD

    /// <summary>From now on processes that lose their parent become children of this one (prctl(2)).</summary>
    public static void Adopt() => Kernel.Must("adopt what its child leaves", "prctl", SetChildSubreaper, 1);

    /// <summary>Kills every child until there is none; each that ends may leave others.</summary>
    public static void KillAll()
    {
        long ended;
        do
        {
            foreach (var child in Children())
            {
                Kernel.Call("kill", child, Kernel.SignalKill);
            }

            ended = Kernel.Call("wait4", -1);
        }
        while (ended != NoChild);
    }

    // The first thread has all of them: no other one starts any.
    private static IEnumerable<long> Children()
    {
        var pid = Environment.ProcessId;
        var file = $"/proc/{pid}/task/{pid}/children";
        return File.Exists(file) ? File.ReadAllText(file).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => long.Parse(text, CultureInfo.InvariantCulture)) : [];
    }
}
