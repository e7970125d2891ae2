using System.Security.Cryptography;
using EdgeCoder.Agent.Coordinators;
using EdgeCoder.Agent.Power;
using EdgeCoder.Agent.Workers;
using EdgeCoder.Commands;
using EdgeCoder.Executor;
using EdgeCoder.Executor.Commands;

namespace EdgeCoder.Workers;

/// <summary>The parts of one worker, put together: keys, model, sandbox, power, discovery.</summary>
internal sealed class OpenWorker : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _later = [];

    private OpenWorker()
    {
    }

    /// <summary>What the runtime takes.</summary>
    public required WorkerParts Parts { get; init; }

    /// <summary>What a person should know of the model; null when there is nothing.</summary>
    public string? Notice { get; init; }

    /// <summary>
    /// Opens everything: the model is proven and the sandbox tested before the first pull. Throws <see cref="WorkerException"/>, <see cref="UsageException"/> or
    /// <see cref="Inference.Providers.ModelException"/>.
    /// </summary>
    /// <param name="surroundings">The world.</param>
    /// <param name="files">Where it keeps what lasts.</param>
    /// <param name="choices">Its settings.</param>
    /// <param name="tell">Whoever watches.</param>
    /// <param name="progress">A line that shows what goes on.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<OpenWorker> OpenAsync(
        Surroundings surroundings, WorkerFiles files, WorkerChoices choices, Action<WorkerEvent> tell, IProgress<string> progress, CancellationToken cancellationToken)
    {
        var later = new List<IAsyncDisposable>();
        try
        {
            var keys = Keep(later, WorkerKeys.Open(files.Keys, choices.Worker.AgentId));
            // The sandbox is tested by processes of its own while the model is read.
            progress.Report("testing the sandbox, opening and proving the model");
            var options = ExecutorParts.Options(surroundings, files.Directories);
            var executor = CodeExecutor.Create(options);
            later.Add(executor);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var proving = WorkerSandbox.ProveAsync(executor, either.Token);
            var models = await WithAsync(proving, HubModels.OpenAsync(surroundings, progress, cancellationToken), either);
            later.Add(models);
            var sandbox = await proving;

            var power = Keep(later, new PowerSampler(PowerSources.OfThisMachine(surroundings.Time), choices.Power, surroundings.Time));
            var http = Keep(later, new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }));
            var worker = new OpenWorker
            {
                Notice = models.Notice,
                Parts = new()
                {
                    Settings = choices.Worker,
                    Keys = keys,
                    State = new(files.State),
                    Outbox = new(files.Outbox, surroundings.Time),
                    FindAsync = Search(surroundings, choices, http, tell).FindAsync,
                    Connect = (found, key) => new CoordinatorClient(found, choices.Worker.AgentId, key, choices.Coordinators, surroundings.Time),
                    Models = models,
                    Sandbox = sandbox,
                    Power = power,
                    Work = new SubtaskWork(new()
                    {
                        Directory = files.Work,
                        ConfigDirectory = files.Directories.Config,
                        Executor = executor,
                        Projects = new ProjectSandbox(options),
                        Sandbox = sandbox,
                        Models = models,
                        Time = surroundings.Time,
                    }),
                    BackOff = BackOff.Seeded(RandomNumberGenerator.GetInt32(int.MaxValue)),
                    Time = surroundings.Time,
                    Tell = tell,
                },
            };
            worker._later.AddRange(later);
            return worker;
        }
        catch
        {
            await CloseAsync(later);
            throw;
        }
    }

    /// <summary>Discovery as these settings want it.</summary>
    public static CoordinatorSearch Search(Surroundings surroundings, WorkerChoices choices, HttpClient http, Action<WorkerEvent> tell) =>
        new(choices.Coordinators, http, new(choices.Coordinators.CacheFile, surroundings.Time), new Random(RandomNumberGenerator.GetInt32(int.MaxValue)), surroundings.Time)
        {
            Notice = text => tell(new() { Type = WorkerEventTypes.Notice, AtMs = surroundings.Time.GetUtcNow().ToUnixTimeMilliseconds(), Message = text }),
        };

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => CloseAsync(_later);

    private static async ValueTask CloseAsync(List<IAsyncDisposable> later)
    {
        for (var i = later.Count - 1; i >= 0; i--)
        {
            await later[i].DisposeAsync();
        }
    }

    // A model that does not open ends the test too, before what it runs in is closed.
    private static async Task<HubModels> WithAsync(Task proving, Task<HubModels> opening, CancellationTokenSource both)
    {
        try
        {
            return await opening;
        }
        catch
        {
            await both.CancelAsync();
            await proving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private static T Keep<T>(List<IAsyncDisposable> later, T one)
        where T : IDisposable
    {
        later.Add(new Closing(one));
        return one;
    }

    private sealed class Closing(IDisposable one) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            one.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
