using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeCoder.Inference.Catalogue;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Preflight;

/// <summary>Remembers preflights by model digest, provider version, settings and hardware: a change of any of them finds nothing.</summary>
public sealed class PreflightStore(string dataDirectory)
{
    private readonly string _directory = Path.Combine(Path.GetFullPath(dataDirectory), "models", "preflight");

    /// <summary>Processors and memory (in GiB) of this machine.</summary>
    public static string Hardware { get; } = string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{Environment.ProcessorCount} processors, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB, {System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture}");

    /// <summary>What was proven; null when nothing was, or the note of it cannot be read.</summary>
    public PreflightReport? Find(PreflightSubject subject)
    {
        var report = Read(PathOf(subject));
        return report?.Subject == subject && report.Hardware == Hardware ? report : null;
    }

    private static PreflightReport? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), PreflightJson.Default.PreflightReport);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null; // Measured again then.
        }
    }

    /// <summary>The window, in tokens, that was last proven for weights with this digest; null when none was.</summary>
    public int? ProvenWindow(string digest) => Last(digest)?.ProvenWindow;

    /// <summary>The last report of weights with this digest; null when there is none.</summary>
    public PreflightReport? Last(string digest)
    {
        if (digest == ProviderDigest.Unpinned || !Directory.Exists(_directory))
        {
            return null;
        }

        return Directory.EnumerateFiles(_directory, "*.json").Select(Read)
            .Where(report => report?.Subject.Model == digest && report.Hardware == Hardware)
            .MaxBy(report => report!.AtMs);
    }

    /// <summary>Keeps a report in place of an earlier one.</summary>
    public void Save(PreflightReport report)
    {
        var path = PathOf(report.Subject);
        StoreLayout.MakeParent(path);
        AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(report, PreflightJson.Default.PreflightReport));
    }

    /// <summary>Makes the window unproven again.</summary>
    public void Forget(PreflightSubject subject) => File.Delete(PathOf(subject));

    private string PathOf(PreflightSubject subject) =>
        Path.Combine(_directory, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{subject.Model}\n{subject.Provider}\n{subject.Settings}\n{Hardware}"))) + ".json");
}
