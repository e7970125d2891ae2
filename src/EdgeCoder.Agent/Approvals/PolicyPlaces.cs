namespace EdgeCoder.Agent.Approvals;

/// <summary>Where policies are read from.</summary>
internal static class PolicyPlaces
{
    /// <summary>The project's own policy, relative to its root. It can only narrow.</summary>
    public const string Project = ".edgecoder/policy";

    /// <summary>The administrator's policy on this machine. Windows and macOS: untested.</summary>
    public static string Managed =>
        OperatingSystem.IsWindows() ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "EdgeCoder", "policy.json")
        : OperatingSystem.IsMacOS() ? "/Library/Application Support/EdgeCoder/policy.json"
        : "/etc/edgecoder/policy.json";

    /// <summary>The person's policy.</summary>
    public static string User(string configDirectory) => Path.Combine(configDirectory, "policy.json");
}
