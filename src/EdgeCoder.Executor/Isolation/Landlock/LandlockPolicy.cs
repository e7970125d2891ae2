namespace EdgeCoder.Executor.Isolation.Landlock;

/// <summary>Which files a program may touch, as Landlock rules: pure. Documentation/userspace-api/landlock.rst says since which ABI the kernel knows what.</summary>
internal static class LandlockPolicy
{
    private const LandlockAccess FirstAbi = (LandlockAccess)((1 << 13) - 1);
    private const LandlockAccess OnFiles = LandlockAccess.Execute | LandlockAccess.WriteFile | LandlockAccess.ReadFile | LandlockAccess.Truncate | LandlockAccess.ControlDevice;
    private const LandlockAccess Reading = LandlockAccess.Execute | LandlockAccess.ReadFile | LandlockAccess.ReadDirectory;
    private const LandlockAccess Device = LandlockAccess.ReadFile | LandlockAccess.WriteFile | LandlockAccess.ControlDevice;

    private const LandlockAccess Scratch =
        LandlockAccess.ReadFile | LandlockAccess.WriteFile | LandlockAccess.ReadDirectory | LandlockAccess.RemoveDirectory | LandlockAccess.RemoveFile
        | LandlockAccess.MakeDirectory | LandlockAccess.MakeFile | LandlockAccess.MakeLink | LandlockAccess.Refer | LandlockAccess.Truncate;

    /// <summary>The layer for a program.</summary>
    /// <param name="abi">The kernel's Landlock ABI, 1 or more.</param>
    /// <param name="mounts">What it may read and execute; links need no rule, the file they lead to counts.</param>
    /// <param name="devices">Devices it may read and write.</param>
    /// <param name="runnerDirectory">Where its runner's files are.</param>
    /// <param name="scratch">The directory it may change.</param>
    public static LandlockLayer For(int abi, IEnumerable<SandboxMount> mounts, IEnumerable<string> devices, string runnerDirectory, string scratch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(abi, 1);
        var handled = Handled(abi);
        return new LandlockLayer
        {
            Files = handled,
            Network = abi >= 4 ? 3u : 0,
            Scopes = abi >= 6 ? 3u : 0,
            Rules =
            [
                .. mounts.Where(mount => mount.Kind != MountKind.Link).Select(mount => new LandlockRule(mount.Path, Reading & handled & (mount.Kind == MountKind.File ? OnFiles : handled))),
                .. devices.Select(path => new LandlockRule(path, Device & handled)),
                new LandlockRule(runnerDirectory, Reading & ~LandlockAccess.Execute & handled),
                new LandlockRule(scratch, Scratch & handled),
            ],
        };
    }

    /// <summary>All that a kernel can handle; what it does not know would make it refuse the whole ruleset.</summary>
    public static LandlockAccess Handled(int abi) =>
        FirstAbi
        | (abi >= 2 ? LandlockAccess.Refer : 0)
        | (abi >= 3 ? LandlockAccess.Truncate : 0)
        | (abi >= 5 ? LandlockAccess.ControlDevice : 0);
}
