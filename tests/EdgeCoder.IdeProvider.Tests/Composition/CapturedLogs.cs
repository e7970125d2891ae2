using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.IdeProvider.Tests.Composition;

/// <summary>What an operator reads of a running endpoint, from now on, but for the web server's remark that the machine is busy.</summary>
internal sealed class CapturedLogs : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();

    /// <summary>Every entry that was written, with its level and its exception.</summary>
    public IReadOnlyList<string> Lines => [.. _lines];

    /// <summary>Listens to an endpoint.</summary>
    public static CapturedLogs Of(RunningEndpoint endpoint)
    {
        var logs = new CapturedLogs();
        endpoint.Role.Services.GetRequiredService<ILoggerFactory>().AddProvider(logs);
        return logs;
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, _lines);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class Logger(string category, ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            // That this machine is too busy for the web server's own clock is nothing that a request did.
            if (eventId.Name != "HeartbeatSlow")
            {
                lines.Enqueue($"{logLevel} {category}: {formatter(state, exception)} {exception}");
            }
        }
    }
}
