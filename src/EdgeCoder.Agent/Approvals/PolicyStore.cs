using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeCoder.Agent.Repositories;

namespace EdgeCoder.Agent.Approvals;

/// <summary>Reads the policies of one project and keeps what the person answered with "always". One entry that cannot be read stops everything (R6).</summary>
/// <param name="managed">The administrator's policy.</param>
/// <param name="configDirectory">The person's configuration.</param>
/// <param name="dataDirectory">EdgeCoder's data.</param>
/// <param name="projectRoot">Real path of the project.</param>
internal sealed class PolicyStore(string managed, string configDirectory, string dataDirectory, string projectRoot)
{
    private const int MostBytes = 1 << 20;

    private readonly string _answers = Path.Combine(
        dataDirectory, "projects", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(projectRoot)))[..32], "answers.json");

    /// <summary>All policies that hold in this project. Throws <see cref="RepositoryException"/> <c>policy_invalid</c> that names every fault.</summary>
    public Policy Load(IReadOnlyList<PolicyRule> sessionRules, IReadOnlyList<string> protectedFiles)
    {
        var faults = new List<string>();
        List<PolicyFile> files =
        [
            Read(managed, "managed policy", canOnlyNarrow: false, faults),
            Read(Path.Combine(projectRoot, PolicyPlaces.Project), PolicyPlaces.Project, canOnlyNarrow: true, faults),
            Read(PolicyPlaces.User(configDirectory), "your policy", canOnlyNarrow: false, faults),
            Read(_answers, "an answer of yours", canOnlyNarrow: false, faults),
            new() { Source = "this session", Rules = sessionRules, Protected = protectedFiles },
        ];
        return faults.Count == 0
            ? new Policy(files)
            : throw new RepositoryException("policy_invalid", $"A policy cannot be used, so nothing was started: {string.Join("; ", faults)}.", "Correct the entries that are named. None is passed over, because the others may depend on it.");
    }

    /// <summary>Remembers an answer for this project. Throws <see cref="Sessions.SessionStoreException"/> when it cannot be kept.</summary>
    public void Remember(PolicyRule rule) => Change(answers => answers.Rules.Contains(rule) ? answers : answers with { Rules = [.. answers.Rules, rule] });

    /// <summary>Remembers that the first use of a test command was approved.</summary>
    public void RememberTestCommand(IReadOnlyList<string> command) =>
        Change(answers => answers.TestCommands.Any(c => c.SequenceEqual(command)) ? answers : answers with { TestCommands = [.. answers.TestCommands, command] });

    private void Change(Func<PolicyFile, PolicyFile> change)
    {
        var faults = new List<string>();
        var now = Read(_answers, "", canOnlyNarrow: false, faults);
        if (faults.Count > 0)
        {
            throw new RepositoryException("policy_invalid", faults[0]);
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_answers)!);
            var temporary = $"{_answers}.{Guid.NewGuid():N}";
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var stream = new FileStream(temporary, options))
            {
                JsonSerializer.Serialize(stream, change(now), PolicyJson.Default.PolicyFile);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, _answers, overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Sessions.SessionStoreException.ForWrite(_answers, fault);
        }
    }

    private static PolicyFile Read(string path, string name, bool canOnlyNarrow, List<string> faults)
    {
        var source = name.Length == 0 ? path : name;
        try
        {
            if (!Exists(path))
            {
                return new() { Source = source };
            }

            // A link, a device or a pipe in the place of a policy could be anything by the time it is read.
            var file = new FileInfo(path);
            if (file.LinkTarget is not null && canOnlyNarrow || file.Length > MostBytes || Directory.Exists(path))
            {
                faults.Add($"{path} is not an ordinary file of at most {MostBytes:N0} bytes");
                return new();
            }

            var read = JsonSerializer.Deserialize(File.ReadAllBytes(path), PolicyJson.Default.PolicyFile) ?? throw new JsonException("it holds null");
            faults.AddRange(read.Problems(canOnlyNarrow).Select(p => $"{path}: {p}"));
            return read with { Source = source };
        }
        catch (Exception fault) when (fault is JsonException or IOException or UnauthorizedAccessException)
        {
            faults.Add($"{path}: {fault.Message}");
            return new();
        }
    }

    /// <summary>A link that leads nowhere is there: whoever made it meant something by it.</summary>
    private static bool Exists(string path) => File.Exists(path) || Directory.Exists(path) || new FileInfo(path).LinkTarget is not null;
}
