using System.Text.Json;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.Terminal;

namespace EdgeCoder.Commands;

/// <summary>The one place where a fault becomes a message and an exit code.</summary>
internal static class Guard
{
    /// <summary>Runs a command's action. Whatever it throws is shown once, as JSON when <paramref name="json"/>, and never as a stack trace.</summary>
    public static Task<int> RunAsync(Surroundings surroundings, bool json, Func<CancellationToken, Task<ExitCode>> action, CancellationToken cancellationToken) =>
        RunAsync(surroundings, json, async cancellation => (int)await action(cancellation), cancellationToken);

    /// <summary>The same for a command whose exit code may be that of a program.</summary>
    public static async Task<int> RunAsync(Surroundings surroundings, bool json, Func<CancellationToken, Task<int>> action, CancellationToken cancellationToken)
    {
        try
        {
            return await action(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Report(surroundings, json, "cancelled", "Cancelled.", null);
            return (int)ExitCode.Cancelled;
        }
        catch (UsageException fault)
        {
            Report(surroundings, json, fault.Code, fault.Message, fault.Hint);
            return (int)fault.Exit;
        }
        catch (Coordination.CoordinatorException fault)
        {
            Report(surroundings, json, fault.Code, fault.Message, fault.Hint);
            return (int)fault.Exit;
        }
        catch (ModelException fault)
        {
            Report(surroundings, json, fault.Code, fault.Message, fault.Hint);
            return (int)(fault.Code == "data_class_denied" ? ExitCode.Refused : ExitCode.Failed);
        }
        catch (SessionStoreException fault)
        {
            Report(surroundings, json, fault.Code, fault.Message, fault.Hint);
            return (int)(fault.Code == "data_class_denied" ? ExitCode.Refused : ExitCode.Failed);
        }
        catch (RepositoryException fault)
        {
            Report(surroundings, json, fault.Code, fault.Message, fault.Hint);
            return (int)Code(fault.Code);
        }
        catch (IOException fault) when (IsDiskFull(fault))
        {
            Report(surroundings, json, "disk_full", $"The disk is full: {fault.Message}", "Free some space, or set EDGECODER_DATA_DIR to another disk.");
            return (int)ExitCode.Failed;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Report(surroundings, json, "file_fault", fault.Message, null);
            return (int)ExitCode.Failed;
        }
    }

    /// <summary>What policy forbids is refused; what is wrong with the named place is the command line's fault; the rest failed.</summary>
    internal static ExitCode Code(string code) => code switch
    {
        "root_not_trusted" or "data_class_denied" or "denied_file" => ExitCode.Refused,
        _ when code.StartsWith("policy_", StringComparison.Ordinal) => ExitCode.Refused,
        "bare_repository" or "not_a_directory" => ExitCode.Usage,
        _ when code.StartsWith("root_", StringComparison.Ordinal) => ExitCode.Usage,
        _ => ExitCode.Failed,
    };

    /// <summary>Shows a fault that happened outside of a session.</summary>
    public static void Report(Surroundings surroundings, bool json, string code, string message, string? hint)
    {
        if (json)
        {
            var fault = new ErrorEvent { AtMs = surroundings.Time.GetUtcNow().ToUnixTimeMilliseconds(), Code = code, Message = message, Hint = hint };
            surroundings.Output.WriteLine(JsonSerializer.Serialize(fault, ProtocolJson.Default.SessionEvent));
            surroundings.Output.Flush();
            return;
        }

        surroundings.Error.WriteLine("edgecoder: " + SafeText.ForTerminal(message));
        if (hint is not null)
        {
            surroundings.Error.WriteLine(SafeText.ForTerminal(hint));
        }
    }

    // ENOSPC and EDQUOT on Unix, ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL on Windows.
    private static bool IsDiskFull(IOException fault) => fault.HResult is 28 or 122 or unchecked((int)0x80070070) or unchecked((int)0x80070027);
}
