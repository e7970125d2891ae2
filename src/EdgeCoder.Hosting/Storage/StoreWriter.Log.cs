using Microsoft.Extensions.Logging;

namespace EdgeCoder.Hosting.Storage;

internal sealed partial class StoreWriter
{
    [LoggerMessage(1, LogLevel.Error, "A batch of {Operations} operations was not committed")]
    private partial void LogBatchFailed(Exception fault, int operations);

    [LoggerMessage(2, LogLevel.Warning, "The store's connection was lost; the batch runs again")]
    private partial void LogConnectionLost(Exception fault);

    [LoggerMessage(3, LogLevel.Debug, "A batch of {Operations} operations met another writer and runs again, alone")]
    private partial void LogConflict(int operations);
}
