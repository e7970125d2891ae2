using EdgeCoder.Commands;

namespace EdgeCoder.Settings;

/// <summary>Where the program keeps what lasts: models, sessions, probes.</summary>
internal sealed record ProgramDirectories(string Data)
{
    /// <summary>
    /// <c>EDGECODER_DATA_DIR</c>, else the system's place for application data. Made when missing, for the owner only.
    /// Throws <see cref="UsageException"/> when it cannot be used.
    /// </summary>
    public static ProgramDirectories Open(Func<string, string?> environment)
    {
        var path = environment("EDGECODER_DATA_DIR")?.Trim() is { Length: > 0 } named ? named : Default(environment);
        if (!Path.IsPathFullyQualified(path))
        {
            throw new UsageException("invalid_setting", $"EDGECODER_DATA_DIR must be an absolute path, not '{path}'.");
        }

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

        return new(path);
    }

    private static string Default(Func<string, string?> environment)
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
        var share = environment("XDG_DATA_HOME") is { Length: > 0 } xdg && Path.IsPathFullyQualified(xdg) ? xdg : Path.Combine(home, ".local", "share");
        return Path.Combine(share, "edgecoder");
    }
}
