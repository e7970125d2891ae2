using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Hosting.Callers;

/// <summary>Who may call a route. A route without one is a fault that a test finds.</summary>
/// <param name="Kinds">Any of these.</param>
/// <param name="Scope">Scope that an operator's token needs.</param>
/// <param name="Both">Whether a mesh token and an operator's credential are needed together (S+O).</param>
public sealed record CallerRule(CallerKinds Kinds, string? Scope = null, bool Both = false);

/// <summary>Rules of routes and the caller of a request.</summary>
public static class CallerRules
{
    /// <summary>Says who may call the routes; the check itself runs before the body is read as JSON.</summary>
    public static TBuilder AllowCallers<TBuilder>(this TBuilder builder, CallerKinds kinds, string? scope = null, bool both = false)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new CallerRule(kinds, scope, both));

    /// <summary>The caller that the credential check found. Throws where the route's rule was not enforced, which is a fault of the composition.</summary>
    public static Caller Caller(this HttpContext context) => context.Features.Get<Caller>() ?? throw new InvalidOperationException("The callers of this route were not checked.");

    /// <summary>The bytes of the body as received, read once and kept: what signatures and digests cover.</summary>
    public static ReadOnlyMemory<byte> ReceivedBody(this HttpContext context) => context.Features.Get<ReceivedBody>()?.Bytes ?? throw new InvalidOperationException("The body of this route was not received.");
}

/// <summary>The body as received.</summary>
/// <param name="Bytes">All of it.</param>
public sealed record ReceivedBody(ReadOnlyMemory<byte> Bytes);

/// <summary>The code with which a route refuses callers without its credential, where its specification names one; the usual code is then the reason.</summary>
/// <param name="Code">Stable code.</param>
public sealed record UnauthorizedCode(string Code);
