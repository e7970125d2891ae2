namespace EdgeCoder.Launcher;

/// <summary>The launcher never does its work as root: limits on processes would not hold, and a fault here would be root's.</summary>
internal static unsafe class Privileges
{
    private const long SetDumpable = 4;

    /// <summary>Becomes the user, for good.</summary>
    public static void GiveUpRoot(uint? user)
    {
        if (user is not { } id)
        {
            if (Kernel.Call("geteuid") == 0)
            {
                throw new LaunchFailure("work as root", 1);
            }

            return;
        }

        Check("give up root's groups", Kernel.SetGroups(0, null));
        Check("give up root's group", Kernel.SetGroupIds(id, id, id));
        Check("give up root", Kernel.SetUserIds(id, id, id));

        // A process that changed its user belongs to root in /proc, where its child's user must be mapped (proc(5), prctl(2) PR_SET_DUMPABLE).
        Kernel.Must("own its own process", "prctl", SetDumpable, 1);
    }

    private static void Check(string step, int result)
    {
        if (result != 0)
        {
            throw new LaunchFailure(step, *Kernel.ErrorLocation());
        }
    }
}
