using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Commands;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Repositories;

/// <summary>A model, and a session with it, shown to whoever asked for it.</summary>
internal sealed class OpenedSession : IAsyncDisposable
{
    private readonly Surroundings _surroundings;
    private readonly RepositoryOrder _order;
    private readonly RepositoryWork _work;
    private readonly OpenModel _model;
    private readonly LivePanel _panel;
    private readonly ISessionView _view;
    private readonly IApprover _approver;
    private readonly TerminalApprover? _asks;
    private ApprovalMode _mode;

    private OpenedSession(Surroundings surroundings, RepositoryOrder order, RepositoryWork work, OpenModel model, LivePanel panel)
    {
        (_surroundings, _order, _work, _model, _panel, _mode) = (surroundings, order, work, model, panel, order.Task.Mode);
        _view = order.Json ? new JsonSessionView(surroundings.Output) : new RepositorySessionView(surroundings.Console, panel);
        _asks = surroundings.Person.IsThere && !order.Json ? new(surroundings.Person, surroundings.Console, panel, surroundings.Time) : null;
        IApprover somebody = _asks is null ? new UnattendedApprover() : _asks;
        _approver = order.ApproveTests ? new TestsAllowed(somebody) : somebody;
    }

    /// <summary>The session; null until the first prompt of a new one.</summary>
    public IRepositorySession? Session { get; private set; }

    /// <summary>What needs no question; for a session that is not begun yet, from its beginning.</summary>
    public ApprovalMode Mode
    {
        get => Session?.Mode ?? _mode;
        set
        {
            _mode = value;
            if (Session is { } session)
            {
                session.Mode = value;
            }
        }
    }

    /// <summary>What a person should know of the model; null when there is nothing.</summary>
    public string? Note => _model.Note;

    /// <summary>Says at once that something goes on, sees to the trust of the root, opens the model. A session to resume is opened too.</summary>
    public static async Task<OpenedSession> OpenAsync(Surroundings surroundings, RepositoryOrder order, CancellationToken cancellationToken)
    {
        // The first event comes before anything that takes time.
        TellProgram(surroundings, order, "opening the model");
        var panel = surroundings.Panel(order.Json);
        var work = surroundings.Repositories(surroundings);
        OpenModel? model = null;
        try
        {
            await RootTrust.RequireAsync(surroundings, work.Trust, order, cancellationToken);
            panel.Show("opening the model");
            model = await work.OpenModelAsync(order.Model, order.Task.DataClass, new Progress<string>(panel.Show), cancellationToken);
            var opened = new OpenedSession(surroundings, order, work, model, panel);
            if (order.Resume is { } resume)
            {
                opened.Session = await work.Agent.ResumeAsync(resume, model.Model, opened._approver, cancellationToken);
                opened.ShowStored();
                opened.ShowNotices();
            }

            panel.Clear();
            return opened;
        }
        catch
        {
            if (model is not null)
            {
                await model.DisposeAsync();
            }

            await work.DisposeAsync();
            panel.Dispose();
            throw;
        }
    }

    /// <summary>Works on a prompt, or goes on with the one that was cut off when there is no text, and shows it.</summary>
    public async Task<AgentExecution> PromptAsync(string? text, CancellationToken cancellationToken)
    {
        if (Session is null)
        {
            _panel.Show("preparing the worktree");
            Session = await _work.Agent.BeginAsync(_order.Task with { Mode = _mode }, _model.Model, _approver, cancellationToken);
            ShowNotices();
        }

        AgentExecution? execution = null;
        await foreach (var sessionEvent in text is null ? Session.ContinueAsync(cancellationToken) : Session.PromptAsync(text, cancellationToken))
        {
            _view.Show(sessionEvent);
            execution = (sessionEvent as DoneEvent)?.Execution ?? execution;
        }

        _panel.Clear();
        return execution ?? throw new InvalidOperationException("the session ended without its last event");
    }

    /// <summary>Shows one more event: a person's word that was carried out.</summary>
    public void Show(SessionEvent sessionEvent) => _view.Show(sessionEvent);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _panel.Dispose();
        if (Session is not null)
        {
            await Session.DisposeAsync();
        }

        _asks?.Dispose();
        await _model.DisposeAsync();
        await _work.DisposeAsync();
    }

    // What was left out of the session's tools; never on standard output, which is for the events.
    private void ShowNotices()
    {
        foreach (var notice in Session!.Notices)
        {
            _panel.Pause();
            _surroundings.Error.WriteLine("edgecoder: " + SafeText.ForTerminal(notice));
            _panel.Resume();
        }
    }

    private static void TellProgram(Surroundings surroundings, RepositoryOrder order, string message)
    {
        if (order.Json)
        {
            new JsonSessionView(surroundings.Output).Show(new StatusEvent
            {
                AtMs = surroundings.Time.GetUtcNow().ToUnixTimeMilliseconds(),
                SessionId = order.Resume ?? "",
                State = SessionState.WaitingModel,
                Message = message,
            });
        }
    }

    // A program gets the whole stream with the numbers it had; a person is reminded and told where the rest is.
    private void ShowStored()
    {
        foreach (var stored in _order.Json ? Session!.StoredEvents : [])
        {
            _view.Show(stored);
        }

        if (!_order.Json && Session!.StoredEvents.OfType<PromptEvent>().LastOrDefault() is { } prompt)
        {
            _panel.Pause();
            _surroundings.Console.MarkupLineInterpolated($"[dim]Going on with:[/] {SafeText.ForTerminal(prompt.Content).ReplaceLineEndings(" ")}");
            _surroundings.Console.MarkupLineInterpolated($"[dim]What came before: edgecoder sessions replay {Session.Id}[/]");
            _panel.Resume();
        }
    }
}
