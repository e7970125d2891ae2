using EdgeCoder.Launcher.Calls;

namespace EdgeCoder.Launcher.Steps;

/// <summary>Gives up capabilities (capabilities(7)): the bounding set, the ambient set, then all others.</summary>
internal static unsafe class CapabilitySteps
{
    private const long ReadBounding = 23; // PR_CAPBSET_READ
    private const long DropBounding = 24; // PR_CAPBSET_DROP
    private const long Ambient = 47; // PR_CAP_AMBIENT
    private const long AmbientRaise = 2;
    private const long AmbientClear = 4;
    private const uint Version3 = 0x20080522;
    private const int SetProcess = 8; // CAP_SETPCAP
    private const int Administrate = 21; // CAP_SYS_ADMIN

    /// <summary>Adds the steps.</summary>
    /// <param name="calls">The list.</param>
    /// <param name="namespaces">Whether the child is in a user namespace of its own, where it has every capability; elsewhere it has none, and no right to change the bounding set.</param>
    /// <param name="zygote">Whether the two capabilities stay with which a zygote makes its children's namespaces and then takes both from them.</param>
    public static void Add(CallList calls, bool namespaces, bool zygote)
    {
        int[] kept = namespaces && zygote ? [SetProcess, Administrate] : [];
        var mask = kept.Aggregate(0u, (bits, capability) => bits | (1u << capability));

        // The kernel answers for every capability that it has; the new namespace's bounding set is full whatever this process's own is.
        calls.For("give up capabilities");
        for (var capability = 0; namespaces && Kernel.Call("prctl", ReadBounding, capability) >= 0; capability++)
        {
            if (!kept.Contains(capability))
            {
                calls.Add("prctl", DropBounding, capability, 0, 0, 0);
            }
        }

        calls.Add("prctl", Ambient, AmbientClear, 0, 0, 0);
        calls.Add("capset", Memory.HalfWords(Version3, 0), Memory.HalfWords(mask, mask, mask, 0, 0, 0));
        foreach (var capability in kept)
        {
            calls.Add("prctl", Ambient, AmbientRaise, capability, 0, 0);
        }
    }
}
