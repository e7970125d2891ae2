using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Executor.Isolation.Native;

namespace EdgeCoder.Executor.Commands.Canaries;

/// <summary>
/// That the isolation of commands passed its canaries, so that the next process does not ask again. It holds while boot, kernel, user, launcher and everything that a
/// plan says are the same. Whoever can write the data directory is the user already.
/// </summary>
internal sealed record RememberedCommands
{
    /// <summary>Boot, kernel and user.</summary>
    public required string Situation { get; init; }

    /// <summary>Digest of launcher and plan.</summary>
    public required string Digest { get; init; }

    /// <summary>Whether this very isolation was proven on this boot.</summary>
    public static bool Holds(ExecutorOptions options, string digest)
    {
        try
        {
            var path = PathOf(options);
            return File.Exists(path) && JsonSerializer.Deserialize(File.ReadAllBytes(path), RememberedCommandsJson.Default.RememberedCommands) is { } known
                && known.Situation == SituationNow() && known.Digest == digest;
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Remembers it. A data directory that cannot be written costs the next start its time and nothing else.</summary>
    public static void Write(ExecutorOptions options, string digest)
    {
        try
        {
            var path = PathOf(options);
            var temporary = path + "." + Guid.NewGuid().ToString("N");
            File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(new() { Situation = SituationNow(), Digest = digest }, RememberedCommandsJson.Default.RememberedCommands));
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static string SituationNow() => string.Join(
        '\n', File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), Environment.OSVersion.VersionString, Libc.EffectiveUser().ToString(CultureInfo.InvariantCulture));

    private static string PathOf(ExecutorOptions options) => Path.Combine(options.DataDirectory, "executor", "verified-commands.json");
}

/// <summary>How it is written.</summary>
[JsonSerializable(typeof(RememberedCommands))]
internal sealed partial class RememberedCommandsJson : JsonSerializerContext;
