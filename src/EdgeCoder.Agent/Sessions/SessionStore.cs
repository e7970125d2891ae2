using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Sessions;

/// <summary>The sessions of one data directory: a folder each, <c>sessions/&lt;id&gt;/</c>, open to its owner alone.</summary>
/// <param name="dataDirectory">EdgeCoder's data directory; created when it is not there.</param>
public sealed class SessionStore(string dataDirectory)
{
    private const string JournalFile = "journal.jsonl";
    private const string EventsFile = "events.jsonl";
    private const string LockFile = "lock";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _root = Path.Combine(dataDirectory, "sessions");

    /// <summary>All sessions, the newest first. One that cannot be read is listed as damaged.</summary>
    public IReadOnlyList<SessionSummary> List() =>
        Directory.Exists(_root)
            ? [.. Directory.EnumerateDirectories(_root).Select(d => Path.GetFileName(d)!).Where(IsId).Select(Summarise).OfType<SessionSummary>().OrderByDescending(s => s.AtMs)]
            : [];

    /// <summary>Deletes a session. Throws <see cref="SessionStoreException"/> when it is not there or somebody works on it.</summary>
    public void Delete(string sessionId)
    {
        var folder = Folder(sessionId);
        using (Lock(folder, sessionId))
        {
            // The journal goes first: without it the rest is no session, whenever this is cut off.
            File.Delete(Path.Combine(folder, JournalFile));
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>The stored events of a session with a position after <paramref name="seq"/>.</summary>
    public IReadOnlyList<SessionEvent> EventsAfter(string sessionId, long seq)
    {
        var path = Path.Combine(Folder(sessionId), EventsFile);
        return File.Exists(path) ? [.. LineFile<EventLine>.Read(path, JournalJson.Default).Select(l => l.Event!).Where(e => e.Seq > seq)] : [];
    }

    /// <summary>Begins a session.</summary>
    internal SessionJournal Create(BeginRecord begin)
    {
        var folder = Path.Combine(_root, begin.SessionId);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, OwnerOnly);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw SessionStoreException.ForWrite(folder, fault);
        }

        var journal = Open(folder, begin.SessionId, begin);
        return journal;
    }

    /// <summary>Opens a session to go on with it.</summary>
    internal SessionJournal Open(string sessionId) => Open(Folder(sessionId), sessionId, begin: null);

    private static SessionJournal Open(string folder, string sessionId, BeginRecord? begin)
    {
        var held = Lock(folder, sessionId);
        LineFile<JournalLine>? records = null;
        LineFile<EventLine>? events = null;
        try
        {
            records = LineFile<JournalLine>.Open(Path.Combine(folder, JournalFile), JournalJson.Default, out var existing);
            events = LineFile<EventLine>.Open(Path.Combine(folder, EventsFile), JournalJson.Default, out var stored);
            if (begin is not null && existing.Count == 0)
            {
                var line = JournalLine.Of(begin);
                records.Append(line, durable: true);
                existing = [line];
            }

            return existing.FirstOrDefault()?.Begin is { } first
                ? new SessionJournal(first, existing.Skip(1).Select(l => l.Record!), records, events, [.. stored.Select(l => l.Event!)], held)
                : throw new SessionStoreException("session_damaged", $"Session {sessionId} was never begun.", "Delete it and start the request again.");
        }
        catch
        {
            events?.Dispose();
            records?.Dispose();
            held.Dispose();
            throw;
        }
    }

    private static FileStream Lock(string folder, string sessionId)
    {
        var path = Path.Combine(folder, LockFile);
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            return new FileStream(path, options);
        }
        catch (IOException fault) when (File.Exists(path) && fault is not FileNotFoundException)
        {
            throw new SessionStoreException("session_in_use", $"Another process works on session {sessionId}.", "Wait until it is done, or stop it.", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw SessionStoreException.ForWrite(path, fault);
        }
    }

    private SessionSummary? Summarise(string sessionId)
    {
        var path = Path.Combine(_root, sessionId, JournalFile);
        try
        {
            var records = LineFile<JournalLine>.Read(path, JournalJson.Default);
            if (records.FirstOrDefault()?.Begin is not { } begin)
            {
                return Damaged(sessionId);
            }

            // What a review does after an end leaves it an end.
            var end = records.LastOrDefault(l => l.Review is null)?.End;
            return new SessionSummary
            {
                SessionId = sessionId,
                AtMs = begin.AtMs,
                Request = begin.Task?.Request ?? records.Select(l => l.Prompt?.Text).FirstOrDefault(t => t is not null) ?? "",
                Root = begin.Repository?.Root,
                ModelId = begin.Model.Id,
                Outcome = end?.Events.LastOrDefault()?.Done?.Outcome,
                Resumable = end?.Resumable ?? true,
            };
        }
        catch (SessionStoreException)
        {
            return Damaged(sessionId);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            // Being deleted right now.
            return null;
        }
    }

    private static SessionSummary Damaged(string sessionId) => new() { SessionId = sessionId, AtMs = 0, Request = "", Resumable = false, Damaged = true };

    private string Folder(string sessionId)
    {
        var folder = Path.Combine(_root, sessionId);
        return IsId(sessionId) && Directory.Exists(folder)
            ? folder
            : throw new SessionStoreException("session_not_found", $"There is no session {sessionId}.", "List the sessions with `edgecoder sessions`.");
    }

    /// <summary>Ids become folder names: nothing but a UUID in its usual form is one.</summary>
    private static bool IsId(string text) => Guid.TryParseExact(text, "D", out _);
}
