namespace EdgeCoder.Executor.Commands.Launching;

/// <summary>What a caller may ask for: pure but for whether a mount's source is there.</summary>
internal static class CommandCheck
{
    /// <summary>Throws <see cref="ArgumentException"/> for a command that no caller may build.</summary>
    public static void Check(ProjectCommand command)
    {
        Must(command.Arguments.Count > 0 && command.Arguments[0].Length > 0, "A command has a program.");
        Must(command.Arguments.Concat(command.Masked).Concat(command.Environment.Values).Append(command.WorkingDirectory).All(text => !text.Contains('\0')), "A text of a command has no zero byte.");
        Must(command.Environment.Keys.All(name => name.Length > 0 && !name.Contains('=') && !name.Contains('\0')), "A variable has a name without '='.");
        Must(IsPlain(command.WorkingDirectory), $"'{command.WorkingDirectory}' is not a full path in its simplest form.");
        Must(command.Masked.All(IsPlain), "A masked path is a full path in its simplest form.");
        Must(command.Limits is { Processes: > 0, MemoryBytes: > 0, FileBytes: > 0, OutputBytes: > 1, MostOutputBytes: > 0 } && command.Limits.Time > TimeSpan.Zero, "Limits are above zero.");
        foreach (var mount in command.Mounts)
        {
            Must(IsPlain(mount.Source) && IsPlain(mount.Target), $"A mount is between full paths in their simplest form, not '{mount.Source}' and '{mount.Target}'.");
            Must(Path.Exists(mount.Source), $"There is no '{mount.Source}' to be mounted.");
        }
    }

    /// <summary>Whether a path is absolute, is not the root, and holds no empty segment, <c>.</c> or <c>..</c>.</summary>
    public static bool IsPlain(string path) => path.Length > 1 && path[0] == '/' && !path.Contains('\0') && path[1..].Split('/').All(part => part is not ("" or "." or ".."));

    private static void Must(bool holds, string message)
    {
        if (!holds)
        {
            throw new ArgumentException(message);
        }
    }
}
