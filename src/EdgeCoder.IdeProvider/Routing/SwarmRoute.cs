using System.Runtime.CompilerServices;
using System.Text.Json;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.Bodies;
using EdgeCoder.IdeProvider.Egress;
using EdgeCoder.IdeProvider.Relaying;
using EdgeCoder.IdeProvider.Swarm;
using EdgeCoder.Protocol.Tasks;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.IdeProvider.Routing;

/// <summary>Workers of the coordinator that the operator named (agent-executor-models 6.5). It is no part of the graph that serves <c>local</c> work.</summary>
internal sealed class SwarmRoute(SwarmClient client, ReleasedPayload.Gate gate, TimeProvider time)
{
    /// <summary>How long a chat is waited for.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    // An answer may be as long as a short one is expected to be, whatever small limit a client names: a worker gives up what does not fit, and keeps nothing.
    private const int LeastAnswerTokens = 1_024;

    private readonly SwarmCalls _calls = new(client, time);

    /// <summary>Whether a coordinator is named and there are credentials for it.</summary>
    public bool IsConfigured => client.NotConfigured is null;

    /// <summary>Whether anybody has asked the coordinator yet.</summary>
    public bool WasAsked => client.WasAsked;

    /// <summary>
    /// Why a caller cannot use it, for lists and states. The coordinator is asked for callers alone whose work may go there: what others look at sends nothing
    /// off the machine.
    /// </summary>
    public ValueTask<string?> SeenByAsync(IdeCaller caller, CancellationToken cancellationToken) =>
        caller.MaxDataClass == DataClass.Local ? new(client.KnownFault) : client.WhyNotAsync(cancellationToken);

    /// <summary>Why no task can be given now; null when the coordinator answers.</summary>
    public ValueTask<string?> WhyNotAsync(CancellationToken cancellationToken) => client.WhyNotAsync(cancellationToken);

    /// <summary>
    /// Why a call may not or cannot go to the swarm, in this order: its class, its key, what it asks for, the coordinator. Null when it can. For the class
    /// <c>local</c> nothing is asked of anybody.
    /// </summary>
    public async ValueTask<Refusal?> WhyNotAsync(IdeCaller caller, CallBody body, DataClass dataClass, CancellationToken cancellationToken)
    {
        if (dataClass == DataClass.Local)
        {
            return new(403, "data_class_denied", "This request is of the class local, which never leaves this machine. Name the class team or mesh with a key that allows it, or use edgecoder-local.");
        }

        if (!caller.Allows(RouteNames.Swarm))
        {
            return new(403, "model_denied", $"The key {caller.Key?.Name} may not use {RouteNames.Swarm}.");
        }

        return SwarmPrompt.WhyNot(body)
            ?? (await client.WhyNotAsync(cancellationToken).ConfigureAwait(false) is { } reason ? new Refusal(503, "swarm_unavailable", reason) { RetryAfter = 5 } : null);
    }

    /// <summary>Serves a chat; gives the tokens that were used. Throws <see cref="Refusal"/> while nothing has been sent.</summary>
    public async Task<long> ServeAsync(HttpContext context, IdeCaller caller, CallBody body, DataClass dataClass, long began)
    {
        var asked = AskAsync(context, caller, body, dataClass, began);
        if (body.Stream)
        {
            try
            {
                return (await SwarmStream.PiecesAsync(context, asked, body.IncludeUsage, time).ConfigureAwait(false))?.Tokens ?? 0;
            }
            finally
            {
                await ((Task)asked).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        var chat = await asked.ConfigureAwait(false);
        await SwarmStream.WholeAsync(context, chat).ConfigureAwait(false);
        return chat.Tokens;
    }

    /// <summary>Serves a chat as its pieces; without a piece where the client should be told that it still waits. <paramref name="used"/> is told the tokens.</summary>
    public async IAsyncEnumerable<(JsonElement? Piece, IChatSource Source)> PiecesAsync(
        HttpContext context, IdeCaller caller, CallBody body, DataClass dataClass, long began, Action<long> used, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var asked = AskAsync(context, caller, body, dataClass, began);
        try
        {
            var waiting = new SwarmWaiting(dataClass);
            while (!await SwarmStream.EndsWithinAsync(asked, SwarmStream.CommentPace, time).ConfigureAwait(false))
            {
                yield return (null, waiting);
            }

            var chat = await asked.ConfigureAwait(false);
            used(chat.Tokens);
            foreach (var piece in chat.Pieces(withUsage: false))
            {
                yield return (JsonElement.Parse(piece), chat);
            }
        }
        finally
        {
            await ((Task)asked).WaitAsync(CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Gives code to be written, run and verified; waits for its end, or until a person has it.</summary>
    public Task<SwarmAnswer> RunAsync(Func<int, SwarmRequest> request, DataClass dataClass, TimeSpan deadline, CancellationToken cancellationToken) =>
        _calls.RunAsync(number => gate.Release(request(number), dataClass), deadline, cancellationToken);

    private async Task<SwarmChat> AskAsync(HttpContext context, IdeCaller caller, CallBody body, DataClass dataClass, long began)
    {
        var prompt = SwarmPrompt.Read(body);
        var ids = SwarmTaskId.Of(context.Request, caller);
        var answer = await RunAsync(
            number => new()
            {
                Id = ids(number),
                Prompt = prompt.Text,
                Kind = SubtaskKind.SingleStep,
                MaxTokens = prompt.MaxTokens is { } most ? (2 * SwarmPrompt.Tokens(prompt.Text)) + Math.Max(LeastAnswerTokens, most) : null,
            },
            dataClass,
            Deadline,
            context.RequestAborted).ConfigureAwait(false);
        return new(prompt, answer, dataClass, time.GetUtcNow(), time.GetElapsedTime(began));
    }
}
