using EdgeCoder.Agent.Repositories;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.Composition;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.IdeProvider.Agentic;

/// <summary>Begins and resumes sessions for callers of this endpoint (agent-executor-models 6.6).</summary>
internal sealed class AgentWork(OfferedWork offered, AgentSessions sessions, AgentModels models)
{
    /// <summary>
    /// Opens what a body asks for: 1. the body; 2. the root or the session, and its class; 3. the model; 4. the session, whose work then goes on by itself.
    /// Throws <see cref="Refusal"/> when it cannot begin; nothing is left of it then.
    /// </summary>
    /// <returns>The turn, and its work, which never throws.</returns>
    public async Task<(AgentTurn Turn, Task Work)> BeginAsync(IdeCaller caller, AgentChatBody body, CancellationToken cancellationToken)
    {
        // 1.
        var request = AgentRequest.Read(body);
        return body.SessionId is { } id
            ? await ResumeAsync(caller, body, request, id, cancellationToken).ConfigureAwait(false)
            : await StartAsync(caller, body, request, cancellationToken).ConfigureAwait(false);
    }

    private async Task<(AgentTurn Turn, Task Work)> StartAsync(IdeCaller caller, AgentChatBody body, AgentRequest request, CancellationToken cancellationToken)
    {
        // 2. The narrowest of request and key; the project's policy and the files that are read narrow it further.
        var work = offered.Required.Repositories;
        var named = body.ProjectRoot ?? sessions.RootOf(caller)
            ?? throw new Refusal(400, "No project root set", "No project root set. Send projectRoot, or set it with POST /v1/ide/project.");
        var root = ProjectRoots.Resolve(work.Agent, named);
        var dataClass = DataClasses.Narrower(request.DataClass, caller.MaxDataClass);
        var id = Guid.NewGuid().ToString("D");
        sessions.Own(id, new(caller.Key!.Id, dataClass.Word()));
        try
        {
            return await OpenAsync(
                caller,
                id,
                () => models.OpenAsync(caller, body.Model, null, dataClass, RepositoryAgent.LeastWindow, cancellationToken),
                (model, approver) => work.Agent.BeginAsync(
                    new() { Root = root, SessionId = id, DataClass = dataClass.Word(), Mode = request.Mode }, model.Model, approver, cancellationToken),
                (session, stop) => session.PromptAsync(request.WithHistory, stop)).ConfigureAwait(false);
        }
        catch
        {
            sessions.Disown(id);
            throw;
        }
    }

    private async Task<(AgentTurn Turn, Task Work)> ResumeAsync(IdeCaller caller, AgentChatBody body, AgentRequest request, string id, CancellationToken cancellationToken)
    {
        // 2. A session keeps its root and its class: neither widens, and what was read under a wider class cannot be narrowed after the fact.
        var owner = sessions.Require(caller, id);
        var work = offered.Required.Repositories;
        var kept = DataClasses.Parse(owner.DataClass) ?? DataClass.Local;
        if (caller.MaxDataClass < kept || (body.DataClass is not null && request.DataClass < kept))
        {
            throw new Refusal(409, "session_class_wider", $"This session was opened with the class {owner.DataClass}, which is wider than what is asked or allowed now. Start a new session.");
        }

        var summary = work.Sessions.List().FirstOrDefault(session => session.SessionId == id) ?? throw AgentSessions.NotFound();
        if (body.ProjectRoot is { } named && ProjectRoots.Resolve(work.Agent, named) != summary.Root)
        {
            throw new Refusal(409, "root_changed", $"This session works in {summary.Root}. Start a new session for another directory.");
        }

        return await OpenAsync(
            caller,
            id,
            () => models.OpenAsync(caller, body.Model ?? summary.ModelId, null, kept, RepositoryAgent.LeastWindow, cancellationToken),
            async (model, approver) =>
            {
                var session = await work.Agent.ResumeAsync(id, model.Model, approver, cancellationToken).ConfigureAwait(false);
                if (request.ModeIsNamed)
                {
                    session.Mode = request.Mode;
                }

                return session;
            },
            (session, stop) => session.HasOpenPrompt && IsSame(session, request) ? session.ContinueAsync(stop) : session.PromptAsync(request.Text, stop)).ConfigureAwait(false);
    }

    // 3. and 4.
    private async Task<(AgentTurn Turn, Task Work)> OpenAsync(
        IdeCaller caller,
        string id,
        Func<Task<OpenModel>> openModel,
        Func<OpenModel, EdgeCoder.Agent.Approvals.IApprover, Task<IRepositorySession>> openSession,
        Func<IRepositorySession, CancellationToken, IAsyncEnumerable<SessionEvent>> work)
    {
        var turn = sessions.Enter(id, caller);
        OpenModel? model = null;
        try
        {
            model = await openModel().ConfigureAwait(false);
            var session = await openSession(model, turn.Approvals).ConfigureAwait(false);
            return (turn, Task.Run(() => turn.WorkAsync(session, model, work, () => sessions.Leave(turn)), CancellationToken.None));
        }
        catch (Exception fault)
        {
            sessions.Leave(turn);
            turn.Abandon();
            turn.Dispose();
            if (model is not null)
            {
                await model.DisposeAsync().ConfigureAwait(false);
            }

            if (WorkFaults.Refusal(fault) is { } refusal && refusal != fault)
            {
                throw refusal;
            }

            throw;
        }
    }

    // The request that was cut off, sent again, goes on where it was; another one takes its place.
    private static bool IsSame(IRepositorySession session, AgentRequest request) =>
        session.StoredEvents.OfType<PromptEvent>().LastOrDefault() is { } prompt && (prompt.Content == request.Text || prompt.Content == request.WithHistory);
}
