using EdgeCoder.Commands;

namespace EdgeCoder.Settings;

/// <summary>Where the program keeps what lasts.</summary>
/// <param name="Data">Models, sessions, probes. Made when missing, for the owner only.</param>
/// <param name="Config">What a person writes: <c>models.json</c>. It need not exist.</param>
internal sealed record ProgramDirectories(string Data, string Config)
{
    /// <summary>
    /// <c>EDGECODER_DATA_DIR</c> and <c>EDGECODER_CONFIG_DIR</c>, else the system's places for application data and configuration.
    /// Throws <see cref="UsageException"/> when one cannot be used.
    /// </summary>
    public static ProgramDirectories Open(Func<string, string?> environment)
    {
        var path = Named("EDGECODER_DATA_DIR", environment) ?? Default("XDG_DATA_HOME", [".local", "share"], environment);
        var config = Named("EDGECODER_CONFIG_DIR", environment) ?? Default("XDG_CONFIG_HOME", [".config"], environment);

        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(path);
            }
            else
            {
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException("data_directory_unusable", $"The data directory {path} cannot be made: {fault.Message}", "Set EDGECODER_DATA_DIR to a directory you own.");
        }

        return new(path, config);
    }

    /// <summary>Keys of the endpoint for editors, and what it stores.</summary>
    public string IdeKeys() => Path.Combine(Data, "ide");

    private static string? Named(string variable, Func<string, string?> environment)
    {
        if (environment(variable)?.Trim() is not { Length: > 0 } path)
        {
            return null;
        }

        return Path.IsPathFullyQualified(path) ? path : throw new UsageException("invalid_setting", $"{variable} must be an absolute path, not '{path}'.");
    }

    private static string Default(string xdgVariable, string[] below, Func<string, string?> environment)
    {
        if (OperatingSystem.IsWindows())
        {
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "EdgeCoder");
        }

        var home = environment("HOME") is { Length: > 0 } set ? set : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (OperatingSystem.IsMacOS())
        {
            return Path.Combine(home, "Library", "Application Support", "EdgeCoder");
        }

        // XDG Base Directory Specification: a relative value is ignored.
        var place = environment(xdgVariable) is { Length: > 0 } xdg && Path.IsPathFullyQualified(xdg) ? xdg : Path.Combine([home, .. below]);
        return Path.Combine(place, "edgecoder");
    }
}
