namespace EdgeCoder.Executor.Verification;

/// <summary>What of this machine decides whether user namespaces can be made.</summary>
internal sealed record NamespaceSettings
{
    /// <summary><c>user.max_user_namespaces</c>; null where the kernel does not have it.</summary>
    public string? MaximumNamespaces { get; init; }

    /// <summary><c>kernel.unprivileged_userns_clone</c> (Debian, older Ubuntu); null where the kernel does not have it.</summary>
    public string? UnprivilegedClone { get; init; }

    /// <summary><c>kernel.apparmor_restrict_unprivileged_userns</c> (Ubuntu 23.10 and later); null where the kernel does not have it.</summary>
    public string? AppArmorRestricts { get; init; }

    /// <summary>Whether this is a container.</summary>
    public bool Container { get; init; }

    /// <summary>Reads them.</summary>
    public static NamespaceSettings Read() => new()
    {
        MaximumNamespaces = Line("/proc/sys/user/max_user_namespaces"),
        UnprivilegedClone = Line("/proc/sys/kernel/unprivileged_userns_clone"),
        AppArmorRestricts = Line("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
        Container = File.Exists("/.dockerenv") || File.Exists("/run/.containerenv"),
    };

    private static string? Line(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : null;
}

/// <summary>Finds the remedy for a sandbox that does not start: pure.</summary>
internal static class NamespaceDiagnosis
{
    // What bubblewrap says when the kernel does not let it make namespaces or mounts; anything else has another cause.
    private static readonly string[] Refusals = ["namespace", "uid map", "Operation not permitted", "Permission denied", "No space left"];

    /// <summary>What to do, most certain cause first; null when nothing of the settings explains what was said.</summary>
    public static string? Remedy(string said, NamespaceSettings settings) => !Refusals.Any(word => said.Contains(word, StringComparison.Ordinal)) ? null : settings switch
    {
        { MaximumNamespaces: "0" } => "sysctl -w user.max_user_namespaces=15000",
        { UnprivilegedClone: "0" } => "sysctl -w kernel.unprivileged_userns_clone=1",
        { AppArmorRestricts: "1" } => "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile that allows userns for edgecoder-launcher and bwrap",
        { Container: true } => "start the container with --security-opt seccomp=unconfined --security-opt apparmor=unconfined, so that it may make user namespaces",
        _ => null,
    };
}
