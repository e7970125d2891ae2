using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Executor.Interpreters;
using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Isolation.Native;

namespace EdgeCoder.Executor.Verification;

/// <summary>
/// What an earlier process found and proved, so that the next one does not ask again. It holds only while nothing that it rests on has changed: the boot, the
/// kernel, the user, PATH and configuration, the interpreter's files, and the sandbox itself (its digest, launcher included). Settings of the kernel that are
/// changed in between can only make the sandbox fail to start, which is a refusal. Whoever can write the data directory is the user already.
/// </summary>
internal sealed record RememberedMachine
{
    /// <summary>Everything that must be the same.</summary>
    public required string Situation { get; init; }

    /// <summary>The interpreter.</summary>
    public required Interpreter Interpreter { get; init; }

    /// <summary>Digests of the sandboxes that passed the self-test, by their keys.</summary>
    public required IReadOnlyDictionary<string, string> Proven { get; init; }

    /// <summary>The situation now.</summary>
    public static string SituationOf(ExecutorOptions options, SnippetLanguage language) => string.Join(
        '\n',
        File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(),
        Environment.OSVersion.VersionString,
        Libc.EffectiveUser().ToString(CultureInfo.InvariantCulture),
        options.ToolPath,
        language == SnippetLanguage.Python ? options.PythonPath : options.NodePath);

    /// <summary>Reads what is remembered; null when nothing is, or when it no longer holds.</summary>
    public static RememberedMachine? Read(ExecutorOptions options, SnippetLanguage language)
    {
        try
        {
            var path = PathOf(options, language);
            var found = File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), RememberedJson.Default.RememberedMachine) : null;
            return found is not null && found.Situation == SituationOf(options, language) && found.StillThere() ? found : null;
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes it. A data directory that cannot be written costs the next start its time and nothing else.</summary>
    public void Write(ExecutorOptions options)
    {
        try
        {
            var path = PathOf(options, Interpreter.Language);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            var temporary = path + "." + Guid.NewGuid().ToString("N");
            File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(this, RememberedJson.Default.RememberedMachine));
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }

    private bool StillThere() =>
        File.Exists(Interpreter.Path) && ExecutableFile.Stamp(Interpreter.Path) == Interpreter.FileStamp
        && Interpreter.Reads.All(System.IO.Path.Exists);

    private static string PathOf(ExecutorOptions options, SnippetLanguage language) =>
        System.IO.Path.Combine(options.DataDirectory, "executor", $"verified-{language.ToString().ToLowerInvariant()}.json");
}

/// <summary>How it is written.</summary>
[JsonSerializable(typeof(RememberedMachine))]
internal sealed partial class RememberedJson : JsonSerializerContext;
