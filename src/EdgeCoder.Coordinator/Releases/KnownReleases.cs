using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Releases;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Releases;

/// <summary>
/// The manifests of releases that are known here (economy-and-ledger 16.4): that of this program, and those that an operator put into the folder <c>releases</c> of the data directory, any
/// name ending in <c>.json</c>. They are read at start, before anything is answered, and every 60 minutes. A manifest that nobody signed harms nothing: what an agent claims is judged by its signature.
/// </summary>
internal sealed partial class KnownReleases(ReleaseOptions options, TimeProvider time, ILogger<KnownReleases> log) : BackgroundService
{
    /// <summary>How often the folder is read.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(60);

    private const int MostFiles = 1_000;

    private volatile IReadOnlyList<ReadOnlyMemory<byte>> _manifests = [];

    /// <summary>Judges what an agent says of its own program. It is a self-report: it can keep an agent out, and never raises trust or pay.</summary>
    public ReleaseStanding Judge(BinaryIntegrity? claim) => ReleaseStanding.Of(claim, _manifests, options.Keys.ActiveAt(time.GetUtcNow().ToUnixTimeMilliseconds()));

    /// <summary>Reads the manifests. What cannot be read is passed over and told.</summary>
    internal void Read()
    {
        var found = new List<ReadOnlyMemory<byte>>();
        foreach (var file in Files())
        {
            try
            {
                if (file.LinkTarget is null && file.Length <= ReleaseManifest.MostBytes && File.ReadAllBytes(file.FullName) is var bytes && ReleaseManifest.Read(bytes) is not null)
                {
                    found.Add(bytes);
                }
                else
                {
                    LogNoManifest(file.Name);
                }
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                LogNoManifest(file.Name);
            }
        }

        _manifests = found;
    }

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Read();
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                Read();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program ends.
        }
    }

    private IEnumerable<FileInfo> Files()
    {
        var own = new FileInfo(Path.Combine(options.Installation, ReleaseManifest.FileName));
        var folder = options.Folder is { } path ? new DirectoryInfo(path) : null;
        try
        {
            IEnumerable<FileInfo> put = folder is { Exists: true } ? folder.EnumerateFiles("*.json").OrderBy(file => file.Name, StringComparer.Ordinal).Take(MostFiles).ToList() : [];
            return own.Exists ? put.Prepend(own) : put;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogFolder(fault);
            return own.Exists ? [own] : [];
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Name} in the folder of releases is no manifest of a release and is passed over")]
    private partial void LogNoManifest(string name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The folder of releases could not be read; that is tried again in 60 minutes")]
    private partial void LogFolder(Exception fault);
}

/// <summary>Where manifests of releases are, and whose are taken.</summary>
internal sealed record ReleaseOptions
{
    /// <summary>Keys whose releases are taken.</summary>
    public ReleaseKeys Keys { get; init; } = ReleaseKeys.BuiltIn;

    /// <summary>Folder into which an operator puts manifests; null: none.</summary>
    public string? Folder { get; init; }

    /// <summary>Where this program is installed.</summary>
    public string Installation { get; init; } = AppContext.BaseDirectory;
}
